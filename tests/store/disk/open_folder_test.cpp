// SPDX-License-Identifier: Apache-2.0
#include "store/disk/open_folder.h"

#include <fstream>

#include "tests/support/catch.h"
#include "tests/support/images.h"

namespace hallmark::test {

TEST_CASE("an open folder tells what lies in it as a path does", "[store]") {
  const TemporaryFolder place;
  const store::Path folder = place.path() / "folder";
  store::OpenFolder open(folder);
  CHECK_FALSE(open.status_of("deep/file"));

  std::filesystem::create_directories(folder / "deep");
  CHECK_FALSE(open.status_of("deep/file"));
  std::ofstream(folder / "deep/file") << "four";
  std::filesystem::create_symlink("file", folder / "deep/link");
  store::OpenFolder moved = std::move(open);
  for (const char* name : {"deep", "deep/file", "deep/link"}) {
    CAPTURE(name);
    const auto found = moved.status_of(name);
    const auto expected = store::status_of(folder / name);
    REQUIRE(found);
    REQUIRE(expected);
    CHECK(found->is_regular == expected->is_regular);
    CHECK(found->is_private == expected->is_private);
    CHECK(found->size == expected->size);
    CHECK(found->inode == expected->inode);
    CHECK(found->changed == expected->changed);
  }
  CHECK_FALSE(moved.status_of("deep/link")->is_regular);

  // It is that folder, and not what has its name later.
  const auto before = moved.status_of("deep/file");
  std::filesystem::rename(folder, place.path() / "away");
  std::filesystem::create_directories(folder / "deep");
  std::ofstream(folder / "deep/file") << "other";
  CHECK(moved.status_of("deep/file")->inode == before->inode);
  // Where it has no answer the path is asked.
  CHECK_FALSE(moved.status_of("deep/file/below"));
  REQUIRE_FAULT(moved.status_of(std::string(300, 'x')), Fault::local);
}

}  // namespace hallmark::test

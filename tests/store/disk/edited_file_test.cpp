// SPDX-License-Identifier: Apache-2.0
#include "store/disk/edited_file.h"

#include <sys/xattr.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "tests/support/catch.h"

using namespace hallmark;
namespace fs = std::filesystem;

namespace {

class EditedFolder {
 public:
  EditedFolder() : path_(fs::temp_directory_path() / ("hallmark-edited-" + std::to_string(::getpid()))) {
    fs::remove_all(path_);
    fs::create_directory(path_);
  }
  ~EditedFolder() { fs::remove_all(path_); }
  EditedFolder(const EditedFolder&) = delete;
  EditedFolder& operator=(const EditedFolder&) = delete;

  fs::path file(const std::string& text) const {
    std::ofstream(path_ / "file") << text;
    return path_ / "file";
  }
  std::string text() const {
    std::ostringstream text;
    text << std::ifstream(path_ / "file").rdbuf();
    return text.str();
  }
  std::size_t count() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(path_), fs::directory_iterator()));
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

}  // namespace

TEST_CASE("a new text takes the file's place, with its mode", "[cmd]") {
  const EditedFolder folder;
  const fs::path path = folder.file("old");
  fs::permissions(path, fs::perms::owner_all | fs::perms::group_read);
  const store::EditedFile file(path, 100);
  REQUIRE(file.text() == "old");
  file.replace("new");
  REQUIRE(folder.text() == "new");
  REQUIRE(fs::status(path).permissions() == (fs::perms::owner_all | fs::perms::group_read));
  REQUIRE(folder.count() == 1);
}

TEST_CASE("what somebody wrote meanwhile is not written over", "[cmd]") {
  const EditedFolder folder;
  const store::EditedFile file(folder.file("old"), 100);
  folder.file("his");
  REQUIRE_FAULT(file.replace("new"), Fault::local);
  REQUIRE(folder.text() == "his");
  const store::EditedFile other(folder.file("old"), 100);
  fs::rename(folder.path() / "file", folder.path() / "moved");
  folder.file("old");
  REQUIRE_FAULT(other.replace("new"), Fault::local);
  REQUIRE(folder.text() == "old");
  REQUIRE(folder.count() == 2);
}

TEST_CASE("a link that leads elsewhere meanwhile is noticed", "[cmd]") {
  const EditedFolder folder;
  folder.file("old");
  std::ofstream(folder.path() / "second") << "old";
  fs::create_symlink("file", folder.path() / "link");
  const store::EditedFile file(folder.path() / "link", 100);
  fs::remove(folder.path() / "link");
  fs::create_symlink("second", folder.path() / "link");
  REQUIRE_FAULT(file.replace("new"), Fault::local);
  REQUIRE(folder.text() == "old");
}

TEST_CASE("only files of a bearable size are edited", "[cmd]") {
  const EditedFolder folder;
  REQUIRE_FAULT(store::EditedFile(folder.file("12345"), 4), Fault::usage);
  REQUIRE_FAULT(store::EditedFile(folder.path(), 4), Fault::local);
  REQUIRE_FAULT(store::EditedFile(folder.path() / "none", 4), Fault::local);
  REQUIRE_FAULT(store::EditedFile("/dev/null", 4), Fault::local);
}

TEST_CASE("who may read or write it by its list stays as it was", "[store]") {
  const EditedFolder folder;
  const fs::path file = folder.file("old");
  // acl(5) as Linux keeps it: version 2; tag, permissions and id of owner, user 65534, group, mask and others.
  const std::string list(
      "\x02\0\0\0\x01\0\x06\0\xff\xff\xff\xff\x02\0\x04\0\xfe\xff\0\0\x04\0\x04\0\xff\xff\xff\xff"
      "\x10\0\x04\0\xff\xff\xff\xff\x20\0\0\0\xff\xff\xff\xff",
      44);
  // A file system without such lists has nothing to lose.
  if (::setxattr(file.c_str(), "system.posix_acl_access", list.data(), list.size(), 0) != 0) return;
  store::EditedFile(file, 100).replace("new");
  std::string found(100, '\0');
  const auto size = ::getxattr(file.c_str(), "system.posix_acl_access", found.data(), found.size());
  REQUIRE(size == 44);
  found.resize(44);
  CHECK(found == list);
}

TEST_CASE("a private file is whole, and its user's alone, whatever was there", "[store]") {
  const EditedFolder folder;
  const fs::path file = folder.file("old");
  const fs::path link = file.parent_path() / "link";
  fs::create_symlink(file, link);
  store::replace_private_file(link, "new");
  CHECK_FALSE(fs::is_symlink(link));
  CHECK(fs::status(link).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  CHECK(folder.text() == "old");
  REQUIRE_FAULT(store::replace_private_file(file.parent_path() / "none" / "file", "new"), Fault::local);
}

// SPDX-License-Identifier: Apache-2.0
#include "store/disk/owner.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/support/catch.h"
#include "trust/error.h"

using namespace hallmark;
namespace fs = std::filesystem;

namespace {

/// A folder of this test alone, with "open", which others may write, and "closed", both with a file in it.
class Folder {
 public:
  Folder() : path_(fs::canonical(make())) {
    for (const char* name : {"open", "closed"}) {
      fs::create_directory(path_ / name);
      std::ofstream(path_ / name / "file") << "text";
      ::chmod((path_ / name / "file").c_str(), 0644);
      ::chmod((path_ / name).c_str(), 0755);
    }
    ::chmod((path_ / "open").c_str(), 0777);
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  static std::string make() {
    std::string name = (fs::temp_directory_path() / "hallmark-owner.XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    return name;
  }
  fs::path path_;
};

bool is_open(const fs::path& path) { return !store::trouble_at(path).empty(); }

}  // namespace

TEST_CASE("every folder and link on the way is looked at, wherever they lead", "[store]") {
  const Folder folder;
  const fs::path& top = folder.path();
  REQUIRE_FALSE(is_open(top / "closed" / "file"));
  REQUIRE(store::trouble_at(top / "open" / "file") == (top / "open").string() + " can be written by others");
  REQUIRE(is_open(top / "closed" / ".." / "open" / "file"));
  fs::create_symlink(top / "open", top / "closed" / "way");
  fs::create_symlink("way/file", top / "closed" / "link");
  REQUIRE(is_open(top / "closed" / "link"));
  REQUIRE(store::way_to(top / "closed" / "link").real == top / "open" / "file");
  REQUIRE(is_open("/proc/self/root" / (top / "open" / "file").relative_path()));
  REQUIRE(is_open("/dev/fd/../../.." / (top / "open" / "file").relative_path()));
}

TEST_CASE("a sticky folder is as good as its names' owners", "[store]") {
  const Folder folder;
  ::chmod((folder.path() / "open").c_str(), 01777);
  REQUIRE_FALSE(is_open(folder.path() / "open" / "file"));
  ::chmod((folder.path() / "open" / "file").c_str(), 0664);
  REQUIRE(is_open(folder.path() / "open" / "file"));
}

TEST_CASE("where nothing is, it matters who could put something there", "[store]") {
  const Folder folder;
  REQUIRE_FALSE(is_open(folder.path() / "closed" / "nothing" / "here"));
  REQUIRE(is_open(folder.path() / "open" / "nothing" / "here"));
  REQUIRE_FAULT(store::way_to(folder.path() / "closed" / "nothing"), Fault::usage);
  REQUIRE_FAULT(store::require_own("it", folder.path() / "open" / "nothing"), Fault::usage);
  REQUIRE_NOTHROW(store::require_own("it", folder.path() / "closed" / "nothing"));
}

TEST_CASE("of an open descriptor the file is looked at, and a pipe is nobody else's", "[store]") {
  const Folder folder;
  const fs::path file = folder.path() / "open" / "file";
  const int number = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  REQUIRE(number >= 0);
  const std::string name = "/dev/fd/" + std::to_string(number);
  REQUIRE(store::way_to(name).is_descriptor);
  REQUIRE_FALSE(is_open(name));
  ::chmod(file.c_str(), 0646);
  REQUIRE(is_open(name));
  REQUIRE(is_open("/proc/self/fd/" + std::to_string(number)));
  ::close(number);
  REQUIRE_FAULT(store::way_to(name), Fault::usage);
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  REQUIRE_FALSE(is_open("/dev/fd/" + std::to_string(ends[0])));
  ::close(ends[0]);
  ::close(ends[1]);
  REQUIRE_FALSE(is_open("/dev/null"));
}

TEST_CASE("what a link of /proc leads to counts, not what it says", "[store]") {
  const Folder folder;
  const fs::path moved = folder.path() / "closed" / "moved";
  fs::create_directory(moved);
  std::ofstream(moved / "file") << "text";
  const int number = ::open(moved.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  REQUIRE(number >= 0);
  const fs::path way = "/proc/self/fd/" + std::to_string(number) + "/file";
  REQUIRE_FALSE(is_open(way));
  // The folder stays open, and its link says that it is gone; a name like that is another one's to take.
  fs::rename(moved, folder.path() / "open" / "moved");
  REQUIRE(is_open(way));
  fs::remove_all(folder.path() / "open" / "moved");
  fs::create_directory(folder.path() / "open" / "moved (deleted)");
  REQUIRE_FAULT(store::way_to(way.parent_path() / "."), Fault::usage);
  ::close(number);
}

TEST_CASE("of a folder each name counts, and where it leads, also nowhere", "[store]") {
  const Folder folder;
  const fs::path closed = folder.path() / "closed";
  const auto is_own = [&] {
    try {
      store::require_own_entries("it", closed);
      return true;
    } catch (const Error& error) {
      REQUIRE(error.fault() == Fault::usage);
      return false;
    }
  };
  REQUIRE(is_own());
  fs::create_symlink("nothing", closed / "link");
  REQUIRE(is_own());
  for (const char* name : {"file", "nothing"}) {
    fs::remove(closed / "link");
    fs::create_symlink(folder.path() / "open" / name, closed / "link");
    CAPTURE(name);
    REQUIRE_FALSE(is_own());
  }
  fs::remove(closed / "link");
  ::chmod((closed / "file").c_str(), 0666);
  REQUIRE_FALSE(is_own());
  REQUIRE_NOTHROW(store::require_own_entries("it", closed / "nothing"));
  REQUIRE_FAULT(store::require_own_entries("it", folder.path() / "open"), Fault::usage);
}

TEST_CASE("links in a circle lead nowhere", "[store]") {
  const Folder folder;
  fs::create_symlink("circle", folder.path() / "circle");
  REQUIRE_FAULT(store::way_to(folder.path() / "circle"), Fault::usage);
}

TEST_CASE("folders for secrets are this user's only, whatever the umask says", "[store]") {
  const Folder folder;
  const mode_t before = ::umask(0);
  store::make_private_directories(folder.path() / "a" / "b" / "c");
  ::umask(before);
  for (const char* name : {"a", "a/b", "a/b/c"}) {
    struct stat status {};
    REQUIRE(::stat((folder.path() / name).c_str(), &status) == 0);
    REQUIRE((status.st_mode & 0777U) == 0700U);
  }
  REQUIRE_NOTHROW(store::make_private_directories(folder.path() / "a" / "b" / "c" / ""));
  REQUIRE_FAULT(store::make_private_directories(folder.path() / "closed" / "file" / "x"), Fault::local);
}

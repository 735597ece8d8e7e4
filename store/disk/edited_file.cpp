// SPDX-License-Identifier: Apache-2.0
#include "store/disk/edited_file.h"

#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "store/disk/file.h"
#include "store/disk/file_descriptor.h"
#include "trust/error.h"

namespace hallmark::store {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kModeBits = 07777;
/// As Linux keeps a list of who may do what (acl(5)).
constexpr const char* kAccessList = "system.posix_acl_access";
constexpr std::size_t kMostListBytes = std::size_t{64} << 10U;

/// Empty where the file has none, or its file system knows none.
std::string access_list_of(const fs::path& path) {
  std::string list(kMostListBytes, '\0');
  const ssize_t size = ::getxattr(path.c_str(), kAccessList, list.data(), list.size());
  list.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return list;
}

std::string reason(int number) { return std::generic_category().message(number); }

/// A file beside the one that it is to replace; it goes when this goes, unless it has taken the other's place.
class Beside {
 public:
  // In the same folder, since a rename does not cross file systems. mkostemp() makes it 0600: nobody reads the new text
  // before it has the mode of the old one.
  explicit Beside(const fs::path& path)
      : folder_(path.has_parent_path() ? path.parent_path() : fs::path(".")),
        name_((folder_ / ("." + path.filename().string().substr(0, 200) + ".XXXXXX")).string()),
        file_(::mkostemp(name_.data(), O_CLOEXEC)) {
    if (file_.number() < 0) fail(Fault::local, "no file can be made beside it: ", reason(errno));
  }
  ~Beside() {
    if (!is_gone_) ::unlink(name_.c_str());
  }
  Beside(const Beside&) = delete;
  Beside& operator=(const Beside&) = delete;

  void write(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t count = ::write(file_.number(), text.data(), text.size());
      if (count < 0 && errno != EINTR) fail(Fault::local, "the new text cannot be written: ", reason(errno));
      if (count > 0) text.remove_prefix(static_cast<std::size_t>(count));
    }
  }

  /// The owner first: giving a file away takes bits of its mode.
  void become_like(const struct stat& other, const std::string& access_list) const {
    struct stat mine {};
    const bool is_known = ::fstat(file_.number(), &mine) == 0;
    const bool is_same = is_known && mine.st_uid == other.st_uid && mine.st_gid == other.st_gid;
    if (!is_same && ::fchown(file_.number(), other.st_uid, other.st_gid) != 0) {
      throw Error(Fault::local, "it belongs to somebody else, and cannot be kept so: " + reason(errno),
                  "run this as its owner");
    }
    // The list last: it has the bits of the group in it, and without it those would say something else.
    const bool is_like = ::fchmod(file_.number(), other.st_mode & kModeBits) == 0 &&
                         (access_list.empty() ||
                          ::fsetxattr(file_.number(), kAccessList, access_list.data(), access_list.size(), 0) == 0);
    if (!is_like) fail(Fault::local, "it cannot be kept for those who may read it now: ", reason(errno));
  }

  void take_place_of(const fs::path& path) {
    // A crash must not leave the name with a file whose bytes are gone.
    if (::fsync(file_.number()) != 0) fail(Fault::local, "the new text cannot be written: ", reason(errno));
    if (::rename(name_.c_str(), path.c_str()) != 0) {
      fail(Fault::local, "the new text cannot take its place: ", reason(errno));
    }
    is_gone_ = true;
    sync_directory(folder_);
  }

 private:
  fs::path folder_;
  std::string name_;
  FileDescriptor file_;
  bool is_gone_ = false;
};

bool is_same_time(const timespec& a, const timespec& b) { return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec; }

std::string read_all(int file, std::uint64_t size) {
  std::string text(static_cast<std::size_t>(size), '\0');
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t count = ::read(file, text.data() + done, text.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(Fault::local, "it cannot be read: ", reason(errno));
    // A file that was cut since its size was asked would end in zeros, and these would be written back.
    if (count == 0) fail(Fault::local, "it changed while it was read");
    done += static_cast<std::size_t>(count);
  }
  return text;
}

}  // namespace

EditedFile::EditedFile(const fs::path& path, std::uint64_t most_bytes)
    : shown_(printable(path.string(), 300)), asked_(path) {
  within(shown_, [&] {
    std::error_code error;
    // Where the links lead: a rename over the link itself would leave the real file as it was.
    path_ = fs::canonical(path, error);
    if (error) fail(Fault::local, "it cannot be opened: ", error.message());
    // Without O_NONBLOCK a pipe of that name would hang the command.
    const FileDescriptor file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.number() < 0 || ::fstat(file.number(), &status_) != 0) {
      fail(Fault::local, "it cannot be opened: ", reason(errno));
    }
    if (!S_ISREG(status_.st_mode)) fail(Fault::local, "expected a file, found a folder, a device or a pipe");
    const auto size = static_cast<std::uint64_t>(status_.st_size);
    if (size > most_bytes) fail(Fault::usage, "expected at most ", most_bytes, " bytes, found ", size);
    text_ = read_all(file.number(), size);
  });
}

void EditedFile::require_unchanged() const {
  std::error_code error;
  struct stat now {};
  // The links are followed anew, for one that was turned is a change as well. A time of writing can be set back, ctime
  // cannot.
  const bool is_same = fs::canonical(asked_, error) == path_ && ::stat(path_.c_str(), &now) == 0 &&
                       now.st_dev == status_.st_dev && now.st_ino == status_.st_ino && now.st_size == status_.st_size &&
                       is_same_time(now.st_mtim, status_.st_mtim) && is_same_time(now.st_ctim, status_.st_ctim);
  if (!is_same) throw Error(Fault::local, "somebody changed it meanwhile; nothing was written", "run this once more");
}

void EditedFile::replace(std::string_view text) const {
  within(shown_, [&] {
    Beside beside(path_);
    beside.write(text);
    beside.become_like(status_, access_list_of(path_));
    require_unchanged();
    beside.take_place_of(path_);
  });
}

void replace_private_file(const fs::path& path, std::string_view text) {
  Beside beside(path);
  beside.write(text);
  beside.take_place_of(path);
}

}  // namespace hallmark::store

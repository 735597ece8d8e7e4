// SPDX-License-Identifier: Apache-2.0
//
// Full disks, stores that cannot be written, and several processes at once.
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <set>
#include <thread>

#include "store/stream/blob_writer.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"

using namespace hallmark;
using namespace hallmark::store;
using namespace hallmark::test;

namespace {

/// A small disk of its own; absent where this user may not make one.
class SmallDisk {
 public:
  explicit SmallDisk(const std::string& options)
      : mounted_(mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, options.c_str()) == 0) {}
  ~SmallDisk() {
    if (mounted_) umount(folder_.path().c_str());
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  [[nodiscard]] bool is_there() const {
    if (!mounted_) WARN("skipped: this user may not mount a small disk");
    return mounted_;
  }
  void make_read_only() const { mount("", folder_.path().c_str(), "", MS_REMOUNT | MS_RDONLY, ""); }
  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
  bool mounted_;
};

TestImage image_of(std::size_t bytes, unsigned seed) {
  Recipe recipe;
  recipe.layers = {gzip_layer(noise(bytes, seed))};
  return make_image(recipe);
}

std::string hint_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.hint();
  }
  return {};
}

/// Runs the work in a process of its own. Returns its id.
template <class Work>
pid_t start(Work&& work) {
  const pid_t child = fork();
  if (child != 0) return child;
  int status = 1;
  try {
    work();
    status = 0;
  } catch (const std::exception&) {
    status = 1;
  }
  _exit(status);
}

bool is_running(pid_t child) {
  siginfo_t info{};
  return waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0;
}

bool succeeded(pid_t child) {
  int status = 0;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

TEST_CASE("a full disk leaves the store as it was, and there is room again", "[store]") {
  const SmallDisk disk("size=1m");
  if (!disk.is_there()) return;
  Store store(disk.path() / "store");
  bring_in(store, "a:1", image_of(300'000, 1));
  const auto before = visible(store.directory());
  const auto too_much = [&] { bring_in(store, "b:1", image_of(800'000, 2)); };
  REQUIRE_FAULT(too_much(), Fault::local);
  CHECK(message_of(too_much).find("No space left on device") != std::string::npos);
  CHECK(hint_of(too_much).find("--store") != std::string::npos);
  CHECK(visible(store.directory()) == before);
  CHECK(has_no_residue(store.directory()));
  bring_in(store, "c:1", image_of(300'000, 3));
  CHECK(store.list().size() == 2);
}

TEST_CASE("names can be removed from a full disk", "[store]") {
  const SmallDisk disk("size=1m");
  if (!disk.is_there()) return;
  Store store(disk.path() / "store");
  bring_in(store, "a:1", image_of(600'000, 1));
  // Not the last block: a new index needs one, and nothing can be promised without.
  std::size_t size = 0;
  for (Bytes filler(1 << 14); std::filesystem::space(disk.path()).available > 24'576; size += filler.size()) {
    write_file(disk.path() / ("filler" + std::to_string(size)), filler);
  }
  REQUIRE_FAULT(bring_in(store, "b:1", image_of(100'000, 2)), Fault::local);
  CHECK(store.remove(entries_of(store, {Reference::parse("a:1")})).deleted.size() == 3);
  bring_in(store, "b:1", image_of(500'000, 2));
}

TEST_CASE("a disk without room for another file leaves the store as it was", "[store]") {
  const SmallDisk disk("size=4m,nr_inodes=24");
  if (!disk.is_there()) return;
  Store store(disk.path() / "store");
  bring_in(store, "a:1", image_of(1000, 1));
  const auto before = visible(store.directory());
  Recipe recipe;
  for (unsigned i = 0; i < 20; ++i) recipe.layers.push_back(gzip_layer(noise(100, i)));
  REQUIRE_FAULT(bring_in(store, "b:1", make_image(recipe)), Fault::local);
  CHECK(visible(store.directory()) == before);
  CHECK(has_no_residue(store.directory()));
}

TEST_CASE("a read-only store can be read, and says so when it is to be written", "[store]") {
  const SmallDisk disk("size=4m");
  if (!disk.is_there()) return;
  Store store(disk.path() / "store");
  const TestImage image = image_of(1000, 1);
  bring_in(store, "a:1", image);
  disk.make_read_only();
  CHECK(store.list().size() == 1);
  CHECK(store.is_complete(image.root.descriptor, image.chosen));
  CHECK(store.check([](const Descriptor&) {}, [] {}).empty());
  const auto write = [&] { bring_in(store, "b:1", image_of(1000, 2)); };
  REQUIRE_FAULT(write(), Fault::local);
  CHECK(message_of(write).find("Read-only file system") != std::string::npos);
  REQUIRE_FAULT(store.remove(entries_of(store, {Reference::parse("a:1")})), Fault::local);
  Store nowhere(disk.path() / "other" / "store");
  CHECK(nowhere.list().empty());
  REQUIRE_FAULT(bring_in(nowhere, "b:1", image), Fault::local);
}

TEST_CASE("a blob over the size that this user may write is a local fault", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path() / "store");
  const pid_t child = start([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{100'000, 100'000};
    setrlimit(RLIMIT_FSIZE, &limit);
    if (fault_of([&] { bring_in(store, "a:1", image_of(200'000, 1)); }) != Fault::local) fail(Fault::local, "wrong");
  });
  CHECK(succeeded(child));
  CHECK(visible(store.directory()).empty());
}

TEST_CASE("processes that commit at once lose nothing", "[store]") {
  const TemporaryFolder folder;
  std::vector<pid_t> children;
  for (unsigned i = 0; i < 6; ++i) {
    children.push_back(start([&] {
      Store store(folder.path() / "store");
      // Half of them the same image, all of them a layer in common.
      Recipe recipe;
      recipe.layers = {gzip_layer(noise(50'000, 1)), gzip_layer(noise(5'000, i % 3 + 10))};
      bring_in(store, "localhost:5000/app:" + std::to_string(i), make_image(recipe));
      bring_in(store, "localhost:5000/app:shared", make_image(recipe));
    }));
  }
  for (const pid_t child : children) CHECK(succeeded(child));
  const Store store(folder.path() / "store");
  std::set<std::string> names;
  for (const Entry& entry : store.list()) {
    if (entry.name.tag()) names.insert(*entry.name.tag());
  }
  CHECK(names == std::set<std::string>{"0", "1", "2", "3", "4", "5", "shared"});
  CHECK(store.check([](const Descriptor&) {}, [] {}).empty());
  CHECK(has_no_residue(store.directory()));
}

TEST_CASE("a reader beside processes that commit and remove sees old or new", "[store]") {
  const TemporaryFolder folder;
  const auto directory = folder.path() / "store";
  {
    Store store(directory);
    bring_in(store, "localhost:5000/stays:1", image_of(20'000, 1));
  }
  const auto churn = [&](unsigned which) {
    Store store(directory);
    const std::string name = "localhost:5000/goes:" + std::to_string(which);
    Recipe recipe;
    recipe.layers = {gzip_layer(noise(20'000, 1)), gzip_layer(noise(20'000, 2))};
    recipe.variant = "v" + std::to_string(which);
    const TestImage image = make_image(recipe);
    for (int round = 0; round < 15; ++round) {
      bring_in(store, name, image);
      store.remove(entries_of(store, {Reference::parse(name)}));
    }
  };
  const std::vector<pid_t> children{start([&] { churn(1); }), start([&] { churn(2); })};
  const Store store(directory);
  std::size_t looks = 0;
  for (const pid_t child : children) {
    while (is_running(child)) {
      const std::vector<Entry> entries = store.list();
      REQUIRE(!entries.empty());
      REQUIRE(entries.size() <= 3);
      REQUIRE(store.find(Reference::parse("localhost:5000/stays:1")).has_value());
      REQUIRE(store.check([](const Descriptor&) {}, [] {}).empty());
      ++looks;
    }
    CHECK(succeeded(child));
  }
  CHECK(looks > 0);
  CHECK(store.list().size() == 1);
  CHECK(visible(directory).size() == 5);  // oci-layout, index.json, and the three blobs of the one that stays
  CHECK(has_no_residue(directory));
}

TEST_CASE("a process that is killed while it pulls leaves nothing for the next", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path() / "store");
  bring_in(store, "a:1", image_of(1000, 1));
  const auto before = visible(store.directory());
  const pid_t child = start([&] {
    Staging staging(store.directory());
    const TestImage image = image_of(100'000, 2);
    MemorySource source(image.blobs);
    stage(staging, image, source);
    for (;;) pause();
  });
  while (std::filesystem::is_empty(store.directory() / ".hallmark" / "staging")) std::this_thread::yield();
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  CHECK(visible(store.directory()) == before);
  CHECK_FALSE(has_no_residue(store.directory()));
  bring_in(store, "b:1", image_of(1000, 3));
  CHECK(has_no_residue(store.directory()));
}

TEST_CASE("room is set aside as bytes come, whatever is promised", "[store]") {
  const TemporaryFolder folder;
  const Path path = folder.path() / "blob";
  constexpr std::uint64_t kPromised = kMostLayerBytes;  // more than any disk here has
  constexpr std::uint64_t kLeastRoom = std::uint64_t{16} << 20U;
  BlobWriter writer(path, kPromised, [](std::span<std::uint8_t>) {});
  const Bytes block = noise(kBlockBytes, 3);
  writer.write(block);
  CHECK(status_of(path)->size <= kLeastRoom);
  while (writer.written() < 40'000'000) {
    writer.write(block);
    CHECK(status_of(path)->size <= std::max(kLeastRoom, 2 * writer.written()));
  }
}

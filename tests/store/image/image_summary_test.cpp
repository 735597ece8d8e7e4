// SPDX-License-Identifier: Apache-2.0
//
// What a commit notes beside a name, who is told of it, and pruning by it.
#include "store/image/image_summary.h"

#include "store/store.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"

using namespace hallmark;
using namespace hallmark::store;
using namespace hallmark::test;
using namespace std::chrono_literals;

namespace {

const Digest kId = Digest::of(view_of("id"));
constexpr Time kLater = std::chrono::sys_days(std::chrono::year(2126) / 1 / 1);

Entry entry_of(const Store& store, const std::string& name) { return store.find(named(name)).value(); }

}  // namespace

TEST_CASE("what was noted is read back, and anything else is nothing", "[store]") {
  const Time created = parse_time("2026-01-02T03:04:05Z");
  const ImageSummary read = parse_image_summary(image_summary_text({kId, created, {12, 0, 99}})).value();
  CHECK(read.id == kId);
  CHECK(read.created == created);
  CHECK(read.layer_sizes == std::vector<std::uint64_t>{12, 0, 99});
  CHECK_FALSE(parse_image_summary(image_summary_text({kId, std::nullopt, {}})).value().created);
  for (const std::string& wrong : {std::string(), std::string("x"), kId.to_string(), kId.to_string() + " yesterday",
                                   kId.to_string() + " - -1", kId.to_string() + " - 1 ", kId.to_string() + " - 1 x"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_image_summary(wrong));
  }
}

TEST_CASE("grounds keep the fraction of the second and are fit for a terminal", "[store]") {
  const Time at = parse_time("2026-01-02T03:04:05.000123Z");
  const AdmissionReason read =
      parse_admission_reason(admission_reason_text({"tuf: targets", "docker:reg.example/lib", at})).value();
  CHECK(read.by == "tuf: targets");
  CHECK(read.rule == "docker:reg.example/lib");
  CHECK(read.at == at);
  CHECK(parse_admission_reason(admission_reason_text({"a\nb", "\x1b[2J", at})).value().by == "a\\x0ab");
  CHECK(parse_admission_reason("2026-01-02T03:04:05Z\na\x1b\nb").value().by == "a\\x1b");
  CHECK_FALSE(parse_admission_reason("2026-01-02T03:04:05Z\na"));
  CHECK_FALSE(parse_admission_reason("today\na\nb"));
}

TEST_CASE("a list with notes tells what the commit knew, as long as the files are those it verified", "[store]") {
  const TemporaryFolder folder;
  const Store store(folder.path());
  const TestImage image = simple_image(1);
  {
    Store writer(folder.path());
    bring_in(writer, "a:1", image);
  }
  CHECK_FALSE(store.list().at(0).summary);
  const Entry entry = store.list_with_summaries().at(0);
  REQUIRE(entry.summary);
  CHECK(entry.summary->id == parse_manifest(image.root).config.digest);
  REQUIRE(entry.summary->layer_sizes.size() == 2);
  CHECK(entry.summary->layer_sizes[0] + entry.summary->layer_sizes[1] == entry.uncompressed_size);
  REQUIRE(entry.admission_reason);
  CHECK(entry.admission_reason->by == "nobody");

  const TemporaryFolder copy;
  std::filesystem::copy(folder.path(), copy.path(), std::filesystem::copy_options::recursive);
  CHECK_FALSE(Store(copy.path()).list_with_summaries().at(0).summary);
  CHECK_FALSE(Store(copy.path()).list_with_summaries().at(0).admission_reason);

  const auto config = blob(folder, parse_manifest(image.root).config.digest);
  const Bytes bytes = read_whole(config);
  std::filesystem::remove(config);
  write_file(config, bytes);
  CHECK_FALSE(store.list_with_summaries().at(0).summary);
}

TEST_CASE("a name that moves leaves its note with the digest that it leaves behind", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  const TestImage first = simple_image(1);
  bring_in(store, "a:1", first);
  bring_in(store, "a:1", simple_image(2));
  const Entry left = store.find(named("a:1").at_digest(first.root.descriptor.digest)).value();
  CHECK(left.summary.value().id == parse_manifest(first.root).config.digest);
  CHECK(left.admission_reason);
}

TEST_CASE("what was listed is pruned with what only it needs, and the bytes are counted", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  const TestImage image = simple_image(1);
  bring_in(store, "a:1", image);
  bring_in(store, "b:1", simple_image(2));
  std::uint64_t size = image.root.bytes.size();
  for (const auto& [digest, bytes] : image.blobs) size += bytes.size();
  const Store::Removal removal = store.prune({entry_of(store, "a:1")}, std::nullopt);
  CHECK(removal.untagged == std::vector<std::string>{"a:1"});
  CHECK(removal.deleted.size() == image.blobs.size() + 1);
  CHECK(removal.freed == size);
  CHECK_FALSE(store.find(named("a:1")));
  CHECK(store.check([](const Descriptor&) {}, [] {}).empty());
  CHECK(has_no_residue(folder.path()));
}

TEST_CASE("what changed since it was listed stays", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  bring_in(store, "a:1", simple_image(1));
  const Entry seen = entry_of(store, "a:1");
  bring_in(store, "a:1", simple_image(2));
  CHECK(store.prune({seen}, std::nullopt).untagged.empty());
  CHECK(store.find(named("a:1")));

  // Another decision about the same bytes is another entry.
  Entry older = entry_of(store, "a:1");
  older.admission_reason.value().at -= 1us;
  CHECK(store.prune({older}, std::nullopt).untagged.empty());
  CHECK(store.prune({entry_of(store, "a:1")}, std::nullopt).untagged.size() == 1);
}

TEST_CASE("a blob that nothing needs goes when it is old enough, and nothing else does", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path());
  bring_in(store, "a:1", simple_image(1));
  const Bytes stray = noise(100, 7);
  write_file(blob(folder, Digest::of(stray)), stray);
  write_file(folder.path() / "blobs" / "sha256" / "notes.txt", stray);
  CHECK(store.prune({}, std::nullopt).freed == 0);
  CHECK(store.prune({}, Time()).freed == 0);
  const Store::Removal removal = store.prune({}, kLater);
  CHECK(removal.freed == 100);
  CHECK(removal.deleted == std::vector<Digest>{Digest::of(stray)});
  CHECK(std::filesystem::exists(folder.path() / "blobs" / "sha256" / "notes.txt"));
  CHECK(store.check([](const Descriptor&) {}, [] {}).empty());
}

TEST_CASE("such a blob goes in whichever algorithm it is named", "[store]") {
  for (const Algorithm algorithm : {Algorithm::sha256, Algorithm::sha384, Algorithm::sha512}) {
    const TemporaryFolder folder;
    Store store(folder.path());
    bring_in(store, "a:1", simple_image(1));
    const Digest stray = Digest::of(noise(100, 7), algorithm);
    INFO(stray.to_string());
    const auto path = folder.path() / "blobs" / std::string(stray.algorithm_name()) / stray.hex();
    std::filesystem::create_directories(path.parent_path());
    write_file(path, noise(100, 7));
    CHECK(store.prune({}, kLater).deleted == std::vector<Digest>{stray});
    CHECK_FALSE(std::filesystem::exists(path));
  }
}

TEST_CASE("pruning where there is no store makes none", "[store]") {
  const TemporaryFolder folder;
  Store store(folder.path() / "none");
  CHECK(store.prune({}, kLater).deleted.empty());
  CHECK_FALSE(std::filesystem::exists(folder.path() / "none"));
}

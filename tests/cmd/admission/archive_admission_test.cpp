// SPDX-License-Identifier: Apache-2.0
#include "cmd/admission/archive_admission.h"

#include "store/bundle/bundle.h"
#include "tests/cmd/admission/world.h"

using namespace hallmark;
using namespace hallmark::test;
using std::chrono::hours;

namespace {

/// Remembers what it was told.
class Listener final : public cmd::ArchiveListener {
 public:
  std::vector<std::string> refusals;
  std::vector<Fault> failures;
  std::function<void()> while_it_reads = [] {};

  void passed(std::uint64_t /*bytes*/) override { while_it_reads(); }
  void paused() override {}
  void refused(const cmd::Judgements& names) override {
    for (const policy::Judgement* name : names) refusals.push_back(name->plan.name().familiar());
  }
  void failed(const cmd::Judgements& /*names*/, const Error& error) override { failures.push_back(error.fault()); }
};

class FileSink final : public ByteSink {
 public:
  explicit FileSink(const std::filesystem::path& path) : file_(path, std::ios::binary) {}
  void write(ByteView bytes) override { file_ << text_of(bytes); }

 private:
  std::ofstream file_;
};

/// "snapshot.<sha256>.json" is "snapshot.json" in a bundle; numbered roots keep their names.
std::string name_in_bundle(const std::string& file) {
  const bool is_numbered_root = file.ends_with(".root.json");
  return is_numbered_root ? file : file.substr(0, file.find('.')) + ".json";
}

store::Evidence evidence_of(const std::string& gun, const std::map<std::string, Bytes>& files) {
  std::map<std::string, Bytes> named;
  for (const auto& [name, bytes] : files) named.insert_or_assign(name_in_bundle(name), bytes);
  std::vector<store::EvidenceLayer> layers;
  for (const auto& [name, bytes] : named) layers.push_back({{{"tuf.io/filename", name}}, bytes});
  return store::make_evidence("tuf", "application/vnd.hallmark.tuf.v1+json", {{"vnd.hallmark.tuf.gun", gun}},
                              "application/vnd.tuf.metadata+json", std::move(layers));
}

/// A machine that publishes, and what it saves.
struct Publisher : World {
  TestImage image = simple_image(1);
  Publisher() {
    sign("1", image);
    registry.add("1", image);
    pull(kGun + ":1");
  }
  std::filesystem::path save(const std::string& gun, const std::map<std::string, Bytes>& files) {
    const store::Store store(store_path());
    store::BundlePlan bundle_plan;
    bundle_plan.creator = "hallmark/test";
    bundle_plan.images.push_back(
        {Reference::parse(kGun + ":1"), image.root.descriptor, {image.root.descriptor.digest}});
    if (!files.empty()) bundle_plan.evidence.push_back(evidence_of(gun, files));
    const auto file = folder.path() / "bundle.tar";
    FileSink out(file);
    store::write_bundle(store, store::plan_bundle(store, std::move(bundle_plan)), out, [](std::uint64_t) {});
    return file;
  }
  std::filesystem::path save() { return save(kGun, trust.files); }
};

/// A machine without a network that wants signatures by the publisher's root key.
struct Receiver : World {
  Listener listener;
  std::unique_ptr<cmd::Admission> run;
  std::unique_ptr<cmd::ArchiveAdmission> loading;
  std::unique_ptr<store::ArchiveInput> input;

  explicit Receiver(const Publisher& publisher) {
    trust = publisher.trust;
    require_signature();
    before_answer = [] { throw std::logic_error("a network was asked"); };
  }
  void read(const std::filesystem::path& file) {
    run = admission();
    input = std::make_unique<store::ArchiveInput>(file.string(), "", interrupted);
    loading = std::make_unique<cmd::ArchiveAdmission>(*run, "load", listener);
    loading->read(*input);
  }
  void load(const std::filesystem::path& file) {
    read(file);
    finish();
  }
  void finish() {
    loading->take(*input);
    loading->commit();
  }
  /// The run has ended.
  [[nodiscard]] bool is_empty() {
    loading.reset();
    return World::is_empty();
  }
};

}  // namespace

TEST_CASE("a bundle comes in by the signatures in it, without a network", "[admission]") {
  Publisher publisher;
  Receiver receiver(publisher);
  receiver.load(publisher.save());
  CHECK(receiver.stored() == std::vector{kGun + ":1"});
  CHECK(says(receiver.records().at(0), "allow", true));
  CHECK(receiver.remembered("release").versions.at("timestamp") == 2);
}

TEST_CASE("a bundle without trust data is refused, and says for what", "[admission]") {
  Publisher publisher;
  Receiver receiver(publisher);
  REQUIRE_FAULT(receiver.load(publisher.save(kGun, {})), Fault::refused);
  CHECK(receiver.is_empty());
  CHECK(receiver.listener.refusals == std::vector{kGun + ":1"});
  CHECK(says(receiver.records().at(0), "deny", false));
}

TEST_CASE("trust data of another repository vouch for nothing", "[admission]") {
  Publisher publisher;
  Receiver receiver(publisher);
  const TufRepository other("reg.example/other", noon());
  REQUIRE_FAULT(receiver.load(publisher.save("reg.example/other", other.files)), Fault::refused);
  CHECK(receiver.is_empty());
}

TEST_CASE("evidence that lies is refused", "[admission]") {
  Publisher publisher;
  Receiver receiver(publisher);
  std::map<std::string, Bytes> files = publisher.trust.files;
  SECTION("signed by other keys") {
    TufRepository forged(kGun, noon());
    forged.documents.at("targets").targets["1"] = {string_of(publisher.image.root.bytes), {}};
    forged.publish_next();
    files = forged.files;
  }
  SECTION("a document that was changed") {
    Bytes& timestamp = files.at("timestamp.json");
    std::string text = string_of(timestamp);
    const std::size_t version = text.find("\"version\":2");
    REQUIRE(version != std::string::npos);
    timestamp = bytes_of(text.replace(version, 11, "\"version\":3"));
  }
  SECTION("a role is missing") {
    std::erase_if(files, [](const auto& file) { return file.first.starts_with("targets"); });
  }
  SECTION("signed to be another image") {
    TufRepository other = publisher.trust;
    other.documents.at("targets").targets["1"] = {string_of(simple_image(2).root.bytes), {}};
    other.publish_next();
    files = other.files;
  }
  CHECK(fault_of([&] { receiver.load(publisher.save(kGun, files)); }).has_value());
  CHECK(receiver.is_empty());
  CHECK(holds(receiver.records().at(0), R"("committed":false)"));
}

TEST_CASE("trust data that have ended are refused at their time and no other", "[admission]") {
  Publisher publisher;
  Receiver receiver(publisher);
  receiver.now += hours(24) * 15;
  REQUIRE_FAULT(receiver.load(publisher.save()), Fault::refused);
  CHECK(receiver.is_empty());
}

TEST_CASE("a load is overtaken by one that brings what is newer", "[admission]") {
  Publisher publisher;
  Receiver receiver(publisher);
  receiver.read(publisher.save());
  Publisher later;
  later.trust = publisher.trust;
  later.image = simple_image(2);
  later.sign("1", later.image);
  later.registry.add("1", later.image);
  later.pull(kGun + ":1");
  Listener listener;
  const auto other = receiver.admission();
  store::ArchiveInput input(later.save().string(), "", receiver.interrupted);
  cmd::ArchiveAdmission overtaking(*other, "load", listener);
  overtaking.read(input);
  overtaking.take(input);
  overtaking.commit();
  receiver.loading->take(*receiver.input);
  REQUIRE_FAULT(receiver.loading->commit(), Fault::refused);
  CHECK(receiver.listener.refusals == std::vector{kGun + ":1"});
  const auto entry = store::Store(receiver.store_path()).find(Reference::parse(kGun + ":1"));
  CHECK(entry->root.digest == later.image.root.descriptor.digest);
}

TEST_CASE("a policy that changes while an archive is read is obeyed", "[admission]") {
  Publisher publisher;
  Receiver receiver(publisher);
  receiver.read(publisher.save());
  receiver.policy(R"([{"type": "reject"}])");
  REQUIRE_FAULT(receiver.finish(), Fault::refused);
  CHECK(receiver.is_empty());
}

TEST_CASE("an archive whose reading is interrupted leaves nothing", "[admission]") {
  Publisher publisher;
  Receiver receiver(publisher);
  receiver.read(publisher.save());
  receiver.interrupted = true;
  REQUIRE_FAULT(receiver.loading->take(*receiver.input), Fault::interrupted);
  CHECK(receiver.is_empty());
  CHECK(receiver.records().empty());
}

TEST_CASE("what was loaded is judged again before something else rests on it", "[admission]") {
  Publisher publisher;
  Receiver receiver(publisher);
  receiver.load(publisher.save());
  const cmd::JudgedName& name = receiver.loading->judged().at(0);
  receiver.loading->require_still_admitted(name);
  receiver.policy(R"([{"type": "reject"}])");
  REQUIRE_FAULT(receiver.loading->require_still_admitted(name), Fault::refused);
}

TEST_CASE("a bundle that is cut off is told as such, and leaves nothing", "[admission]") {
  Publisher publisher;
  Receiver receiver(publisher);
  const auto file = publisher.save();
  std::filesystem::resize_file(file, std::filesystem::file_size(file) - 2048);
  REQUIRE_FAULT(receiver.load(file), Fault::corrupt);
  CHECK(receiver.is_empty());
  CHECK(receiver.listener.failures == std::vector{Fault::corrupt});
}

// SPDX-License-Identifier: Apache-2.0
//
// An admission without a network: a registry and a trust server in memory, which lie as a test wants them to, a store
// and a policy in a folder of its own, and a clock that goes when it is told to.
#pragma once

#include <algorithm>
#include <atomic>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cmd/admission/registry_admission.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"
#include "tests/support/tuf_repository.h"
#include "trust/tuf/policy/line.h"

namespace hallmark::test {

inline const std::string kGun = "reg.example/app";

inline Time noon() { return parse_time("2026-11-24T12:00:00Z"); }

/// Gives what it was given, by whatever name that is asked for.
class MemoryRegistry final : public registry::Repository {
 public:
  std::map<std::string, store::Document> tagged;
  std::map<Digest, store::Document> manifests;
  std::map<Digest, Bytes> blobs;
  std::function<void()> before_document = [] {};
  std::function<void(const store::Descriptor&)> before_blob = [](const store::Descriptor&) {};
  std::size_t documents_given = 0;
  std::vector<Digest> blobs_given;

  void add(const std::string& tag, const TestImage& image) {
    tagged.insert_or_assign(tag, image.root);
    manifests.insert_or_assign(image.root.descriptor.digest, image.root);
    for (const store::Document& manifest : image.manifests) {
      manifests.insert_or_assign(manifest.descriptor.digest, manifest);
    }
    for (const auto& [digest, bytes] : image.blobs) blobs.insert_or_assign(digest, bytes);
  }

  store::Document manifest(const std::string& tag) override { return given(tagged.at(tag)); }
  store::Document manifest(const Digest& digest, std::optional<std::uint64_t> /*size*/) override {
    return given(manifests.at(digest));
  }
  void fetch(const store::Descriptor& blob, ByteSink& out) override {
    before_blob(blob);
    blobs_given.push_back(blob.digest);
    out.write(blobs.at(blob.digest));
  }

  std::vector<std::string> tags() override { return {}; }
  std::function<void()> before_referrers = [] {};
  void attach(const Digest& subject, const store::Document& manifest) {
    attached[subject].push_back(manifest.descriptor);
    manifests.insert_or_assign(manifest.descriptor.digest, manifest);
  }
  std::map<Digest, std::vector<store::Descriptor>> attached;
  std::vector<store::Descriptor> referrers(const Digest& subject) override {
    before_referrers();
    return attached[subject];
  }
  bool has_blob(const store::Descriptor& blob) override { return blobs.contains(blob.digest); }
  bool has_manifest(const Digest& digest) override { return manifests.contains(digest); }
  registry::Delivery put_blob(const store::Descriptor& /*blob*/, store::BlobReader& /*bytes*/,
                              const std::optional<std::string>& /*mount_from*/) override {
    throw std::logic_error("nothing is pushed here");
  }
  void put_manifest(const store::Document& /*document*/) override { throw std::logic_error("nothing is pushed here"); }
  void put_manifest(const store::Document& document, const std::string& /*tag*/) override { put_manifest(document); }

 private:
  store::Document given(const store::Document& document) {
    before_document();
    ++documents_given;
    return document;
  }
};

/// The trust server of one repository, as an admission sees it.
class MemoryTrust final : public registry::TrustServer {
 public:
  MemoryTrust(TufRepository& repository, std::function<void()>& before_answer)
      : repository_(repository), before_answer_(before_answer) {}

  void begin_question() override { before_answer_(); }
  tuf::MetadataReply fetch(const tuf::MetadataFile& wanted) override { return repository_.fetch(wanted); }
  registry::Publication publish(const std::map<std::string, Bytes>& /*files*/) override { return refused(); }
  tuf::MetadataReply server_key(const std::string& /*role*/) override { return rejected(); }
  tuf::MetadataReply new_server_key(const std::string& /*role*/) override { return rejected(); }

 private:
  static registry::Publication refused() {
    return {registry::Publication::Kind::refused, Fault::refused, "nothing is published here"};
  }

  TufRepository& repository_;
  std::function<void()>& before_answer_;
};

/// Nobody watches.
class NoObserver final : public store::TransferObserver {
 public:
  void started(const store::Descriptor& /*layer*/) override {}
  void passed(const store::Descriptor& /*layer*/, std::uint64_t /*bytes*/) override {}
  void verified(const store::Descriptor& /*layer*/, bool /*was_already_here*/) override {}
};

class World {
 public:
  World() { policy(R"([{"type": "insecureAcceptAnything"}])"); }

  TemporaryFolder folder;
  TufRepository trust{kGun, noon()};
  MemoryRegistry registry;
  Time now = noon();
  std::atomic<bool> interrupted = false;
  std::vector<std::string> notices;
  std::function<void()> before_answer = [] {};
  std::function<void()> before_clock = [] {};
  std::optional<std::string> break_glass;
  bool accepts_policy_rollback = false;

  [[nodiscard]] std::filesystem::path store_path() const { return folder.path() / "store"; }
  [[nodiscard]] std::filesystem::path audit_path() const { return folder.path() / "decisions.jsonl"; }

  /// What is required of names of the registry; other members of the policy begin with a comma.
  void policy(const std::string& requirements, const std::string& members = "") const {
    write_policy(R"({"hallmark": 1, "default": [{"type": "reject"}], "audit": {"file": ")" + audit_path().string() +
                 R"("})" + members + R"(, "transports": {"docker": {"reg.example": )" + requirements + "}}}");
  }
  void write_policy(const std::string& text) const { write_file(policy_path(), view_of(text)); }
  void remove_policy() const { std::filesystem::remove(policy_path()); }
  /// Signatures are required, by the root key that the trust server has now.
  void require_signature(const std::string& more_requirements = "", const std::string& members = "") const {
    const std::string key = trust.rings.at("root").keys.at(0).id();
    policy(R"([{"type": "tuf", "store": "release"})" + more_requirements + "]",
           R"(, "stores": {"release": {"kind": "tuf", "server": "https://trust.example", "pins": [{"gun": ")" + kGun +
               R"(", "rootKeyIds": [")" + key + R"("]}]}})" + members);
  }
  /// The tag is signed to be this image, in the next version of all metadata.
  void sign(const std::string& tag, const TestImage& image) {
    trust.documents.at("targets").targets[tag] = {string_of(image.root.bytes), {}};
    trust.publish_next();
  }

  /// Another run of the program.
  [[nodiscard]] std::unique_ptr<cmd::Admission> admission() {
    cmd::Terms terms{store_path(),
                     {policy_path(), {}, true},
                     false,
                     accepts_policy_rollback,
                     break_glass,
                     [this] {
                       before_clock();
                       return now;
                     },
                     [this](const std::string& line) { notices.push_back(line); },
                     interrupted};
    const auto open = [this](const registry::Settings&, const Reference&, const std::string&, const std::string&,
                             const std::optional<std::string>&) -> std::unique_ptr<registry::TrustServer> {
      return std::make_unique<MemoryTrust>(trust, before_answer);
    };
    cmd::EvidenceGatherer gatherer(settings(), memory(), terms.clock, open);
    return std::make_unique<cmd::Admission>(std::move(terms), std::move(gatherer));
  }
  [[nodiscard]] cmd::TrustedMetadataStore memory() const {
    return cmd::TrustedMetadataStore::beside(store_path(), folder.path());
  }
  /// Of kGun, whatever pins there are.
  [[nodiscard]] trust::TrustedMetadata remembered(const std::string& store) const {
    const auto anything = [](const trust::TrustedMetadata& /*memory*/, trust::MemoryOf /*whose*/) { return true; };
    return memory().load({kGun, store, tuf::memory_rules()}, anything).memory;
  }

  cmd::JudgedImage judge(cmd::Admission& admission, const std::string& name) {
    return cmd::judge(admission, Reference::parse(name), platforms, registry, "pull");
  }
  void bring_in(cmd::Admission& admission, cmd::JudgedImage& judged) {
    NoObserver observer;
    cmd::bring_in(admission, judged, platforms, registry, observer);
  }
  /// As pull does it.
  void pull(const std::string& name) {
    const auto run = admission();
    cmd::JudgedImage judged = judge(*run, name);
    run->admit(judged.judgement);
    bring_in(*run, judged);
  }
  cmd::PlatformChoice platforms{false, false, store::Platform::parse("linux/amd64")};

  /// Names that are in the store.
  [[nodiscard]] std::vector<std::string> stored() const {
    std::vector<std::string> names;
    for (const store::Entry& entry : store::Store(store_path()).list()) names.push_back(entry.name.familiar());
    return names;
  }
  [[nodiscard]] bool is_empty() const {
    return !std::filesystem::exists(store_path()) || (stored().empty() && has_no_residue(store_path()));
  }
  /// The lines of the audit file.
  [[nodiscard]] std::vector<std::string> records() const {
    std::vector<std::string> lines;
    std::ifstream file(audit_path());
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }

 private:
  [[nodiscard]] std::filesystem::path policy_path() const { return folder.path() / "policy.json"; }
  [[nodiscard]] static registry::Settings settings() {
    registry::Settings settings;
    settings.trust_server = "https://trust.example";
    settings.notice = [](const std::string&) {};
    return settings;
  }
};

inline bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// What a record says came of it.
inline bool says(const std::string& record, const std::string& decision, bool is_committed) {
  return holds(record, R"("decision":")" + decision + "\"") &&
         holds(record, std::string(R"("committed":)") + (is_committed ? "true" : "false"));
}

}  // namespace hallmark::test

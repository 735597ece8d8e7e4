// SPDX-License-Identifier: Apache-2.0
#include <fstream>

#include "cmd/state/trusted_metadata.h"
#include "policy/file/reader.h"
#include "policy/gate.h"
#include "policy/policy.h"
#include "tests/fuzz/folder.h"
#include "tests/fuzz/fuzz.h"
#include "trust/crypto/certificate.h"
#include "trust/crypto/key_file.h"
#include "trust/json.h"
#include "trust/tuf/metadata.h"
#include "trust/tuf/notary.h"
#include "trust/tuf/policy/line.h"
#include "trust/tuf/root.h"
#include "trust/tuf/update.h"

namespace hallmark::fuzz {
namespace {

const Time kNow = parse_time("2026-11-20T00:00:00Z");

class Given final : public tuf::MetadataSource {
 public:
  explicit Given(std::vector<std::string> documents) : documents_(std::move(documents)) {}
  tuf::MetadataReply fetch(const tuf::MetadataFile& wanted) override {
    constexpr std::string_view kOrder[] = {"root", "timestamp", "snapshot", "targets", "targets/releases"};
    for (std::size_t number = 0; number < documents_.size() && number < std::size(kOrder); ++number) {
      if (kOrder[number] != wanted.role || documents_[number].size() > wanted.limit) continue;
      const ByteView bytes = view_of(documents_[number]);
      return {tuf::MetadataReply::Kind::found, Bytes(bytes.begin(), bytes.end()), Fault::unavailable, {}};
    }
    return {tuf::MetadataReply::Kind::missing, {}, Fault::unavailable, wanted.file + " is not there"};
  }

 private:
  std::vector<std::string> documents_;
};

/// What a document says, as if it were signed well.
void read_content(std::size_t number, ByteView bytes) {
  const tuf::Dialect& dialect = tuf::notary();
  if (number == 0) return static_cast<void>(tuf::Envelope::read(dialect, "targets", bytes));
  const json::Value value = json::parse("document", bytes);
  if (number == 1) tuf::read_root(dialect, value.object());
  if (number == 2) tuf::read_listing(dialect, tuf::Kind::snapshot, value.object());
  if (number == 3) tuf::read_listing(dialect, tuf::Kind::timestamp, value.object());
  if (number == 4) tuf::read_targets(dialect, "targets/releases", value.object());
}

}  // namespace

void trust_documents(ByteView input) {
  constexpr std::size_t kKinds = 5;
  const auto [number, rest] = choose(input, kKinds + 2);
  ask([&, number = number, rest = rest] {
    if (number < kKinds) return read_content(number, rest);
    if (number == kKinds) return static_cast<void>(tuf::read_root_file(tuf::notary(), Bytes(rest.begin(), rest.end())));
    Given documents(split(rest));
    const tuf::Outcome outcome = tuf::update(tuf::notary(), {"localhost:1/app", {}, false}, {}, documents, kNow);
    if (const auto* repository = std::get_if<tuf::Repository>(&outcome.result)) static_cast<void>(repository->all());
  });
}

/// The memory that lies beside a store: state.json, then documents.
void trust_memory(ByteView input) {
  const Folder folder;
  const std::filesystem::path ours = folder.path() / "ours";
  const cmd::TrustedMetadataStore memory(ours, folder.path() / "docker");
  // Something is remembered first, so that its folder is there under whatever name the memory gives it.
  const trust::Collection collection{"example.com/app", "", tuf::memory_rules()};
  const auto anything = [](const trust::TrustedMetadata& /*memory*/, trust::MemoryOf /*whose*/) { return true; };
  memory.save(collection, {}, {{{"root", Bytes{1, 2, 3}}}, {{"root", 1}}, {}});
  for (const auto& item : std::filesystem::recursive_directory_iterator(ours)) {
    if (item.path().filename() == "state.json") std::ofstream(item.path()) << text_of(input);
  }
  ask([&] { static_cast<void>(memory.load(collection, anything)); });
}

void policy_file(ByteView input) {
  ask([&] {
    policy::Policy policy = policy::read_policy("policy.json", input, [](const std::string& path) -> Bytes {
      fail(Fault::usage, "no file ", printable(path, 80));
    });
    const policy::Gate gate(std::move(policy), true);
    for (const char* name : {"docker.io/library/debian:12", "registry.example:5000/a/b/c:v1"}) {
      const policy::Plan plan = gate.plan(Reference::parse(name));
      const Digest digest = Digest::of(input);
      static_cast<void>(gate.decide(plan, {plan.name(), digest, 1, {digest}}, {}, kNow));
    }
  });
}

void keys(ByteView input) {
  const auto [number, rest] = choose(input, 3);
  ask([&, number = number, rest = rest] {
    if (number == 0) {
      for (crypto::KeyFile& file : crypto::read_key_files(rest)) static_cast<void>(file.role.size());
    }
    if (number == 1) crypto::read_public_key_file(rest);
    if (number == 2) crypto::parse_certificates(rest);
  });
}

}  // namespace hallmark::fuzz

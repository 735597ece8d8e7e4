// SPDX-License-Identifier: Apache-2.0
#include "tests/example_system/digest_list.h"

#include <algorithm>
#include <array>

#include "trust/crypto/dsse_signature.h"
#include "trust/crypto/key_file.h"
#include "trust/system/material.h"

namespace hallmark::example {
namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 20U;

class ListStore final : public trust::Store {
 public:
  ListStore(std::string name, const json::Object& object, const trust::ReadFile& read_file)
      : name_(std::move(name)),
        key_(crypto::read_public_key(trust::Material(files_, read_file).object(object.at("key")))) {}

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const crypto::PublicKey& key() const { return key_; }

  [[nodiscard]] std::string_view kind() const override { return "list"; }
  [[nodiscard]] const std::vector<trust::MaterialFile>& files() const override { return files_; }
  [[nodiscard]] std::string summary() const override { return ""; }
  [[nodiscard]] std::vector<std::string> details() const override { return {}; }
  void write(json::Writer& /*writer*/) const override {}
  [[nodiscard]] std::vector<std::string> remarks(const std::string& /*pointer*/) const override { return {}; }

 private:
  std::string name_;
  std::vector<trust::MaterialFile> files_;
  crypto::PublicKey key_;
};

class ListAnswer final : public trust::Answer {
 public:
  ListAnswer(std::vector<Digest> signed_digests, std::optional<trust::Refusal> refusal)
      : signed_(std::move(signed_digests)), refusal_(std::move(refusal)) {}

  [[nodiscard]] const std::vector<Digest>& signed_digests() const { return signed_; }
  [[nodiscard]] std::optional<trust::Refusal> refusal() const override { return refusal_; }
  void write(json::Writer& evidence) const override {
    evidence.member("kind", "list").key("digests").size(signed_.size());
  }

 private:
  std::vector<Digest> signed_;
  std::optional<trust::Refusal> refusal_;
};

class ListQuestion final : public trust::Question {
 public:
  explicit ListQuestion(std::shared_ptr<const ListStore> store)
      : store_(std::move(store)), key_("list " + store_->name()) {}

  [[nodiscard]] const std::string& key() const override { return key_; }
  [[nodiscard]] bool is_same(const trust::Question& other) const override {
    const auto* list = dynamic_cast<const ListQuestion*>(&other);
    return list != nullptr && list->store_ == store_;
  }
  [[nodiscard]] bool needs_digest() const override { return true; }
  [[nodiscard]] std::unique_ptr<trust::Answer> ask(trust::EvidenceSource& source,
                                                   const trust::TrustedMetadata& /*before*/, const Subject* subject,
                                                   Time /*now*/) const override {
    const trust::AttachedReply reply = source.attached(subject->digest, {{kListType}, kMostBytes});
    if (reply.kind == trust::MetadataReply::Kind::unreachable) {
      return std::make_unique<ListAnswer>(std::vector<Digest>(), trust::Refusal{reply.fault, reply.detail, ""});
    }
    std::vector<Digest> signed_digests;
    for (const trust::Evidence& evidence : reply.evidence) {
      for (const auto& blob : evidence.blobs) take(blob.second, signed_digests);
    }
    return std::make_unique<ListAnswer>(std::move(signed_digests), std::nullopt);
  }

 private:
  /// What is no list, or of nobody, is passed over.
  void take(const Bytes& bytes, std::vector<Digest>& signed_digests) const {
    try {
      const dsse::Envelope envelope = dsse::parse(bytes);
      if (!crypto::is_signed_by(envelope, store_->key())) return;
      const json::Value list = json::parse("list", envelope.payload);
      for (const json::Value& digest : list.array()) signed_digests.push_back(Digest::parse(digest.string()));
    } catch (const Error&) {
      return;
    }
  }

  std::shared_ptr<const ListStore> store_;
  std::string key_;
};

class ListRequirement final : public trust::Requirement {
 public:
  explicit ListRequirement(std::shared_ptr<const ListStore> store) : store_(std::move(store)) {}

  [[nodiscard]] std::vector<std::shared_ptr<const trust::Question>> questions(
      const Reference& /*name*/) const override {
    return {std::make_shared<ListQuestion>(store_)};
  }
  [[nodiscard]] trust::Verdict judge(const Reference& /*name*/, const Subject* subject,
                                     std::span<const trust::Asked> asked, Time /*now*/) const override {
    trust::Verdict verdict;
    if (subject == nullptr) {
      verdict.result = trust::Result::skipped;
      return verdict;
    }
    const auto* answer = asked.empty() ? nullptr : dynamic_cast<const ListAnswer*>(asked.front().answer);
    if (answer == nullptr || answer->refusal()) {
      verdict.result = trust::Result::error;
      verdict.code = "LIST_UNKNOWN";
      verdict.fault = answer == nullptr ? Fault::local : answer->refusal()->fault;
      verdict.detail = "expected lists of store \"" + store_->name() + "\" attached to the image, found " +
                       (answer == nullptr ? "that nobody was asked" : answer->refusal()->detail);
      return verdict;
    }
    const std::vector<Digest>& digests = answer->signed_digests();
    verdict.is_for_top = std::find(digests.begin(), digests.end(), subject->digest) != digests.end();
    verdict.result = verdict.is_for_top ? trust::Result::pass : trust::Result::fail;
    if (verdict.is_for_top) {
      verdict.word = "list: " + store_->name();
      // By the key and not by the store: whoever has it is one signer, also where another system knows the key.
      verdict.signers.insert("key:" + store_->key().id());
    } else {
      verdict.code = "LIST_DIGEST";
      verdict.detail = "expected " + subject->digest.to_string() + " on a list of store \"" + store_->name() +
                       "\" (key " + store_->key().id() + "), found " + std::to_string(digests.size()) +
                       " other digests";
    }
    return verdict;
  }

 private:
  std::shared_ptr<const ListStore> store_;
};

std::shared_ptr<const trust::Store> read_store(const json::Object& object, const std::string& /*pointer*/,
                                               const std::string& name, const trust::ReadFile& read_file) {
  object.allow_only({"kind", "key"});
  return std::make_shared<ListStore>(name, object, read_file);
}

std::shared_ptr<const trust::Requirement> read_requirement(const json::Object& object, const trust::Stores& stores) {
  object.allow_only({"type", "id", "store"});
  const auto found = stores.find(object.at("store").string());
  auto store = found == stores.end() ? nullptr : std::dynamic_pointer_cast<const ListStore>(found->second);
  if (!store) fail(Fault::usage, "there is no such store of kind list");
  return std::make_shared<ListRequirement>(std::move(store));
}

constexpr std::array kStores{trust::StoreKind{"list", &read_store}};
constexpr std::array kRequirements{trust::RequirementKind{"list", &read_requirement}};
constexpr std::array kCodes{trust::Code{"LIST_DIGEST", "ask for an image that is on the list"},
                            trust::Code{"LIST_UNKNOWN", "try again when the registry can be asked"}};

}  // namespace

constinit const trust::System kSystem{
    "list", kStores, kRequirements, kCodes, {R"({"properties": {"kind": {"const": "list"}}},)", "", ""}};

}  // namespace hallmark::example

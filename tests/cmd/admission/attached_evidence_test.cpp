// SPDX-License-Identifier: Apache-2.0
#include "cmd/admission/attached_evidence.h"

#include "cmd/state/remembered_source.h"
#include "cmd/state/trusted_metadata.h"
#include "store/image/media_types.h"
#include "tests/support/catch.h"
#include "tests/support/images.h"
#include "trust/error.h"
#include "trust/tuf/policy/line.h"

using namespace hallmark;
using namespace hallmark::test;
using Kind = trust::MetadataReply::Kind;
using Place = trust::EvidenceSource::Place;

namespace {

const Digest kImage = Digest::of(view_of("image"));
const trust::Attachment kWanted{{"application/list"}, 1000};

/// Says what it is told to say, and counts how often it is asked.
class SaidSource final : public trust::EvidenceSource {
 public:
  Place where = Place::server;
  trust::AttachedReply reply{Kind::found, {{"application/list", bytes_of("{}"), {}}}, Fault::unavailable, {}};
  int asked = 0;

  [[nodiscard]] Place place() const override { return where; }
  trust::MetadataReply metadata(const trust::MetadataFile& /*wanted*/) override { throw std::logic_error("metadata"); }
  trust::AttachedReply attached(const Digest& /*subject*/, const trust::Attachment& /*wanted*/) override {
    ++asked;
    return reply;
  }
};

store::Evidence piece(bool is_from_registry) {
  const std::string text = R"({"config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":")" +
                           Digest::of(view_of("{}")).to_string() + R"(","size":2},"layers":[],"subject":{"digest":")" +
                           kImage.to_string() + R"("}})";
  return {
      "referrer",
      "application/list",
      // What an archive may say of itself.
      {{std::string(store::kEvidenceSubject), kImage.to_string()}, {"vnd.hallmark.evidence.origin", "registry"}},
      {{std::string(store::kOciManifest), Digest::of(view_of(text)), text.size(), std::nullopt, {}}, bytes_of(text)},
      {{{std::string(store::kOciEmpty), Digest::of(view_of("{}")), 2, std::nullopt, {}}, bytes_of("{}")}},
      is_from_registry};
}

void keep(store::Store& store, const store::Evidence& evidence) {
  const auto bytes_of_it = [&](const store::Descriptor& wanted, std::uint64_t) {
    return wanted.digest == evidence.manifest.descriptor.digest ? evidence.manifest.bytes : evidence.blobs[0].bytes;
  };
  store.keep({store::entry_of(evidence)}, {kImage}, bytes_of_it, store.lock());
}

cmd::KeptEvidence kept_in(const store::Store& store) {
  return {kImage, [&store](const Digest& digest) { return store.evidence_about({digest}); }};
}

class NoAnswer final : public trust::Answer {
 public:
  explicit NoAnswer(const trust::TrustedMetadata* learned) : learned_(learned) {}
  [[nodiscard]] std::optional<trust::Refusal> refusal() const override { return std::nullopt; }
  [[nodiscard]] const trust::TrustedMetadata* learned() const override { return learned_; }
  void write(json::Writer& /*evidence*/) const override {}

 private:
  const trust::TrustedMetadata* learned_;
};

/// Has neither a collection nor the need for a digest.
class OddQuestion final : public trust::Question {
 public:
  const trust::TrustedMetadata* learned = nullptr;
  [[nodiscard]] const std::string& key() const override { return key_; }
  [[nodiscard]] bool is_same(const trust::Question& other) const override { return this == &other; }
  [[nodiscard]] std::unique_ptr<trust::Answer> ask(trust::EvidenceSource& /*source*/,
                                                   const trust::TrustedMetadata& /*before*/, const Subject* /*subject*/,
                                                   Time /*now*/) const override {
    return std::make_unique<NoAnswer>(learned);
  }

 private:
  std::string key_ = "odd";
};

}  // namespace

TEST_CASE("what an archive had attached is judged again as of an archive", "[admission]") {
  cmd::KnownEvidence known;
  CHECK(cmd::KnownSource(known, nullptr).place() == Place::archive);
  SaidSource archive;
  archive.where = Place::archive;
  CHECK(cmd::KnownSource(known, &archive).attached(kImage, kWanted).kind == Kind::found);
  cmd::KnownSource again(known, nullptr);
  CHECK(again.place() == Place::archive);
  CHECK(again.attached(kImage, kWanted).kind == Kind::found);
  CHECK(known.from_registry().empty());
  // A registry does not vouch for what the archive had.
  SaidSource registry;
  registry.reply = {Kind::missing, {}, Fault::missing, "nothing"};
  CHECK(cmd::KnownSource(known, &registry).attached(kImage, kWanted).kind == Kind::missing);
  CHECK(cmd::KnownSource(known, nullptr).place() == Place::server);
  CHECK(cmd::KnownSource(known, nullptr).attached(kImage, kWanted).kind == Kind::missing);
}

TEST_CASE("what is remembered is judged again as of the place where it was learned", "[admission]") {
  const trust::TrustedMetadata memory;
  CHECK(cmd::RememberedSource(memory, tuf::memory_rules(), Place::folder).place() == Place::folder);
}

TEST_CASE("a reply serves only the same question, and an absence none that is asked anew", "[admission]") {
  cmd::KnownEvidence known;
  SaidSource source;
  cmd::KnownSource first(known, &source);
  CHECK(first.attached(kImage, kWanted).kind == Kind::found);
  CHECK(first.attached(kImage, kWanted).kind == Kind::found);
  CHECK(source.asked == 1);
  static_cast<void>(first.attached(kImage, {kWanted.artifact_types, 2000}));
  CHECK(source.asked == 2);
  static_cast<void>(first.attached(kImage, {{"application/other"}, 1000}));
  CHECK(source.asked == 3);
  const Digest other = Digest::of(view_of("other"));
  source.reply = {Kind::missing, {}, Fault::missing, "nothing"};
  CHECK(first.attached(other, kWanted).kind == Kind::missing);
  CHECK(cmd::KnownSource(known, nullptr).attached(other, kWanted).kind == Kind::missing);
  // Somebody signs meanwhile, then the registry fails: neither is hidden by the absence of before.
  source.reply = {Kind::unreachable, {}, Fault::unavailable, "no answer"};
  CHECK(first.attached(other, kWanted).kind == Kind::unreachable);
  CHECK(cmd::KnownSource(known, nullptr).attached(other, kWanted).kind == Kind::unreachable);
  source.reply = {Kind::found, {}, Fault::unavailable, {}};
  CHECK(first.attached(other, kWanted).kind == Kind::found);
}

TEST_CASE("the store tells what a registry gave from what came in an archive, whatever that says", "[admission]") {
  const TemporaryFolder folder;
  store::Store store(folder.path() / "store");
  CHECK(kept_in(store).place() == Place::archive);
  keep(store, piece(false));
  CHECK(kept_in(store).place() == Place::archive);
  // Nor does a bundle hand the word on.
  CHECK(store.evidence_about({kImage}).at(0).annotations.size() == 1);
  keep(store, piece(true));
  CHECK(kept_in(store).place() == Place::server);
  CHECK(kept_in(store).attached(kImage, kWanted).kind == Kind::found);
  CHECK(store.evidence_about({kImage}).at(0).annotations.size() == 1);
  keep(store, piece(false));
  CHECK(kept_in(store).place() == Place::server);
  write_file(folder.path() / "store" / ".hallmark" / "evidence" / "index.json", view_of("{"));
  CHECK(kept_in(store).place() == Place::archive);
  CHECK(kept_in(store).attached(kImage, kWanted).kind == Kind::unreachable);
}

TEST_CASE("a question about an image that has learned something is a fault, and is not dropped", "[admission]") {
  SaidSource source;
  OddQuestion question;
  const Subject subject{Reference::parse("reg.example/app:1"), kImage, 1, {}};
  CHECK(cmd::ask_about(question, source, subject, Time())->learned() == nullptr);
  const trust::TrustedMetadata learned;
  question.learned = &learned;
  REQUIRE_FAULT(cmd::ask_about(question, source, subject, Time()), Fault::local);
}

TEST_CASE("a question that needs no digest and has no collection is a fault", "[admission]") {
  const TemporaryFolder folder;
  const OddQuestion question;
  REQUIRE_FAULT(question.asked_collection(), Fault::local);
  const auto memory = cmd::TrustedMetadataStore::beside(folder.path(), folder.path());
  REQUIRE_FAULT(memory.load(question), Fault::local);
  // Nor does what is remembered fit a question that does not say so.
  CHECK_FALSE(question.fits({}, trust::MemoryOf::this_store));
}

TEST_CASE("an answer about an image is kept for the name that was asked about", "[admission]") {
  class DigestQuestion final : public trust::Question {
   public:
    [[nodiscard]] const std::string& key() const override { return key_; }
    [[nodiscard]] bool is_same(const trust::Question& other) const override { return this == &other; }
    [[nodiscard]] bool needs_digest() const override { return true; }
    [[nodiscard]] std::unique_ptr<trust::Answer> ask(trust::EvidenceSource& /*source*/,
                                                     const trust::TrustedMetadata& /*before*/,
                                                     const Subject* /*subject*/, Time /*now*/) const override {
      return nullptr;
    }

   private:
    std::string key_ = "by digest";
  };
  const DigestQuestion about_digest;
  const OddQuestion about_name;
  const Reference one = Reference::parse("reg.example/app:1");
  const Reference two = Reference::parse("reg.example/app:2");
  CHECK(about_digest.answer_key(one, kImage) != about_digest.answer_key(two, kImage));
  CHECK(about_digest.answer_key(one, kImage) == about_digest.answer_key(one, kImage));
  CHECK(about_name.answer_key(one, kImage) == about_name.answer_key(two, std::nullopt));
}

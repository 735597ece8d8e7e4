// SPDX-License-Identifier: Apache-2.0
//
// What evidence is about, and what stays of it.
#include "store/layout/evidence.h"

#include "tests/support/catch.h"

using namespace hallmark;
using namespace hallmark::store;

namespace {

Digest digest(const std::string& text) { return Digest::of(bytes_of(text)); }

EvidenceEntry entry(const std::string& name, const std::string& subject) {
  EvidenceEntry made{"referrer", "application/x", {}, {"application/y", digest(name), name.size(), std::nullopt, {}}};
  if (!subject.empty()) made.annotations.emplace(std::string(kEvidenceSubject), digest(subject).to_string());
  return made;
}

}  // namespace

TEST_CASE("evidence about evidence about an image is about the image, in whatever order it is listed", "[store]") {
  const std::vector<EvidenceEntry> entries{entry("signature of the sbom", "sbom"), entry("sbom", "image"),
                                           entry("about another", "other"), entry("about nothing", "")};
  const auto found = about(entries, {digest("image")});
  REQUIRE(found.size() == 2);
  CHECK(found[0].manifest.digest == digest("signature of the sbom"));
  CHECK(found[1].manifest.digest == digest("sbom"));
  CHECK(about(entries, {digest("unknown")}).empty());
}

TEST_CASE("evidence that is about itself is about nothing else", "[store]") {
  CHECK(about({entry("circle", "circle"), entry("a", "b"), entry("b", "a")}, {digest("image")}).empty());
}

TEST_CASE("the index of evidence is read as it was written", "[store]") {
  const std::vector<EvidenceEntry> entries{entry("sbom", "image"), entry("b", "")};
  const std::string text = evidence_document(entries);
  const auto read = parse_evidence(view_of(text), 2);
  CHECK(evidence_document(read) == text);
  CHECK(read.front().kind == "referrer");
  CHECK(read.front().subject() == digest("image").to_string());
  REQUIRE_FAULT(parse_evidence(view_of(text), 1), Fault::corrupt);
  REQUIRE_FAULT(parse_evidence(view_of("{\"manifests\":[{}]}"), 9), Fault::corrupt);
}

TEST_CASE("an entry of evidence with more to say than a reader takes is refused", "[store]") {
  EvidenceEntry loud = entry("sbom", "image");
  loud.annotations.emplace("long", std::string(kMostEvidenceAnnotations, 'x'));
  REQUIRE_FAULT(parse_evidence(view_of(evidence_document({loud})), 9), Fault::corrupt);
}

TEST_CASE("one document about two images is two entries, and says itself what it is about", "[store]") {
  CHECK(entry("sbom", "image").is_same(entry("sbom", "image")));
  CHECK_FALSE(entry("sbom", "image").is_same(entry("sbom", "other")));
  const std::string subject = digest("image").to_string();
  CHECK(evidence_subject(view_of(R"({"subject":{"digest":")" + subject + R"("}})"))->to_string() == subject);
  CHECK_FALSE(evidence_subject(view_of("{}")));
}

TEST_CASE("a manifest of evidence names config and layers of whatever type", "[store]") {
  const std::string digest_text = digest("x").to_string();
  const std::string descriptor = R"({"mediaType":"a/b","digest":")" + digest_text + R"(","size":1})";
  const std::string both = R"({"config":)" + descriptor + R"(,"layers":[)" + descriptor + "]}";
  CHECK(evidence_blobs(view_of(both)).size() == 2);
  CHECK(evidence_blobs(view_of("{}")).empty());
  REQUIRE_FAULT(evidence_blobs(view_of(R"({"layers":[{"mediaType":"a/b","digest":"sha256:1","size":1}]})")),
                Fault::corrupt);
}

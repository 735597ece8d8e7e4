// SPDX-License-Identifier: Apache-2.0
#include "registry/oci/referrers.h"

#include <set>

#include "registry/oci/link_header.h"
#include "registry/server/document.h"
#include "trust/error.h"
#include "trust/json.h"

namespace hallmark::registry {
namespace {

constexpr std::uint64_t kMostReferrersPageBytes = std::uint64_t{4} << 20U;
/// Of all pages.
constexpr std::uint64_t kMostReferrersBytes = std::uint64_t{8} << 20U;
constexpr std::size_t kMostReferrersPages = 100;
/// Each of them is a manifest that somebody may have to fetch.
constexpr std::size_t kMostReferrers = 1000;
constexpr int kReferrersTries = 2;
/// As the Referrers Tag Schema cuts them (OCI distribution-spec): a tag has at most 128 characters.
constexpr std::size_t kMostTagDigits = 64;
constexpr const char* kAcceptIndex = "Accept: application/vnd.oci.image.index.v1+json";

void add_listed(ByteView body, std::vector<store::Descriptor>& referrers) {
  const json::Value value = json::parse("list of referrers", body);
  const json::Value* const manifests = value.object().find("manifests");
  // Some say an error with a status that says the opposite.
  if (manifests == nullptr || says_errors(value.object())) {
    throw Error(Fault::unavailable, "what the registry sent is no list of referrers", std::string(kNoListHint));
  }
  if (manifests->is_null()) return;
  for (const json::Value& item : manifests->array()) {
    const json::Object& listed = item.object();
    // Only what leads to the manifest is taken: what it is, it says itself.
    referrers.push_back({listed.at("mediaType").string(),
                         Digest::parse(listed.at("digest").string()),
                         listed.at("size").size(),
                         std::nullopt,
                         {}});
    if (referrers.size() > kMostReferrers) fail(Fault::corrupt, "more than ", kMostReferrers, " referrers");
  }
}

}  // namespace

std::optional<std::vector<store::Descriptor>> list_referrers(Session& session, const std::string& path,
                                                             const Digest& subject) {
  std::vector<store::Descriptor> referrers;
  std::set<std::string> asked;
  std::uint64_t bytes = 0;
  std::string target = "/v2/" + path + "/referrers/" + subject.to_string();
  for (;;) {
    if (!asked.insert(target).second) {
      throw Error(Fault::unavailable, "the list of referrers leads back to a page that was read, and has no end",
                  std::string(kNoListHint));
    }
    if (asked.size() > kMostReferrersPages)
      fail(Fault::unavailable, "the list of referrers has more than ", kMostReferrersPages, " pages");
    const ApiRequest request{target, Request::Kind::document, {kAcceptIndex}};
    const Fetched fetched = fetch_document(session, request, kMostReferrersPageBytes, kReferrersTries);
    const int status = fetched.response.status();
    // A server that has given a page has the list: what it lacks of the rest is missing, not unknown.
    if (status == 404 || status == 405) {
      // Another address says nothing of this registry, unless it is where all of it has gone.
      const bool is_its_word =
          !fetched.response.redirected || fetched.response.url.target().ends_with("/referrers/" + subject.to_string());
      if (asked.size() == 1 && is_its_word) return std::nullopt;
      fail(Fault::unavailable, session.base().authority(), ": the list of referrers ends too early: expected page ",
           asked.size(), " at ", fetched.response.url.authority(), ", found HTTP ", status);
    }
    if (status != 200) session.refuse(fetched.response);
    bytes += fetched.bytes.size();
    if (bytes > kMostReferrersBytes)
      fail(Fault::corrupt, "the list of referrers has more than ", kMostReferrersBytes, " bytes");
    add_listed(fetched.bytes, referrers);
    const auto link = next_link(fetched.response.exchange.head().headers.all("link"));
    if (!link) break;
    target = next_target(session, fetched.response.url, *link);
  }
  return referrers;
}

std::vector<store::Descriptor> tagged_referrers(Repository& repository, const Digest& subject) {
  const std::string tag = std::string(subject.algorithm_name()) + "-" + subject.hex().substr(0, kMostTagDigits);
  std::vector<store::Descriptor> referrers;
  try {
    const store::Document index = repository.manifest(tag);
    // A tag of this form may be anybody's: what is no index is no list.
    if (store::is_index(index.descriptor.media_type)) add_listed(index.bytes, referrers);
  } catch (const Error& error) {
    // Only a clear absence is one. Behind any other failure there may be signatures.
    if (error.fault() != Fault::missing) throw;
  }
  return referrers;
}

}  // namespace hallmark::registry

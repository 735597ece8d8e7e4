// SPDX-License-Identifier: Apache-2.0
#include "registry/oci/tag_list.h"

#include "registry/oci/link_header.h"
#include "registry/server/document.h"
#include "trust/error.h"
#include "trust/json.h"
#include "trust/reference.h"

namespace hallmark::registry {
namespace {

constexpr std::uint64_t kMostTagPageBytes = std::uint64_t{16} << 20U;
/// Of all pages and of the addresses by which they were asked for: both are kept.
constexpr std::uint64_t kMostTagListBytes = std::uint64_t{16} << 20U;
constexpr std::size_t kMostTagPages = 10'000;
constexpr std::size_t kMostTags = 200'000;
constexpr std::size_t kPageSize = 1000;  // what most registries give at most

/// What was asked for, and how much came.
struct Pages {
  std::set<std::string> asked;
  std::uint64_t bytes = 0;
};

/// One page more, within the limits of all of them.
Fetched fetch_page(Session& session, const std::string& target, Pages& pages) {
  if (!pages.asked.insert(target).second) {
    throw Error(Fault::unavailable, "the list of tags leads back to a page that was read, and has no end",
                std::string(kNoListHint));
  }
  if (pages.asked.size() > kMostTagPages) {
    fail(Fault::unavailable, "the list of tags has more than ", kMostTagPages, " pages");
  }
  Fetched fetched = fetch_document(session, ApiRequest{target}, kMostTagPageBytes, kDocumentTries);
  if (fetched.response.status() != 200) session.refuse(fetched.response);
  pages.bytes += target.size() + fetched.bytes.size();
  if (pages.bytes > kMostTagListBytes) {
    fail(Fault::unavailable, "the list of tags has more than ", kMostTagListBytes, " bytes");
  }
  return fetched;
}

}  // namespace

TagPage parse_tag_page(ByteView body) {
  const json::Value value = json::parse("list of tags", body, json::Limits{kMostTagPageBytes, 64});
  const json::Value* const tags = value.object().find("tags");
  // Some say an error with a status that says the opposite; some leave out what is empty.
  const bool is_list = tags != nullptr || value.object().find("name") != nullptr;
  if (!is_list || says_errors(value.object())) {
    throw Error(Fault::unavailable, "what the registry sent is no list of tags", std::string(kNoListHint));
  }
  TagPage page;
  page.is_none = tags == nullptr || tags->is_null();
  if (page.is_none) return page;
  for (const json::Value& entry : tags->array()) {
    // Left out and not refused: one odd name must not hide all others.
    const std::string text = entry.is_string() ? entry.string() : std::string(entry.kind_name());
    (entry.is_string() && Reference::is_tag(text) ? page.tags : page.left_out).push_back(text);
  }
  return page;
}

std::set<std::string> list_tags(Session& session, const std::string& path) {
  const std::string first = "/v2/" + path + "/tags/list?n=" + std::to_string(kPageSize);
  std::set<std::string> tags;
  Pages pages;
  std::string target = first;
  bool is_promised = false;  // by a link
  std::size_t left_out = 0;
  std::string first_left_out;
  for (;;) {
    const Fetched fetched = fetch_page(session, target, pages);
    const TagPage page = parse_tag_page(fetched.bytes);
    // An empty repository has none, and neither has what was asked for without a promise.
    if (page.is_none && is_promised) {
      throw Error(Fault::unavailable, "the next page of the list of tags has no list", std::string(kNoListHint));
    }
    if (!page.left_out.empty()) {
      if (left_out == 0) first_left_out = printable(page.left_out.front(), 80);
      left_out += page.left_out.size();
    }
    const std::size_t before = tags.size();
    tags.insert(page.tags.begin(), page.tags.end());
    if (tags.size() > kMostTags) fail(Fault::unavailable, "the repository has more than ", kMostTags, " tags");
    const auto link = next_link(fetched.response.exchange.head().headers.all("link"));
    is_promised = link.has_value();
    if (link) {
      target = next_target(session, fetched.response.url, *link);
      continue;
    }
    // A full page and no link: some servers leave it to us to ask on.
    if (page.tags.size() + page.left_out.size() != kPageSize || tags.size() == before) break;
    // From the last that is a tag: what is none cannot stand in an address.
    target = first + "&last=" + page.tags.back();
  }
  if (left_out > 0) {
    session.warn("warning: " + session.base().authority() + "/" + path + ": " + std::to_string(left_out) +
                 " entries of its list of tags are no tags and are left out, the first is \"" + first_left_out + "\"");
  }
  return tags;
}

}  // namespace hallmark::registry

// SPDX-License-Identifier: Apache-2.0
#include "registry/tag_list.h"

#include <algorithm>

#include "registry/document.h"
#include "trust/error.h"
#include "trust/json.h"
#include "trust/reference.h"

namespace hallmark::registry {
namespace {

constexpr std::uint64_t kMostPageBytes = std::uint64_t{16} << 20U;
/// Of all pages and of the addresses by which they were asked for: both are kept.
constexpr std::uint64_t kMostListBytes = std::uint64_t{16} << 20U;
constexpr std::size_t kMostPages = 10'000;
constexpr std::size_t kMostTags = 200'000;
constexpr std::size_t kPageSize = 1000;  // what most registries give at most

/// ";rel=next" or ";rel=\"prev next\"", among other parameters.
bool says_next(std::string_view parameters) {
  while (!parameters.empty()) {
    const auto end = std::min(parameters.find(';', 1), parameters.size());
    std::string_view one = trimmed(parameters.substr(1, end - 1));
    parameters.remove_prefix(end);
    if (!one.starts_with("rel")) continue;
    one = trimmed(one.substr(3));
    if (!one.starts_with('=')) continue;
    one = trimmed(one.substr(1));
    if (one.starts_with('"') && one.ends_with('"') && one.size() >= 2) one = one.substr(1, one.size() - 2);
    const std::string padded = " " + std::string(one) + " ";
    if (padded.find(" next ") != std::string::npos) return true;
  }
  return false;
}

}  // namespace

std::optional<std::string> next_link(const std::vector<std::string>& headers) {
  for (const std::string& header : headers) {
    std::string_view rest = header;
    for (;;) {
      const auto open = rest.find('<');
      const auto close = rest.find('>', open == std::string_view::npos ? 0 : open);
      if (open == std::string_view::npos || close == std::string_view::npos) break;
      const std::string_view target = rest.substr(open + 1, close - open - 1);
      rest.remove_prefix(close + 1);
      const std::string_view parameters = trimmed(rest.substr(0, rest.find(',')));
      if (parameters.starts_with(';') && says_next(parameters)) return std::string(target);
    }
  }
  return std::nullopt;
}

std::string next_target(const Session& session, const Url& from, const std::string& link) {
  const Url next = from.resolve(link);
  if (next.host() != from.host()) {
    fail(Fault::unavailable, session.base().authority(), ": the next page of the list is said to be on ",
         next.authority(), ": refused");
  }
  return next.target();
}

TagPage parse_tag_page(ByteView body) {
  const json::Value value = json::parse("list of tags", body, json::Limits{kMostPageBytes, 64});
  const json::Value* const tags = value.object().find("tags");
  TagPage page{{}, 0};
  if (tags == nullptr || tags->is_null()) return page;
  for (const json::Value& entry : tags->array()) {
    ++page.entries;
    if (entry.is_string() && Reference::is_tag(entry.string())) page.tags.push_back(entry.string());
  }
  return page;
}

std::set<std::string> list_tags(Session& session, const std::string& path) {
  const std::string first = "/v2/" + path + "/tags/list?n=" + std::to_string(kPageSize);
  std::set<std::string> tags;
  std::set<std::string> asked;
  std::string target = first;
  std::uint64_t bytes = 0;
  while (asked.insert(target).second) {
    if (asked.size() > kMostPages) fail(Fault::unavailable, "the list of tags has more than ", kMostPages, " pages");
    const Fetched fetched = fetch_document(session, Question{target}, kMostPageBytes, kDocumentTries);
    if (fetched.reply.status() != 200) session.refuse(fetched.reply);
    bytes += target.size() + fetched.bytes.size();
    if (bytes > kMostListBytes) fail(Fault::unavailable, "the list of tags has more than ", kMostListBytes, " bytes");
    const TagPage page = parse_tag_page(fetched.bytes);
    const std::size_t before = tags.size();
    tags.insert(page.tags.begin(), page.tags.end());
    if (tags.size() > kMostTags) fail(Fault::unavailable, "the repository has more than ", kMostTags, " tags");
    const auto link = next_link(fetched.reply.exchange.head().headers.all("link"));
    if (link) {
      target = next_target(session, fetched.reply.url, *link);
      continue;
    }
    // A full page and no link: some servers leave it to us to ask on.
    if (page.entries != kPageSize || tags.size() == before || page.tags.empty()) break;
    target = first + "&last=" + page.tags.back();
  }
  return tags;
}

}  // namespace hallmark::registry

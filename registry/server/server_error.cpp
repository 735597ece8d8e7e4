// SPDX-License-Identifier: Apache-2.0
#include "registry/server/server_error.h"

#include <algorithm>

#include "trust/error.h"
#include "trust/json.h"

namespace hallmark::registry {
namespace {

/// A server may list thousands. A few tell what is wrong.
constexpr std::size_t kMostErrors = 3;
constexpr std::size_t kMostWordsBytes = 300;

std::string words_for(int status) { return "HTTP " + std::to_string(status); }

/// Escaped and cut here, where it comes in: it is a stranger's text on its way to a terminal.
std::string shown_member(const json::Object& object, std::string_view name) {
  const json::Value* const value = object.find(name);
  return value != nullptr && value->is_string() ? printable(value->string(), kMostWordsBytes) : std::string();
}

/// The detail, when it is worth printing: neither empty nor null.
std::string detail_of(const json::Object& object, int status) {
  const json::Value* const detail = object.find("detail");
  if (detail == nullptr || detail->is_null()) return {};
  if (detail->is_string()) return printable(detail->string(), kMostWordsBytes);
  // Of what is missing, or may not be seen, it only repeats what was asked for.
  if (status == 404 || status == 401 || status == 403 || (detail->is_object() && detail->object().members().empty()))
    return {};
  return printable(json::to_text(*detail), kMostWordsBytes);
}

std::string one_error(const json::Value& value, int status) {
  if (!value.is_object()) return {};
  const json::Object& object = value.object();
  const std::string code = shown_member(object, "code");
  std::string line = shown_member(object, "message");
  if (line.empty()) line = code.empty() ? std::string("no reason given") : code;
  line += " (" + (code.empty() ? words_for(status) : code + ", " + words_for(status)) + ")";
  const std::string detail = detail_of(object, status);
  return detail.empty() ? line : line + ": " + detail;
}

std::string joined_errors(const json::Array& errors, int status) {
  std::string line;
  for (std::size_t index = 0; index < std::min(errors.size(), kMostErrors); ++index) {
    const std::string one = one_error(errors[index], status);
    if (one.empty()) continue;
    if (!line.empty()) line += "; ";
    line += one;
  }
  if (errors.size() > kMostErrors) line += "; and " + std::to_string(errors.size() - kMostErrors) + " more";
  return line;
}

/// Registries: {"errors":[...]}; token servers also {"details":"..."} or {"error":"...","error_description":"..."}.
std::string line_of_json(const json::Value& value, int status) {
  if (!value.is_object()) return {};
  const json::Object& object = value.object();
  const json::Value* const errors = object.find("errors");
  if (errors != nullptr && errors->is_array()) return joined_errors(errors->array(), status);
  for (const std::string_view name : {"error_description", "details", "message", "error"}) {
    const std::string text = shown_member(object, name);
    if (!text.empty()) return detail::joined(text, " (", words_for(status), ")");
  }
  return {};
}

/// The first line of a plain text; markup and binary say nothing to people.
std::string first_words(std::string_view body) {
  body.remove_prefix(std::min(body.find_first_not_of(" \t\r\n"), body.size()));
  body = body.substr(0, body.find_first_of("\r\n"));
  const bool plain = std::all_of(body.begin(), body.end(), [](char c) { return c == '\t' || (c >= ' ' && c <= '~'); });
  return plain && !body.starts_with('<') ? printable(body, kMostWordsBytes) : std::string();
}

}  // namespace

std::string error_line(int status, std::string_view body) {
  std::string line;
  try {
    line = line_of_json(json::parse("error", view_of(body), json::Limits{kMostErrorBytes, 32}), status);
  } catch (const Error&) {
    // Proxies before a registry refuse in words of their own.
    const std::string words = first_words(body);
    if (!words.empty()) line = detail::joined(words, " (", words_for(status), ")");
  }
  return line.empty() ? words_for(status) : line;
}

std::vector<std::string> warnings_of(const std::vector<std::string>& headers) {
  static constexpr std::string_view kPrefix = "299 - \"";
  static constexpr std::size_t kMostBytes = 4096;
  std::vector<std::string> texts;
  for (const std::string& header : headers) {
    // The only form that the distribution-spec has for it. Other codes are those of caches.
    if (!header.starts_with(kPrefix) || !header.ends_with('"') || header.size() > kMostBytes) continue;
    if (header.size() == kPrefix.size()) continue;
    std::string text;
    bool sound = true;
    for (std::size_t at = kPrefix.size(); at + 1 < header.size(); ++at) {
      if (header[at] == '\\' && at + 2 < header.size()) ++at;
      const auto byte = static_cast<unsigned char>(header[at]);
      sound = sound && byte >= 0x20 && byte != 0x7f;
      text += header[at];
    }
    if (sound && !text.empty()) texts.push_back(printable(text, kMostBytes));
  }
  return texts;
}

}  // namespace hallmark::registry

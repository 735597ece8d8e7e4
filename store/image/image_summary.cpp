// SPDX-License-Identifier: Apache-2.0
#include "store/image/image_summary.h"

#include "store/image/image.h"
#include "trust/error.h"

namespace hallmark::store {
namespace {

/// Of a config without a time: the words after it keep their places.
constexpr std::string_view kNobodyKnows = "-";
constexpr std::size_t kMostWord = 300;

std::vector<std::string> pieces_of(std::string_view text, char separator) {
  std::vector<std::string> pieces;
  for (;;) {
    const std::size_t end = text.find(separator);
    pieces.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return pieces;
    text.remove_prefix(end + 1);
  }
}

/// With the fraction of the second: two decisions have two times.
std::string exact_text(Time at) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(at);
  std::string fraction = std::to_string(1'000'000 + (at - whole).count());
  std::string text = to_text(whole);
  fraction[0] = '.';
  return text.insert(text.size() - 1, fraction);
}

}  // namespace

std::string image_summary_text(const ImageSummary& summary) {
  std::string text =
      summary.id.to_string() + " " + (summary.created ? to_text(*summary.created) : std::string(kNobodyKnows));
  for (const std::uint64_t size : summary.layer_sizes) text += " " + std::to_string(size);
  return text;
}

std::optional<ImageSummary> parse_image_summary(std::string_view text) {
  try {
    const std::vector<std::string> words = pieces_of(text, ' ');
    // As many as an image may have layers: the file may have been written by others.
    if (words.size() < 2 || words.size() > kMostLayers + 2) return std::nullopt;
    ImageSummary summary{Digest::parse(words[0]), std::nullopt, {}};
    if (words[1] != kNobodyKnows) summary.created = parse_time(words[1]);
    for (std::size_t i = 2; i < words.size(); ++i) {
      summary.layer_sizes.push_back(json::Value(json::Number{words[i]}).size());
    }
    return summary;
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::string admission_reason_text(const AdmissionReason& admission_reason) {
  // What is printable has no line end, so each has a line of its own.
  return exact_text(admission_reason.at) + "\n" + printable(admission_reason.by, kMostWord) + "\n" +
         printable(admission_reason.rule, kMostWord);
}

std::optional<AdmissionReason> parse_admission_reason(std::string_view text) {
  try {
    const std::vector<std::string> lines = pieces_of(text, '\n');
    if (lines.size() != 3) return std::nullopt;
    // Once more, for the file may have been written by others.
    return AdmissionReason{printable(lines[1], kMostWord), printable(lines[2], kMostWord), parse_time(lines[0])};
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace hallmark::store

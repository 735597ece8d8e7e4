// SPDX-License-Identifier: Apache-2.0
#include "cmd/images/image_filter.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

#include "cmd/images/local_image.h"
#include "cmd/images/still_there.h"
#include "registry/http/headers.h"
#include "trust/error.h"
#include "trust/json.h"

namespace hallmark::cmd {
namespace {

/// Go's zero time, which docker has for an image without a date: it is older than all others.
constexpr Time kNoTime = std::chrono::sys_days(std::chrono::year(1) / 1 / 1);

/// Docker takes "label = x" as well.
std::string trimmed(std::string text) {
  text.erase(0, std::min(text.find_first_not_of(" \t"), text.size()));
  text.erase(text.find_last_not_of(" \t") + 1);
  return text;
}

bool parse_dangling(const std::string& value) {
  if (value == "true" || value == "1") return true;
  if (value == "false" || value == "0") return false;
  throw Error(Fault::usage, "Invalid filter 'dangling=" + printable(value, 80) + "'", "expected true or 1, false or 0");
}

/// Digits and a unit, again and again: absent when it is something else.
std::optional<std::chrono::microseconds> parse_go_duration(std::string_view text) {
  struct Unit {
    std::string_view name;
    std::int64_t microseconds;
  };
  // "ms" before "m": the first that fits is taken.
  static constexpr std::array kUnits{Unit{"ms", 1000}, Unit{"us", 1}, Unit{"s", 1'000'000}, Unit{"m", 60'000'000},
                                     Unit{"h", 3'600'000'000}};
  std::chrono::microseconds total{0};
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const auto* unit =
        std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& u) { return text.starts_with(u.name); });
    // More than a thousand years of hours: nothing that a person means, and the product stays within 64 bits.
    if (error != std::errc() || number < 0 || number > 10'000'000 || unit == kUnits.end()) return std::nullopt;
    total += std::chrono::microseconds(number * unit->microseconds);
    // So does the sum, which would turn into a moment to come: before that is everything.
    if (total > std::chrono::hours(10'000'000)) return std::nullopt;
    text.remove_prefix(unit->name.size());
  }
  return total;
}

std::optional<Time> parse_local(const std::string& text) {
  for (const char* form : {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d"}) {
    std::tm parts{};
    // Whether daylight saving was in force then is for the time zone to say.
    parts.tm_isdst = -1;
    const char* end = strptime(text.c_str(), form, &parts);
    if (end == nullptr || *end != '\0') continue;
    return std::chrono::time_point_cast<std::chrono::microseconds>(
        std::chrono::system_clock::from_time_t(std::mktime(&parts)));
  }
  return std::nullopt;
}

const json::Object* object_at(const json::Object& object, std::string_view name) {
  const json::Value* value = object.find(name);
  return value == nullptr || value->is_null() ? nullptr : &value->object();
}

}  // namespace

Time parse_moment(const std::string& text, Time now) {
  if (const auto before = parse_go_duration(text)) return now - *before;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  // Before the forms of a date, none of which is digits alone.
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  if (is_number && seconds >= 0 && seconds < std::int64_t{1} << 36U) return Time(std::chrono::seconds(seconds));
  if (const auto local = parse_local(text)) return *local;
  try {
    return parse_time(text);
  } catch (const Error&) {
    throw Error(Fault::usage, "no point in time: " + printable(text, 80),
                "expected 24h, 2026-01-02, 2026-01-02T15:04:05, that with a zone, or seconds since 1970");
  }
}

ImageFilter::ImageFilter(const std::vector<std::string>& texts, std::span<const std::string_view> known,
                         const store::Store& store, Time now)
    : store_(&store) {
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) {
      fail(Fault::usage, "invalid argument \"", printable(text, 80),
           "\" for \"--filter\" flag: bad format of filter (expected name=value)");
    }
    std::string name = registry::lower_case(trimmed(text.substr(0, equals)));
    const bool negates = name == "label!";
    // Refused, never passed over: with a filter left out `image prune` would remove more than was asked for.
    if (std::find(known.begin(), known.end(), negates ? "label" : name) == known.end()) {
      std::string names;
      for (const std::string_view one : known) names += (names.empty() ? "" : " ") + std::string(one);
      throw Error(Fault::usage, "Invalid filter '" + printable(name, 80) + "'", "there are: " + names);
    }
    add(name, trimmed(text.substr(equals + 1)), now);
  }
}

void ImageFilter::add_reference(const std::string& pattern) {
  check_pattern(pattern);
  references_.push_back(pattern);
}

void ImageFilter::add(const std::string& name, const std::string& value, Time now) {
  if (name == "reference") {
    add_reference(value);
  } else if (name == "label" || name == "label!") {
    const std::size_t equals = value.find('=');
    const bool has_value = equals != std::string::npos;
    labels_.push_back(
        {value.substr(0, equals), has_value ? std::optional(value.substr(equals + 1)) : std::nullopt, name == "label"});
  } else if (name == "dangling") {
    dangling_ = parse_dangling(value);
  } else if (name == "before") {
    // Given twice, both must be so.
    before_ = std::min(created_of(value), before_.value_or(Time::max()));
  } else if (name == "since") {
    since_ = std::max(created_of(value), since_.value_or(Time::min()));
  } else {
    until_ = std::min(parse_moment(value, now), until_.value_or(Time::max()));
  }
}

Time ImageFilter::created_of(const std::string& text) const {
  const auto entry = store_->find(text);
  if (!entry) fail_missing(text);
  const auto created = store::parse_config(while_there(*store_, *entry, [&] {
                         return read_image_called(*store_, *entry, text).config;
                       })).created;
  // In whole seconds, like what it is compared with.
  return std::chrono::floor<std::chrono::seconds>(created.value_or(kNoTime));
}

bool ImageFilter::admits(const ListedImage& image) const {
  const Time created = image.created.value_or(kNoTime);
  if (before_ && created >= *before_) return false;
  if (since_ && created <= *since_) return false;
  if (until_ && created > *until_) return false;
  if (dangling_ && *dangling_ != image.is_dangling) return false;
  const bool is_meant =
      references_.empty() || std::any_of(references_.begin(), references_.end(),
                                         [&](const auto& one) { return matches_reference(image.entry, one); });
  // Labels last: they alone have to read the config.
  return is_meant && (labels_.empty() || admits_labels(image));
}

bool ImageFilter::admits_labels(const ListedImage& image) const {
  const json::Value config =
      json::parse("config", while_there(*store_, image.entry, [&] { return read_image(*store_, image.entry).config; }));
  const json::Object* inner = object_at(config.object(), "config");
  const json::Object* labels = inner == nullptr ? nullptr : object_at(*inner, "Labels");
  return std::all_of(labels_.begin(), labels_.end(), [&](const Label& label) {
    const json::Value* found = labels == nullptr ? nullptr : labels->find(label.key);
    const bool fits = found != nullptr && (!label.value || found->string() == *label.value);
    return fits == label.is_wanted;
  });
}

}  // namespace hallmark::cmd

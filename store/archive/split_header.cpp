// SPDX-License-Identifier: Apache-2.0
#include "store/archive/split_header.h"

#include <algorithm>
#include <cctype>

#include "store/disk/file.h"
#include "store/stream/archive_refusal.h"
#include "trust/json.h"

namespace hallmark::store {
namespace {

namespace fs = std::filesystem;

/// With the most parts there are it has about 130 KB.
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 20U;
constexpr std::size_t kDigits = 3;

/// A name beside the header, never a way to somewhere else.
std::string file_name(const json::Value& value) {
  std::string name = value.string();
  // It is put behind the header's folder: with a slash, or as "..", it would lead out of it.
  const bool has_control = std::any_of(name.begin(), name.end(), [](unsigned char c) { return std::iscntrl(c) != 0; });
  if (name.empty() || has_control || name == "." || name == ".." || fs::path(name).filename() != name) {
    fail(Fault::corrupt, "\"", printable(name, 200), "\" is no name of a part");
  }
  return name;
}

SplitHeader parse(ByteView bytes) {
  const json::Value value = json::parse("the header", bytes);
  const json::Object& object = value.object();
  // A format of ours: unknown members are refused (docs/house.md, law 8).
  object.allow_only({"bundle", "format", "partSize", "parts", "statement"});
  const std::int64_t format = object.at("format").integer();
  if (format != 1) fail(Fault::corrupt, "format ", format, ", expected 1");
  const json::Object& bundle = object.at("bundle").object();
  bundle.allow_only({"sha256", "size"});
  SplitHeader header{Digest::parse("sha256:" + bundle.at("sha256").string()),
                     bundle.at("size").size(),
                     object.at("partSize").size(),
                     {},
                     Digest::parse(object.at("statement").string())};
  std::uint64_t left = header.size;
  for (const json::Value& listed : object.at("parts").array()) {
    const json::Object& part = listed.object();
    part.allow_only({"name", "sha256", "size"});
    header.parts.push_back(
        {file_name(part.at("name")), part.at("size").size(), Digest::parse("sha256:" + part.at("sha256").string())});
    const SplitPart& last = header.parts.back();
    // Empty parts could be listed without end.
    if (last.size == 0 || last.size != std::min(left, header.part_size)) {
      fail(Fault::corrupt, "the sizes of the parts do not add up to that of the bundle");
    }
    left -= last.size;
    const bool is_new = std::none_of(header.parts.begin(), header.parts.end() - 1,
                                     [&](const SplitPart& other) { return other.name == last.name; });
    if (!is_new) fail(Fault::corrupt, printable(last.name, 200), " is listed twice");
  }
  if (left != 0 || header.parts.empty()) fail(Fault::corrupt, "the parts end before the bundle");
  if (header.parts.size() > SplitHeader::kMostParts) fail(Fault::corrupt, header.parts.size(), " parts");
  return header;
}

}  // namespace

std::string SplitHeader::text() const {
  json::Writer writer(0);
  writer.begin_object().key("bundle").begin_object().member("sha256", bundle.hex()).key("size").size(size);
  writer.end_object().key("format").integer(1).key("partSize").size(part_size).key("parts").begin_array();
  for (const SplitPart& part : parts) {
    writer.begin_object().member("name", part.name).member("sha256", part.digest.hex()).key("size").size(part.size);
    writer.end_object();
  }
  writer.end_array().member("statement", statement.to_string()).end_object();
  return writer.text();
}

SplitHeader SplitHeader::read(const fs::path& file) {
  const std::string shown = printable(file.string(), 300);
  std::error_code error;  // what cannot be followed cannot be read either
  const fs::path place = fs::weakly_canonical(file, error);
  return within(shown, [&] {
    return refusing_as("E_PART_HEADER", [&] {
      const auto bytes = read_file(error ? file : place, kMostBytes);
      if (!bytes)
        throw Error(Fault::missing, ErrorCode{"E_PART_MISSING"}, "no such file",
                    "the header of a bundle in parts ends in .000");
      return parse(*bytes);
    });
  });
}

fs::path part_path(const fs::path& name, std::size_t number) {
  std::string digits = std::to_string(number);
  digits.insert(0, kDigits - std::min(kDigits, digits.size()), '0');
  fs::path path = name;
  path += "." + digits;
  return path;
}

std::optional<std::size_t> part_number(const fs::path& file) {
  const std::string name = file.filename().string();
  if (name.size() < kDigits + 2 || name[name.size() - kDigits - 1] != '.') return std::nullopt;
  const std::string digits = name.substr(name.size() - kDigits);
  const bool is_number =
      std::all_of(digits.begin(), digits.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
  return is_number ? std::optional<std::size_t>(std::stoul(digits)) : std::nullopt;
}

fs::path header_path(const fs::path& part) {
  const std::string name = part.filename().string();
  return part.parent_path() / (name.substr(0, name.size() - kDigits) + "000");
}

}  // namespace hallmark::store

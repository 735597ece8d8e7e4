// SPDX-License-Identifier: Apache-2.0
#include "trust/crypto/pem.h"

#include <sodium.h>

#include <algorithm>

#include "trust/error.h"

namespace hallmark::crypto {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 20U;
constexpr std::size_t kMostBlocks = 256;
constexpr std::size_t kLineWidth = 64;
constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] std::size_t size() const { return rest_.size(); }
  std::string_view next() {
    const std::size_t end = std::min(rest_.find('\n'), rest_.size());
    const std::string_view line = trimmed(rest_.substr(0, end));
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return line;
  }

 private:
  std::string_view rest_;
};

PemHeader parse_header(std::string_view line) {
  const std::size_t colon = line.find(':');
  const std::string_view value = trimmed(line.substr(colon + 1));
  const auto is_control = [](char letter) { return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f; };
  if (std::any_of(line.begin(), line.end(), is_control)) fail(Fault::corrupt, "PEM header with control characters");
  return {std::string(line.substr(0, colon)), std::string(value)};
}

bool is_boundary(std::string_view line) { return line.starts_with("-----BEGIN") || line.starts_with("-----END"); }

/// Not the house's own reader: that one leaves copies behind, and shows in its message what it does not understand.
Secret decode(std::string_view base64) {
  Secret bytes(base64.size() / 4 * 3);
  std::size_t size = 0;
  if (sodium_base642bin(bytes.space().data(), bytes.size(), base64.data(), base64.size(), nullptr, &size, nullptr,
                        sodium_base64_VARIANT_ORIGINAL) != 0) {
    fail(Fault::corrupt, "a PEM block whose content is no base64");
  }
  return Secret(bytes.view().first(size));
}

PemBlock parse_block(std::string_view type, Lines& lines) {
  PemBlock block{std::string(type), {}, Secret(std::size_t{0})};
  const std::string end = std::string(kEnd) + block.type + std::string(kDashes);
  // Room for all that is left: a text that grows would leave copies of a private key behind.
  Secret base64(lines.size());
  std::size_t size = 0;
  for (;;) {
    if (lines.at_end()) fail(Fault::corrupt, "PEM block ", printable(type, 40), " is cut off: it has no end");
    const std::string_view line = lines.next();
    if (line == end) break;
    // No line of base64 has a colon.
    if (line.find(':') == std::string_view::npos) {
      std::copy(line.begin(), line.end(), base64.space().begin() + static_cast<std::ptrdiff_t>(size));
      size += line.size();
      continue;
    }
    // Some readers would take it for a header and some would not.
    if (size != 0) fail(Fault::corrupt, "PEM block ", printable(type, 40), " with a header behind its content");
    PemHeader header = parse_header(line);
    // Of two values, for a role or for an initial vector, readers take either.
    if (!block.header(header.first).empty()) fail(Fault::corrupt, "PEM header ", header.first, " stands there twice");
    block.headers.push_back(std::move(header));
  }
  block.content = decode(base64.text().substr(0, size));
  if (block.content.empty()) fail(Fault::corrupt, "PEM block ", printable(type, 40), " is empty");
  return block;
}

}  // namespace

std::string PemBlock::header(std::string_view name) const {
  const auto found =
      std::find_if(headers.begin(), headers.end(), [&](const PemHeader& candidate) { return candidate.first == name; });
  return found == headers.end() ? std::string() : found->second;
}

std::vector<PemBlock> parse_pem(ByteView text) {
  if (text.size() > kMostBytes) fail(Fault::corrupt, text.size(), " bytes of PEM, at most ", kMostBytes);
  std::vector<PemBlock> blocks;
  for (Lines lines(text_of(text)); !lines.at_end();) {
    const std::string_view line = lines.next();
    // RFC 7468, 2 lets text stand around blocks: authorities and OpenSSL say there what the block is.
    if (!is_boundary(line)) continue;
    const bool begins =
        line.size() > kBegin.size() + kDashes.size() && line.starts_with(kBegin) && line.ends_with(kDashes);
    // What looks like a piece of a block may be a damaged key: it is not taken for a text, and not shown.
    if (!begins) fail(Fault::corrupt, "not PEM: a line that begins or ends a block is damaged");
    if (blocks.size() == kMostBlocks) fail(Fault::corrupt, "more than ", kMostBlocks, " PEM blocks");
    blocks.push_back(parse_block(line.substr(kBegin.size(), line.size() - kBegin.size() - kDashes.size()), lines));
  }
  if (blocks.empty()) fail(Fault::corrupt, "not PEM: no block in it");
  return blocks;
}

std::string write_pem(std::string_view type, const std::vector<PemHeader>& headers, ByteView content) {
  std::string text = std::string(kBegin) + std::string(type) + std::string(kDashes) + "\n";
  for (const auto& [name, value] : headers) text.append(name).append(": ").append(value).append("\n");
  if (!headers.empty()) text += "\n";
  // The text of a private key tells as much as the key.
  const Secret base64 = Secret::take(base64_of(content));
  for (std::size_t at = 0; at < base64.size(); at += kLineWidth) {
    text += base64.text().substr(at, kLineWidth);
    text += '\n';
  }
  return text + std::string(kEnd) + std::string(type) + std::string(kDashes) + "\n";
}

}  // namespace hallmark::crypto

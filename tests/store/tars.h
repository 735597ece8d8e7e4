// SPDX-License-Identifier: Apache-2.0
//
// Tars made up for tests, with headers that no writer of ours would write.
#pragma once

#include <string>

namespace hallmark::test {

inline const std::string kTarEnd(1024, '\0');

inline std::string octal(std::size_t value, std::size_t digits) {
  std::string text(digits, '0');
  for (std::size_t at = digits; at-- > 0; value /= 8) text[at] = static_cast<char>('0' + value % 8);
  return text;
}

inline const std::string kPosixMagic("ustar\00000", 8);
inline const std::string kGnuMagic("ustar  \0", 8);

/// Makes the checksum of a header right.
inline std::string signed_header(std::string block) {
  block.replace(148, 8, "        ");
  std::size_t sum = 0;
  for (const char byte : block) sum += static_cast<unsigned char>(byte);
  block.replace(148, 7, octal(sum, 6) + '\0');
  return block;
}

/// A header with its body, filled up to a whole block: GNU's kind where GNU's types are, else that of POSIX.
inline std::string tar_entry(const std::string& name, char type, const std::string& body,
                             const std::string& target = {}) {
  std::string block(512, '\0');
  block.replace(0, name.size(), name);
  block.replace(100, 7, "0000644");
  block.replace(124, 11, octal(body.size(), 11));
  block.replace(136, 11, "00000000000");
  block[156] = type;
  block.replace(157, target.size(), target);
  block.replace(257, 8, type == 'L' || type == 'K' ? kGnuMagic : kPosixMagic);
  return signed_header(block) + body + std::string((512 - body.size() % 512) % 512, '\0');
}

inline std::string tar_file(const std::string& name, const std::string& body) { return tar_entry(name, '0', body); }

/// "length key=value\n", the length being that of the whole record.
inline std::string pax_record(const std::string& key, const std::string& value) {
  const std::string rest = " " + key + "=" + value + "\n";
  std::size_t length = rest.size() + 1;
  while (std::to_string(length).size() + rest.size() != length) ++length;
  return std::to_string(length) + rest;
}

inline std::string pax_path(const std::string& name) {
  return tar_entry("PaxHeaders/1", 'x', pax_record("path", name));
}
inline std::string gnu_name(const std::string& name) { return tar_entry("././@LongLink", 'L', name + '\0'); }
inline std::string gnu_target(const std::string& name) { return tar_entry("././@LongLink", 'K', name + '\0'); }

}  // namespace hallmark::test

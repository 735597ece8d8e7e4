// SPDX-License-Identifier: Apache-2.0
#include "cmd/pinning/placed_text.h"

namespace hallmark::cmd {

void PlacedText::add(char byte, std::size_t place) {
  text += byte;
  places.push_back(place);
}

PlacedText PlacedText::part(std::size_t first, std::size_t size) const {
  const auto begin = places.begin() + static_cast<std::ptrdiff_t>(first);
  return {text.substr(first, size), {begin, begin + static_cast<std::ptrdiff_t>(size)}};
}

std::optional<std::size_t> PlacedText::end() const {
  // Its bytes follow each other in the file: no escape, quote or continuation stood between them.
  if (places.empty() || places.back() - places.front() != places.size() - 1) return std::nullopt;
  return places.back() + 1;
}

}  // namespace hallmark::cmd

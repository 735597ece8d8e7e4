// SPDX-License-Identifier: Apache-2.0
#include "cmd/byte_count.h"

#include <array>
#include <charconv>
#include <limits>
#include <string_view>

#include "trust/error.h"

namespace hallmark::cmd {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t bytes;
};

constexpr std::uint64_t kThousand = 1000;
constexpr std::uint64_t kKibi = 1024;
constexpr std::array<Unit, 11> kUnits{{{"", 1},
                                       {"B", 1},
                                       {"kB", kThousand},
                                       {"KB", kThousand},
                                       {"MB", kThousand* kThousand},
                                       {"GB", kThousand* kThousand* kThousand},
                                       {"TB", kThousand* kThousand* kThousand* kThousand},
                                       {"KiB", kKibi},
                                       {"MiB", kKibi* kKibi},
                                       {"GiB", kKibi* kKibi* kKibi},
                                       {"TiB", kKibi* kKibi* kKibi* kKibi}}};

}  // namespace

std::uint64_t parse_byte_count(const std::string& flag, const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view name(end, static_cast<std::size_t>(text.data() + text.size() - end));
  for (const Unit& unit : kUnits) {
    if (error != std::errc() || number == 0 || unit.name != name) continue;
    if (number > std::numeric_limits<std::uint64_t>::max() / unit.bytes) break;
    return number * unit.bytes;
  }
  throw Error(Fault::usage, flag + ": expected a size, found \"" + printable(text, 80) + "\"",
              "a number of bytes, or with a unit: 700MB, 4GiB");
}

}  // namespace hallmark::cmd

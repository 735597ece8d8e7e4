// SPDX-License-Identifier: Apache-2.0
#include "registry/config/daemon_json.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>

#include "registry/config/docker_config.h"
#include "trust/error.h"

namespace hallmark::registry {
namespace {

constexpr unsigned kAddressBits = 32;

/// Whether the first `bits` of two addresses are the same.
bool is_in_network(std::uint32_t address, std::uint32_t network, unsigned bits) {
  if (bits == 0) return true;
  const unsigned rest = kAddressBits - bits;
  return (address >> rest) == (network >> rest);
}

}  // namespace

std::vector<std::string> daemon_list(const std::filesystem::path& file, std::string_view name) {
  std::vector<std::string> entries;
  // The daemon's file may be root's alone. It only adds mirrors and marks of insecure hosts: what may not be read adds
  // none.
  if (!std::ifstream(file)) return entries;
  const std::optional<std::string> text = read_docker_config(file);
  if (!text) return entries;
  try {
    const json::Value config = json::parse(file.string(), view_of(*text));
    const json::Value* const list = config.object().find(name);
    if (list == nullptr || list->is_null()) return entries;
    for (const json::Value& entry : list->array()) entries.push_back(entry.string());
    // A file that says nothing of it decides nothing, whoever could write it.
    if (!entries.empty()) require_own_config(file);
  } catch (const Error& error) {
    throw Error(Fault::usage, file.string() + " cannot be used: " + error.what(), error.hint());
  }
  return entries;
}

bool marks(std::string_view entry, const Url& server) {
  if (entry == server.authority()) return true;
  const auto slash = entry.find('/');
  if (slash == std::string_view::npos) return false;
  // A name is not resolved to see in which network it lies: whoever answers for it could choose.
  const auto address = ipv4_address(server.host());
  const auto network = ipv4_address(entry.substr(0, slash));
  const std::string_view digits = entry.substr(slash + 1);
  unsigned bits = 0;
  const auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  const bool is_length = error == std::errc{} && rest == digits.data() + digits.size() && bits <= kAddressBits;
  return address && network && is_length && is_in_network(*address, *network, bits);
}

bool is_marked_insecure(const std::vector<std::filesystem::path>& daemon_configs, const Url& server) {
  return std::any_of(daemon_configs.begin(), daemon_configs.end(), [&](const std::filesystem::path& file) {
    const std::vector<std::string> entries = daemon_list(file, "insecure-registries");
    return std::any_of(entries.begin(), entries.end(), [&](const std::string& entry) { return marks(entry, server); });
  });
}

}  // namespace hallmark::registry

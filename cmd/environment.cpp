// SPDX-License-Identifier: Apache-2.0
#include "cmd/environment.h"

#include <fstream>
#include <iterator>

#include "trust/error.h"

namespace hallmark::cmd {
namespace {

namespace fs = std::filesystem;

/// A file of the user that may be as large as a policy may.
constexpr std::uint64_t kMostPolicyBytes = std::uint64_t{4} << 20U;
constexpr std::uint64_t kMostMaterialBytes = std::uint64_t{16} << 20U;

fs::path config_home(const Surroundings& surroundings) {
  if (const auto configured = surroundings.variable("XDG_CONFIG_HOME")) return *configured;
  return surroundings.home() / ".config";
}

/// Only a clear "no" passes a place over: a link that leads nowhere or a folder that may not be entered must not
/// quietly give way to a weaker policy.
bool is_there(const fs::path& path) {
  std::error_code error;
  const fs::file_type type = fs::symlink_status(path, error).type();
  if (type == fs::file_type::not_found) return false;
  if (type == fs::file_type::none) {
    throw Error(Fault::usage, "policy: " + path.string() + ": " + error.message(),
                "make it readable, or name a policy with --policy");
  }
  return true;
}

/// The policy file in force: what was named must exist, the usual places are looked at in order.
std::optional<fs::path> policy_file(const Arguments& arguments, const Surroundings& surroundings) {
  if (const auto named = arguments.value("policy")) return *named;
  if (const auto named = surroundings.variable("HALLMARK_POLICY")) return *named;
  for (const fs::path& usual : {config_home(surroundings) / "hallmark" / "policy.json",
                                fs::path("/etc/hallmark/policy.json"), fs::path("/etc/containers/policy.json")}) {
    if (is_there(usual)) return usual;
  }
  return std::nullopt;
}

/// A file that a person named: it must exist. Links are followed, and a pipe will do.
Bytes read_named(const fs::path& path, std::uint64_t most_bytes) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (error || !fs::exists(status)) {
    fail(Fault::usage, "policy: ", path.string(), ": ", error ? error.message() : "no such file");
  }
  std::ifstream file(path, std::ios::binary);
  if (fs::is_directory(status) || !file) fail(Fault::usage, "policy: ", path.string(), ": cannot be read");
  Bytes bytes;
  for (std::istreambuf_iterator<char> next(file), end; next != end; ++next) {
    if (bytes.size() == most_bytes)
      fail(Fault::usage, "policy: ", path.string(), ": larger than ", most_bytes, " bytes");
    bytes.push_back(static_cast<std::uint8_t>(*next));
  }
  return bytes;
}

std::string first_of(const Surroundings& surroundings, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (const auto value = surroundings.variable(name)) return *value;
  }
  return {};
}

}  // namespace

std::optional<std::string> Surroundings::variable(const std::string& name) const {
  const auto found = variables.find(name);
  if (found == variables.end() || found->second.empty()) return std::nullopt;
  return found->second;
}

fs::path Surroundings::home() const {
  if (const auto home = variable("HOME")) return *home;
  throw Error(Fault::usage, "HOME is not set", "set HOME, or name the places with --store, --policy and DOCKER_CONFIG");
}

fs::path store_directory(const Arguments& arguments, const Surroundings& surroundings) {
  if (const auto named = arguments.value("store")) return *named;
  if (const auto named = surroundings.variable("HALLMARK_STORE")) return *named;
  if (surroundings.is_root) return "/var/lib/hallmark";
  if (const auto data = surroundings.variable("XDG_DATA_HOME")) return fs::path(*data) / "hallmark";
  return surroundings.home() / ".local" / "share" / "hallmark";
}

fs::path docker_config(const Surroundings& surroundings) {
  if (const auto named = surroundings.variable("DOCKER_CONFIG")) return *named;
  return surroundings.home() / ".docker";
}

bool content_trust(const Arguments& arguments, const Surroundings& surroundings) {
  const auto variable = surroundings.variable("DOCKER_CONTENT_TRUST");
  bool wanted = variable.has_value();
  // Anything but a clear "no" is a yes, as docker has it: a typing mistake must not switch protection off.
  for (const char* no : {"0", "f", "F", "false", "False", "FALSE"}) {
    if (variable && *variable == no) wanted = false;
  }
  return !arguments.truth("disable-content-trust", !wanted);
}

policy::Gate gate(const Arguments& arguments, const Surroundings& surroundings, bool content_trust) {
  const auto path = policy_file(arguments, surroundings);
  if (!path) return policy::Gate(std::nullopt, content_trust);
  const Bytes bytes = read_named(*path, kMostPolicyBytes);
  const auto read_material = [](const std::string& name) { return read_named(name, kMostMaterialBytes); };
  return policy::Gate(policy::Policy::parse(path->string(), bytes, read_material), content_trust);
}

registry::Settings registry_settings(const Arguments& arguments, const Surroundings& surroundings) {
  registry::Settings settings{};
  settings.docker_config = docker_config(surroundings);
  settings.certificate_roots = {"/etc/docker/certs.d", settings.docker_config / "tls"};
  // A CGI program's HTTP_PROXY is the Proxy header of whoever asked it.
  const bool cgi = surroundings.variable("REQUEST_METHOD").has_value();
  settings.http_proxy =
      cgi ? first_of(surroundings, {"http_proxy"}) : first_of(surroundings, {"http_proxy", "HTTP_PROXY"});
  settings.https_proxy = first_of(surroundings, {"https_proxy", "HTTPS_PROXY"});
  settings.no_proxy = first_of(surroundings, {"no_proxy", "NO_PROXY"});
  settings.user_agent = std::string("hallmark/") + HALLMARK_VERSION + " (linux)";
  settings.interrupted = &surroundings.interrupted;
  settings.plain_http = arguments.truth("plain-http", false);
  const Lines::Printer print = [&lines = surroundings.lines](const std::string& line) { lines.print(line); };
  settings.notice = print;
  settings.trace = arguments.truth("verbose", false) ? print : [](const std::string& /*line*/) {};
  return settings;
}

}  // namespace hallmark::cmd

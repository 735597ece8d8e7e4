// SPDX-License-Identifier: Apache-2.0
#include "registry/config/credentials.h"

#include <optional>

#include "registry/config/credential_helper.h"
#include "registry/config/docker_config.h"
#include "trust/bytes.h"
#include "trust/error.h"
#include "trust/json.h"

namespace hallmark::registry {
namespace {

namespace fs = std::filesystem;

Credentials of_helper(const std::string& name, const std::string& key, const std::atomic<bool>* interrupted) {
  Credentials credentials;
  credentials.place = "credential helper docker-credential-" + name;
  const HelperAnswer answer = ask_helper(name, HelperVerb::get, key, kHelperLimit, interrupted);
  if (answer.status != 0) {
    // The protocol has no other way to say that there is nothing.
    if (answer.out.find("credentials not found") != std::string::npos) return credentials;
    fail(Fault::local, credentials.place, " failed with status ", answer.status, ": ", complaint_of(answer, {}));
  }
  const json::Value value = json::parse("what " + credentials.place + " says", view_of(answer.out));
  credentials.user = text_member(value.object(), "Username");
  credentials.secret = text_member(value.object(), "Secret");
  const bool is_token = credentials.user == "<token>";
  if (is_token) credentials.user.clear();
  if (!credentials.secret.empty()) {
    credentials.kind = is_token ? Credentials::Kind::identity_token : Credentials::Kind::password;
  }
  return credentials;
}

/// "user:password" in base64, as docker login writes it.
void take_auth(const std::string& auth, Credentials& credentials) {
  if (auth.empty()) return;
  std::string pair = string_of(parse_base64(auth));
  // Some writers append zeros, and docker cuts them off, too.
  while (pair.ends_with('\0')) pair.pop_back();
  // The first one ends the user, for a password may have colons (RFC 7617 section 2).
  const auto colon = pair.find(':');
  if (colon == std::string::npos) fail(Fault::usage, "\"auth\" is no user and password");
  credentials.user = pair.substr(0, colon);
  credentials.secret = pair.substr(colon + 1);
}

Credentials of_entry(const json::Object& entry) {
  Credentials credentials;
  credentials.user = text_member(entry, "username");
  credentials.secret = text_member(entry, "password");
  take_auth(text_member(entry, "auth"), credentials);
  // In docker's order: what is shown as it is, what is exchanged, what is a password.
  if (std::string token = text_member(entry, "registrytoken"); !token.empty()) {
    credentials.kind = Credentials::Kind::registry_token;
    credentials.secret = std::move(token);
  } else if (token = text_member(entry, "identitytoken"); !token.empty()) {
    credentials.kind = Credentials::Kind::identity_token;
    credentials.secret = std::move(token);
  } else if (!credentials.user.empty() || !credentials.secret.empty()) {
    credentials.kind = Credentials::Kind::password;
  }
  return credentials;
}

/// Where credentials may be filed.
struct Keys {
  std::vector<std::string> exact;  ///< the usual one first
  std::vector<std::string> hosts;  ///< what a key is taken for when scheme and path are cut off
};

Keys docker_keys(const std::string& domain) { return {keys_for(domain), keys_for(domain)}; }

/// containers-auth.json(5): "HOST/PATH" for what lies below it, the longest first, then the host.
Keys containers_keys(const std::string& domain, const std::string& path) {
  Keys keys{{}, keys_for(domain)};
  for (std::string name = domain + "/" + path; name.size() > domain.size(); name.resize(name.rfind('/'))) {
    keys.exact.push_back(name);
  }
  keys.exact.insert(keys.exact.end(), keys.hosts.begin(), keys.hosts.end());
  return keys;
}

const json::Value* entry_for(const json::Object& auths, const Keys& keys,
                             bool (*means)(std::string_view, std::string_view)) {
  for (const std::string& key : keys.exact) {
    if (const json::Value* const exact = auths.find(key)) return exact;
  }
  for (const std::string& key : keys.hosts) {
    for (const auto& [name, value] : auths.members()) {
      if (means(name, key)) return &value;
    }
  }
  return nullptr;
}

/// Without a scheme a key of containers' files that has a path is for what lies below that path alone.
bool containers_key_names(std::string_view key, std::string_view host) {
  return key.find("://") != std::string_view::npos && key_names(key, host);
}

/// One place where credentials may be.
struct Place {
  std::string name;              ///< for messages
  std::optional<fs::path> file;  ///< none: a variable has the text
  Keys keys;
  bool (*means)(std::string_view, std::string_view);  ///< whether another key means the host
};

Credentials of_config(const json::Object& config, const Place& place, const std::atomic<bool>* interrupted) {
  const std::string helper = helper_for(config, place.keys.hosts);
  // Who could write it could have a program of theirs run.
  const auto require_own = [&] {
    if (place.file) require_own_config(*place.file);
  };
  if (!helper.empty()) {
    require_own();
    return of_helper(helper, place.keys.hosts.front(), interrupted);
  }
  Credentials credentials;
  const json::Object* const auths = object_member(config, "auths");
  const json::Value* const entry = auths == nullptr ? nullptr : entry_for(*auths, place.keys, place.means);
  if (entry != nullptr && !entry->is_null()) {
    require_own();
    credentials = within("\"auths\" for " + place.keys.hosts.front(), [&] { return of_entry(entry->object()); });
  }
  credentials.place = place.name;
  return credentials;
}

Credentials of_text(const std::string& text, const Place& place, const std::atomic<bool>* interrupted) {
  try {
    const json::Value config = json::parse("docker's config", view_of(text));
    if (config.is_null()) return {Credentials::Kind::none, {}, {}, place.name};
    return of_config(config.object(), place, interrupted);
  } catch (const Error& error) {
    // A broken configuration is for its owner to mend, not damage to an image.
    const Fault fault = error.fault() == Fault::corrupt ? Fault::usage : error.fault();
    if (fault == Fault::interrupted) throw;
    throw Error(fault, place.name + ": " + error.what(), error.hint());
  }
}

Credentials of_file(const Place& place, const std::atomic<bool>* interrupted) {
  const auto text = read_docker_config(*place.file);
  if (text) return of_text(*text, place, interrupted);
  return {Credentials::Kind::none, {}, {}, place.name + " (no such file)"};
}

Credentials of_containers_file(const fs::path& file, const std::string& domain, const std::string& path,
                               const std::atomic<bool>* interrupted) {
  return of_file({file.string(), file, containers_keys(domain, path), containers_key_names}, interrupted);
}

}  // namespace

bool key_names(std::string_view key, std::string_view host) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (key.starts_with(scheme)) {
      key.remove_prefix(scheme.size());
      break;
    }
  }
  return key.substr(0, key.find('/')) == host;
}

Credentials credentials_for(const fs::path& docker_config, const std::string& domain,
                            const std::atomic<bool>* interrupted) {
  const fs::path file = docker_config / "config.json";
  return of_file({file.string(), file, docker_keys(domain), key_names}, interrupted);
}

Credentials find_credentials(const Settings& settings, const std::string& domain, const std::string& path) {
  const std::atomic<bool>* const interrupted = settings.interrupted;
  const CredentialPlaces& places = settings.credential_places;
  if (!places.docker_auth_config.empty()) {
    Credentials found =
        of_text(places.docker_auth_config, {"DOCKER_AUTH_CONFIG", {}, docker_keys(domain), key_names}, interrupted);
    if (found.kind != Credentials::Kind::none) return found;
  }
  if (!places.registry_auth_file.empty()) {
    Credentials found = of_containers_file(places.registry_auth_file, domain, path, interrupted);
    if (found.kind != Credentials::Kind::none) return found;
  }
  Credentials none = credentials_for(settings.docker_config, domain, interrupted);
  if (none.kind != Credentials::Kind::none) return none;
  for (const fs::path& file : places.auth_files) {
    Credentials found = of_containers_file(file, domain, path, interrupted);
    if (found.kind != Credentials::Kind::none) return found;
  }
  return none;
}

}  // namespace hallmark::registry

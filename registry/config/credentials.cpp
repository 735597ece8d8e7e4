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

const json::Object* entry_for(const json::Object& auths, const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    if (const json::Value* const exact = auths.find(key)) return &exact->object();
  }
  for (const std::string& key : keys) {
    for (const auto& [name, value] : auths.members()) {
      if (key_names(name, key)) return &value.object();
    }
  }
  return nullptr;
}

Credentials of_config(const json::Object& config, const std::string& domain, const fs::path& file,
                      const std::atomic<bool>* interrupted) {
  const auto keys = keys_for(domain);
  const std::string helper = helper_for(config, keys);
  if (!helper.empty()) {
    // Who could write it could have a program of theirs run.
    require_own_config(file);
    return of_helper(helper, keys.front(), interrupted);
  }
  Credentials credentials;
  const json::Object* const auths = object_member(config, "auths");
  const json::Object* const entry = auths == nullptr ? nullptr : entry_for(*auths, keys);
  if (entry != nullptr) {
    require_own_config(file);
    credentials = within("\"auths\" for " + domain, [&] { return of_entry(*entry); });
  }
  credentials.place = file.string();
  return credentials;
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
  const auto text = read_docker_config(file);
  if (!text) {
    Credentials none;
    none.place = file.string() + " (no such file)";
    return none;
  }
  try {
    const json::Value config = json::parse("docker's config", view_of(*text));
    return of_config(config.object(), domain, file, interrupted);
  } catch (const Error& error) {
    // A broken configuration is for its owner to mend, not damage to an image.
    const Fault fault = error.fault() == Fault::corrupt ? Fault::usage : error.fault();
    if (fault == Fault::interrupted) throw;
    throw Error(fault, file.string() + ": " + error.what(), error.hint());
  }
}

}  // namespace hallmark::registry

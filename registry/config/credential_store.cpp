// SPDX-License-Identifier: Apache-2.0
#include "registry/config/credential_store.h"

#include "registry/config/credential_helper.h"
#include "registry/config/docker_config.h"
#include "store/disk/owner.h"
#include "trust/bytes.h"
#include "trust/error.h"

namespace hallmark::registry {
namespace {

namespace fs = std::filesystem;

json::Object read(const fs::path& file) {
  const auto text = read_docker_config(file);
  if (!text) return {};
  try {
    return json::parse("docker's config", view_of(*text)).object();
  } catch (const Error& error) {
    // It is written back as a whole: what was not understood would be lost.
    throw Error(Fault::usage, file.string() + ": " + error.what(), "mend it first; it is left as it is");
  }
}

json::Value text_value(std::string text) { return json::Value(json::Value::Kind(std::move(text))); }

/// As docker login writes it.
json::Value entry_of(const Credentials& credentials) {
  const bool is_token = credentials.kind == Credentials::Kind::identity_token;
  const std::string pair = credentials.user + ":" + (is_token ? std::string() : credentials.secret);
  std::vector<json::Object::Member> members = {{"auth", text_value(base64_of(view_of(pair)))}};
  if (is_token) members.emplace_back("identitytoken", text_value(credentials.secret));
  return json::Value(json::Value::Kind(json::Object(std::move(members))));
}

/// Everything that is filed for the domain goes; `entry` comes instead under the usual name.
json::Object with_entry(const json::Object& config, const std::vector<std::string>& keys,
                        std::optional<json::Value> entry) {
  const json::Object* const present = object_member(config, "auths");
  json::Object auths = present == nullptr ? json::Object() : *present;
  const json::Object before = auths;
  for (const auto& [name, value] : before.members()) {
    for (const std::string& key : keys) {
      // Other spellings as well: one that stays could be found before the new entry.
      if (name == key || key_names(name, key)) auths = with_member(auths, name, std::nullopt);
    }
  }
  if (entry) auths = with_member(auths, keys.front(), std::move(entry));
  return with_member(config, "auths", json::Value(json::Value::Kind(std::move(auths))));
}

void tell_helper(const std::string& name, HelperVerb verb, const std::string& input, const std::string& secret,
                 const std::atomic<bool>* interrupted) {
  const HelperAnswer answer = ask_helper(name, verb, input, kHelperLimit, interrupted);
  if (answer.status == 0) return;
  // Nothing was kept, which is what was asked for.
  if (verb == HelperVerb::erase && answer.out.find("credentials not found") != std::string::npos) return;
  throw Error(Fault::local,
              "credential helper docker-credential-" + name + " failed with status " + std::to_string(answer.status) +
                  ": " + complaint_of(answer, secret),
              "another helper, or none, is chosen by \"credsStore\" in docker's config.json");
}

}  // namespace

std::string store_credentials(const fs::path& docker_config, const std::string& domain, const Credentials& credentials,
                              const std::atomic<bool>* interrupted) {
  const fs::path file = docker_config / "config.json";
  // Before it is read: who could write it could name the program that gets the password.
  store::require_own("docker's configuration", file);
  const json::Object config = read(file);
  const auto keys = keys_for(domain);
  const std::string helper = helper_for(config, keys);
  if (helper.empty()) {
    write_docker_config(file, with_entry(config, keys, entry_of(credentials)));
    return file.string();
  }
  const bool is_token = credentials.kind == Credentials::Kind::identity_token;
  // "<token>" in the place of the user is how docker and its helpers mark an identity token.
  json::Writer writer(0);
  writer.begin_object().member("ServerURL", keys.front());
  writer.member("Username", is_token ? "<token>" : credentials.user).member("Secret", credentials.secret);
  tell_helper(helper, HelperVerb::store, writer.end_object().text(), credentials.secret, interrupted);
  // An empty entry is how docker remembers that the helper has it.
  write_docker_config(file, with_entry(config, keys, json::Value(json::Value::Kind(json::Object()))));
  return "credential helper docker-credential-" + helper;
}

bool erase_credentials(const fs::path& docker_config, const std::string& domain, const std::atomic<bool>* interrupted) {
  const fs::path file = docker_config / "config.json";
  const json::Object config = read(file);
  const auto keys = keys_for(domain);
  const bool known = credentials_for(docker_config, domain, interrupted).kind != Credentials::Kind::none;
  const std::string helper = helper_for(config, keys);
  if (!helper.empty() && known) tell_helper(helper, HelperVerb::erase, keys.front(), {}, interrupted);
  const json::Object left = with_entry(config, keys, std::nullopt);
  const bool is_changed =
      object_member(config, "auths") != nullptr &&
      object_member(config, "auths")->members().size() != object_member(left, "auths")->members().size();
  // A file that says nothing of it keeps its form.
  if (is_changed) write_docker_config(file, left);
  return known || is_changed;
}

}  // namespace hallmark::registry

// SPDX-License-Identifier: Apache-2.0
//
// hallmark trust sign, hallmark trust revoke: what a tag of the registry is, said or taken back.
#include <memory>
#include <optional>
#include <ostream>

#include "cmd/cli/locations.h"
#include "cmd/commands/entry_points.h"
#include "cmd/commands/trust/roles.h"
#include "cmd/images/still_there.h"
#include "cmd/publishing/pushing.h"
#include "cmd/terminal/prompt.h"
#include "registry/oci/open.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

Reference tagged(const std::string& text) {
  Reference name = Reference::parse(text);
  if (name.digest()) fail(Fault::usage, "cannot use a digest reference for IMAGE:TAG: ", printable(text, 300));
  return name;
}

/// What was signed is what the tag was; whoever moved it meanwhile gave it to something unsigned.
// Readers of the tag get the signed image in any case; whoever asks no trust data gets the other one.
void require_unmoved(registry::Repository& source, const Reference& name, const Digest& was) {
  // By the bytes of now: the digest is computed, whatever the registry claims.
  const Digest is = source.manifest(*name.tag()).descriptor.digest;
  if (is == was) return;
  throw Error(Fault::partial,
              name.familiar() + ": the tag was moved while it was signed: expected " + was.to_string() + ", found " +
                  is.to_string(),
              "look at what it is now, and sign it again");
}

std::vector<std::string> tags_of(const tuf::Repository& repository, const std::optional<std::string>& tag) {
  std::vector<std::string> tags;
  for (const tuf::Target& target : repository.all()) {
    if (!tag || target.name == *tag) tags.push_back(target.name);
  }
  return tags;
}

/// Takes the tags out of every role whose key is here; tells in `out_of_reach` which of them nobody reads now.
Publisher::Change revoking_change(const Publisher& publisher, const std::optional<std::string>& tag,
                                  const std::string& shown, std::string& out_of_reach) {
  return [&](tuf::Draft& draft, const tuf::Repository* now) {
    const std::vector<std::string> tags = tags_of(*now, tag);
    if (tags.empty()) fail(Fault::missing, shown, " is not signed");
    out_of_reach.clear();
    // In each of them: left in one, the tag would still be there for whoever asks that role.
    for (const std::string& role : publisher.revocable_roles(*now)) {
      // It cannot be changed without its document. It may count again when somebody signs it anew, so it is told.
      if (draft.is_out_of_reach(role)) {
        out_of_reach += (out_of_reach.empty() ? "" : ", ") + role;
        continue;
      }
      for (const std::string& each : tags) draft.remove_target(role, each);
    }
  };
}

/// Reads it back: no role that counts has the tag any more.
void require_revoked(const Publisher& publisher, const std::optional<std::string>& tag, const std::string& shown) {
  std::string left;
  for (const tuf::Target& target : publisher.repository()->all()) {
    if (!tag || target.name == *tag) left += (left.empty() ? "" : ", ") + target.name + " in " + target.role;
  }
  if (left.empty()) return;
  throw Error(Fault::partial, shown + " is still signed: " + printable(left, 500),
              "whoever has the keys of these roles must revoke it, or the role must be taken away");
}

Digest sign_remote(const Reference& name, registry::Repository& source, Publisher& publisher,
                   const std::vector<std::string>& roles, const Environment& environment) {
  // Read once, and signed by the digest of these bytes: asked twice, a registry could show two images.
  const store::Document document = source.manifest(*name.tag());
  environment.err << "Signing and pushing trust metadata for " << name.familiar() << std::endl;
  publisher.prepare(signing_change(publisher, *name.tag(), document.descriptor, roles), true);
  publisher.publish();
  tell_begun(publisher, environment);
  // From what was read back and verified: that the server said yes is not enough.
  require_signed(publisher, name, document.descriptor.digest);
  return document.descriptor.digest;
}

store::Descriptor sign_local(const Reference& name, const store::Store& store, Publisher& publisher,
                             const Arguments& arguments, Environment& environment) {
  const store::Entry entry = entry_to_push(store, name);
  environment.err << "Signing and pushing trust data for local image " << name.familiar()
                  << ", may overwrite remote trust data" << std::endl;
  environment.err << "The push refers to repository [" << name.repository() << "]" << std::endl;
  const auto target =
      registry::open_repository(registry_settings(arguments, environment), name, registry::Access::push);
  // With a publisher push_one() gives the tag after the signature: nobody sees an unsigned one.
  Push push{environment, store, false, &publisher, arguments.values("role")};
  // Another run may remove the image while it goes out; then that is told, and not a damaged store.
  return while_there(store, entry, [&] { return push_one(push, entry, *target); });
}

}  // namespace

Options trust_sign_options() {
  Options options("trust sign [OPTIONS] IMAGE:TAG", "Sign what the registry has under a tag, indexes included",
                  "hallmark trust sign registry.example/app:1.0");
  options.flag("json", "Print one JSON object: digest, and the roles as they are now")
      .flag("local", "Push the image of the local store first, and sign that")
      .value("role", "ROLE",
             "Sign in this role; may repeat (default: all whose keys are here and that may sign the tag)")
      .flag("verbose,v", "Print requests")
      .flag("plain-http", "Allow registries without TLS")
      .operands(1, 1);
  return options;
}

int trust_sign(const Arguments& arguments, Environment& environment) {
  const Reference name = tagged(arguments.operands().front());
  // A signature stays: "latest" has to be meant. Docker refuses it in these words.
  if (name.tag_defaulted()) fail(Fault::usage, "No tag specified for ", name.familiar_repository());
  const registry::Settings settings = registry_settings(arguments, environment);
  Publisher publisher(environment, settings, name, trust_basis(arguments, environment, name));
  const bool is_json = arguments.truth("json", false);
  std::unique_ptr<registry::Repository> source;
  std::optional<Digest> digest;
  if (arguments.truth("local", false)) {
    const store::Store store(store_directory(arguments, environment));
    const store::Descriptor root = sign_local(name, store, publisher, arguments, environment);
    if (!is_json) environment.out << pushed_text(*name.tag(), root) << std::endl;
    digest = root.digest;
  } else {
    source = registry::open_repository(settings, name, registry::Access::pull);
    digest = sign_remote(name, *source, publisher, arguments.values("role"), environment);
  }
  if (is_json) {
    environment.out << published_json(name.to_string(), digest, publisher, environment.now) << std::endl;
  }
  // Behind the JSON: what was signed is signed, and is told whatever became of the tag.
  if (source) require_unmoved(*source, name, *digest);
  if (!is_json) environment.out << "Successfully signed " << name.to_string() << "\n";
  return 0;
}

Options trust_revoke_options() {
  Options options("trust revoke [OPTIONS] IMAGE[:TAG]",
                  "Take back what is signed of a tag, or of a whole repository, in every role whose keys are here",
                  "hallmark trust revoke registry.example/app:1.0");
  options.flag("yes,y", "Do not ask for confirmation")
      .flag("json", "Print one JSON object: the roles as they are now")
      .flag("verbose,v", "Print requests")
      .operands(1, 1);
  return options;
}

int trust_revoke(const Arguments& arguments, Environment& environment) {
  const Reference name = tagged(arguments.operands().front());
  const auto tag = name.tag_defaulted() ? std::nullopt : name.tag();
  const std::string shown = tag ? name.familiar() : name.familiar_repository();
  // One tag can be signed again; of a whole repository nobody remembers what was.
  if (!tag && !arguments.truth("yes", false) &&
      !confirm(environment, "Please confirm you would like to delete all signature data for " + shown + "?")) {
    // Before anything was asked of a server.
    fail(Fault::local, "aborted: nothing was revoked");
  }
  const registry::Settings settings = registry_settings(arguments, environment);
  Publisher publisher(environment, settings, name, trust_basis(arguments, environment, name));
  std::string out_of_reach;
  publisher.prepare(revoking_change(publisher, tag, shown, out_of_reach), false);
  publisher.publish();
  const bool is_json = arguments.truth("json", false);
  if (is_json) {
    const std::string whole = tag ? name.to_string() : name.repository();
    environment.out << published_json(whole, std::nullopt, publisher, environment.now) << std::endl;
  }
  // A role without a key here may still have it. "Successfully deleted" would then be a lie to whoever revokes a bad
  // image.
  require_revoked(publisher, tag, shown);
  // No reader takes it from there now, but whoever signs the role again brings the tag back.
  if (!out_of_reach.empty()) {
    throw Error(Fault::partial,
                shown + " may still be signed in " + printable(out_of_reach, 500) + ", which nobody reads now",
                "it has expired, or too few of its keys signed it: revoke once more when it counts again");
  }
  if (!is_json) environment.out << "Successfully deleted signature for " << shown << "\n";
  return 0;
}

}  // namespace hallmark::cmd

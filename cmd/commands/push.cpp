// SPDX-License-Identifier: Apache-2.0
//
// hallmark push: images of the store into a registry, blobs first, the tag last.
#include <algorithm>
#include <map>
#include <optional>
#include <ostream>

#include "cmd/cli/batch.h"
#include "cmd/cli/locations.h"
#include "cmd/commands/entry_points.h"
#include "cmd/images/still_there.h"
#include "cmd/publishing/pushing.h"
#include "cmd/publishing/signing.h"
#include "registry/oci/open.h"
#include "trust/error.h"
#include "trust/json.h"

namespace hallmark::cmd {
namespace {

/// The images of the name: one, or every tag of its repository.
std::vector<store::Entry> chosen(const store::Store& store, const Reference& name, bool all) {
  // Without a tag it is "latest", as docker has it since 20.10; all tags have to be asked for.
  if (!all) return {entry_to_push(store, name)};
  std::vector<store::Entry> entries = store.list();
  // A digest entry has no tag that could be given to it in the registry.
  std::erase_if(entries, [&](const store::Entry& entry) {
    return !entry.name.tag() || entry.name.repository() != name.repository();
  });
  if (!entries.empty()) return entries;
  // Docker's words, which scripts look for.
  throw Error(Fault::missing, "An image does not exist locally with the tag: " + name.familiar_repository(),
              "hallmark images lists what there is");
}

std::string json_of(const Reference& name, const store::Descriptor& root, bool is_signed) {
  json::Writer writer(0);
  // The digest is what the registry was asked for and showed afterwards, not only what was sent.
  writer.begin_object().member("Name", name.to_string()).member("Digest", root.digest.to_string());
  writer.member("MediaType", printable(root.media_type, 200)).key("Size").size(root.size);
  return writer.key("Signed").boolean(is_signed).end_object().text();
}

/// What was put later must not have moved it.
void require_unmoved(registry::Repository& target, const Reference& name, const Digest& digest) {
  // By the bytes that the registry shows under the tag now, not by what it says of them.
  const Digest found = target.manifest(name.tag().value()).descriptor.digest;
  if (found == digest) return;
  throw Error(Fault::corrupt,
              name.familiar() + ": the registry took it, and now shows another: expected " + digest.to_string() +
                  ", found " + found.to_string(),
              "another push may have come meanwhile: look at what it is, and push again");
}

}  // namespace

Options push_options() {
  Options options("push [OPTIONS] NAME[:TAG]", "Push an image of the local store to a registry",
                  "hallmark push registry.example/app:1.0");
  options.flag("all-tags,a", "Push all tags of the repository")
      .flag("json", "Print a JSON object for each tag that was pushed, one a line")
      .flag("quiet,q", "Print only the name")
      .flag("verbose,v", "Print requests")
      .flag("disable-content-trust", "Do not sign, whatever DOCKER_CONTENT_TRUST says")
      .flag("plain-http", "Allow registries without TLS")
      .operands(1, 1);
  return options;
}

int push(const Arguments& arguments, Environment& environment) {
  const Reference name = Reference::parse(arguments.operands().front());
  // A push gives a tag; the digest follows from the bytes.
  if (name.digest()) fail(Fault::usage, "cannot push a digest reference: ", name.familiar());
  const bool all = arguments.truth("all-tags", false);
  if (all && !name.tag_defaulted()) fail(Fault::usage, "tag can't be used with --all-tags/-a");
  const store::Store store(store_directory(arguments, environment));
  const registry::Settings settings = registry_settings(arguments, environment);
  std::optional<Publisher> publisher;
  if (content_trust(arguments, environment)) {
    // Before the first byte goes out: a policy that cannot be used ends it here.
    publisher.emplace(environment, settings, name, trust_basis(arguments, environment, name));
  }
  const bool is_json = arguments.truth("json", false);
  Push push{environment, store, arguments.truth("quiet", false), publisher ? &*publisher : nullptr};
  const std::vector<store::Entry> entries = chosen(store, name, all);

  if (!push.quiet) {
    // Nobody typed "latest": docker says so, too.
    if (name.tag_defaulted() && !all) environment.err << "Using default tag: latest" << std::endl;
    environment.err << "The push refers to repository [" << name.repository() << "]" << std::endl;
  }
  const auto target = registry::open_repository(settings, name, registry::Access::push);
  // What each tag is to show in the end. With --all-tags a registry may give the image of a later tag to an earlier
  // one.
  std::map<std::string, Digest> pushed;
  const auto push_and_tell = [&](const store::Entry& entry) {
    // Another run may remove the image while it goes out; then that is told, and not a damaged store.
    const store::Descriptor root = while_there(store, entry, [&] { return push_one(push, entry, *target); });
    environment.out << (is_json      ? json_of(entry.name, root, publisher.has_value())
                        : push.quiet ? entry.name.to_string()
                                     : pushed_text(entry.name.tag().value(), root))
                    << std::endl;
    pushed.emplace(entry.name.tag().value(), root.digest);
  };
  if (!all) {
    push_and_tell(entries.front());
    return 0;
  }
  Batch batch(environment.err);
  for (const store::Entry& entry : entries) batch.attempt([&] { push_and_tell(entry); });
  // Once more at the end, when nothing of this push can move them any more.
  for (const auto& one : pushed) {
    batch.attempt([&] { require_unmoved(*target, name.with_tag(one.first), one.second); });
  }
  return batch.status();
}

}  // namespace hallmark::cmd

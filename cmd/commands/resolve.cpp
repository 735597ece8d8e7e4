// SPDX-License-Identifier: Apache-2.0
//
// hallmark resolve: names to digests that trust and policy admit, one by one or those of a file, there in place too.
#include <ostream>

#include "cmd/cli/batch.h"
#include "cmd/commands/entry_points.h"
#include "cmd/commands/judging.h"
#include "cmd/commands/resolve/resolve_file.h"
#include "cmd/commands/resolve/resolver.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

int resolve_names(Resolver& resolver, const Arguments& arguments, const Environment& environment) {
  if (!arguments.values("build-arg").empty()) fail(Fault::usage, "--build-arg is for --dockerfile and --rewrite");
  Batch batch(environment.err);
  for (const std::string& text : arguments.operands()) {
    batch.attempt([&] {
      const Reference name = Reference::parse(text);
      // Only a flag asks for the manifest. DOCKER_DEFAULT_PLATFORM says what is judged, and the pin is that of the
      // index.
      if (arguments.has("platform")) {
        resolver.print_manifest_of(name);
      } else {
        resolver.root_of(name, std::nullopt);
      }
    });
  }
  return batch.status();
}

/// Absent without --rewrite.
std::optional<FileWish> file_wish(const Arguments& arguments, const std::optional<std::string>& rewritten,
                                  const std::optional<std::string>& dockerfile) {
  const bool is_checked = arguments.truth("check", false);
  const bool is_shown = arguments.truth("diff", false);
  const bool is_updated = arguments.truth("update", false);
  if (!rewritten) {
    if (is_checked || is_shown || is_updated) fail(Fault::usage, "--check, --diff and --update are for --rewrite FILE");
    return std::nullopt;
  }
  if (is_checked && is_shown) fail(Fault::usage, "--check and --diff exclude each other");
  // Both would be on standard output.
  if (arguments.truth("json", false) && (is_shown || *rewritten == "-")) {
    fail(Fault::usage, "--json prints records where --diff and --rewrite - print text; use one of them");
  }
  return FileWish{*rewritten, dockerfile, is_checked, is_shown, is_updated};
}

}  // namespace

Options resolve_options() {
  Options options("resolve [OPTIONS] NAME[:TAG|@DIGEST]...",
                  "Print the digests of names that trust and policy admit, for builds and manifests that pin them",
                  "hallmark resolve registry.example/app:1.0\n  hallmark resolve --rewrite Dockerfile");
  options.value("dockerfile", "FILE", "Resolve all images that a build by this Dockerfile takes")
      .value("rewrite", "FILE",
             "Pin the images of a Dockerfile, compose file, Kubernetes manifest or Helm values in "
             "place; - reads standard input, YAML, and prints the result")
      .flag("check", "Beside --rewrite: write nothing; status 3 when an image lacks its digest")
      .flag("diff", "Beside --rewrite: write nothing; print the changes")
      .flag("update", "Beside --rewrite: where a tag stands beside a digest, pin what the tag is now")
      .flag("keep-tag", "Print NAME:TAG@DIGEST, for policies that ask for a tag")
      .value("build-arg", "NAME=VALUE", "A value for ARG before the first FROM; may be repeated")
      .flag("json", "Print the decision records, one JSON object a line")
      .flag("verbose,v", "Print requests")
      .flag("all-platforms", "Judge with every platform of an index")
      .value("platform", "OS/ARCH[/VARIANT]", "Of an index, print the digest of this platform's manifest")
      .flag("accept-policy-rollback", "Obey a policy that is older than one obeyed before")
      .flag("disable-content-trust", "Do not add the requirement of DOCKER_CONTENT_TRUST")
      .flag("require-publisher", "Refuse what no publisher's signature vouches for, whatever the policy says")
      .flag("plain-http", "Allow registries without TLS")
      .operands(0, kNoLimit);
  return options;
}

int resolve(const Arguments& arguments, Environment& environment) {
  const auto dockerfile = arguments.value("dockerfile");
  const auto rewritten = arguments.value("rewrite");
  const bool has_file = dockerfile || rewritten;
  // Names beside a file would be pinned nowhere.
  if (arguments.operands().empty() != has_file) {
    fail(Fault::usage, "expected names, or a file with --dockerfile or --rewrite");
  }
  if (arguments.values("dockerfile").size() > 1 || arguments.values("rewrite").size() > 1) {
    fail(Fault::usage, "expected one file, found several");
  }
  const std::optional<FileWish> wish = file_wish(arguments, rewritten, dockerfile);
  // A file that cannot be read for certain is refused before a policy is read or a server asked.
  if (wish) require_known_kind(*wish);
  Judging judging = open_judging(arguments, environment, demands_of(arguments, environment));
  Resolver resolver(judging, arguments);
  if (!has_file) return resolve_names(resolver, arguments, environment);
  if (wish) return rewrite_file(resolver, *wish, arguments, environment);
  return resolve_file(resolver, *dockerfile, arguments, environment);
}

}  // namespace hallmark::cmd

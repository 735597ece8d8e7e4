// SPDX-License-Identifier: Apache-2.0
//
// hallmark manifest inspect: what a registry has under a name. Nothing is judged, and nothing comes into the store.
#include <ostream>

#include "cmd/cli/locations.h"
#include "cmd/commands/entry_points.h"
#include "registry/oci/open.h"
#include "store/image/config_cache.h"
#include "store/image/image.h"
#include "trust/error.h"
#include "trust/json.h"

namespace hallmark::cmd {
namespace {

constexpr std::size_t kIndent = 4;
/// Of all manifests of one index: they are printed in one piece.
constexpr std::uint64_t kMostBytes = std::uint64_t{16} << 20U;

/// What the work gives; absent when it is Fault::corrupt.
template <class Work>
auto unless_corrupt(Work&& work) -> std::optional<decltype(work())> {
  try {
    return work();
  } catch (const Error& error) {
    if (error.fault() != Fault::corrupt) throw;
    return std::nullopt;
  }
}

/// Of a manifest that no index lists, by its config; absent when that is no config of an image.
// Docker tells it beside a single manifest, whose descriptor has none.
std::optional<store::Platform> platform_of(const store::Document& document, registry::Repository& source) {
  const std::optional<store::Manifest> parts = unless_corrupt([&] { return store::parse_manifest(document); });
  if (!parts) return std::nullopt;  // some other artifact
  store::ConfigCache configs;
  // Outside of it: a config that is not what it is called is damage, and no artifact.
  const Bytes config = configs.read(parts->config, source);
  return unless_corrupt([&] { return store::parse_config(config).platform; });
}

void write_platform(json::Writer& out, const store::Platform& platform) {
  out.key("platform").begin_object().member("architecture", platform.architecture).member("os", platform.os);
  if (!platform.variant.empty()) out.member("variant", platform.variant);
  out.end_object();
}

/// As docker shows it.
void write_whole(json::Writer& out, const std::string& name, const store::Document& document,
                 const std::optional<store::Platform>& platform) {
  const store::Descriptor& descriptor = document.descriptor;
  // Docker's name of the member depends on the format of the manifest.
  const bool is_oci = descriptor.media_type.starts_with("application/vnd.oci.");
  out.begin_object().member("Ref", name).key("Descriptor").begin_object();
  out.member("mediaType", descriptor.media_type).member("digest", descriptor.digest.to_string());
  out.key("size").size(descriptor.size);
  if (platform) write_platform(out, *platform);
  // The exact bytes, whose hash is the digest: the JSON beside them is written anew and hashes to something else.
  out.end_object().member("Raw", base64_of(document.bytes));
  out.key(is_oci ? "OCIManifest" : "SchemaV2Manifest").value(json::parse("the manifest", document.bytes)).end_object();
}

void write_each(json::Writer& out, const Reference& name, const store::Document& root, registry::Repository& source) {
  if (!store::is_index(root.descriptor.media_type)) {
    write_whole(out, name.to_string(), root, platform_of(root, source));
    return;
  }
  out.begin_array();
  std::uint64_t bytes = 0;
  for (const store::Descriptor& listed : store::parse_index(root).manifests) {
    // By what the index says, before anything is fetched: source.manifest() holds each of them to its size.
    bytes += listed.size;
    if (bytes > kMostBytes)
      fail(Fault::corrupt, name.familiar(), ": its manifests have more than ", kMostBytes, " bytes");
    // By digest: what the registry shows here is what the index lists, or an error.
    const store::Document manifest = source.manifest(listed.digest, listed.size);
    write_whole(out, name.without_digest().to_string() + "@" + listed.digest.to_string(), manifest, listed.platform);
  }
  out.end_array();
}

}  // namespace

Options manifest_inspect_options() {
  Options options("manifest inspect [OPTIONS] NAME[:TAG|@DIGEST]",
                  "Print the manifest or index that a registry has under a name; nothing is judged",
                  "hallmark manifest inspect -v registry.example/app:1.0");
  options.flag("verbose,v", "Print every manifest of an index, with descriptor and exact bytes")
      .flag("raw", "Print the exact bytes and nothing else")
      .flag("digest", "Print only the digest of what the name is in the registry")
      .flag("plain-http", "Allow registries without TLS")
      .flag("insecure", "As --plain-http: what docker calls it")
      .operands(1, 1);
  return options;
}

int manifest_inspect(const Arguments& arguments, Environment& environment) {
  const Reference name = Reference::parse(arguments.operands().front());
  const bool is_verbose = arguments.truth("verbose", false);
  const bool is_raw = arguments.truth("raw", false);
  const bool is_digest = arguments.truth("digest", false);
  if (int{is_verbose} + int{is_raw} + int{is_digest} > 1) {
    fail(Fault::usage, "--verbose, --raw and --digest exclude each other");
  }
  registry::Settings settings = registry_settings(arguments, environment);
  settings.plain_http = settings.plain_http || arguments.truth("insecure", false);
  settings.trace = nullptr;  // docker's -v of this command is about the manifests
  const auto source = registry::open_repository(settings, name, registry::Access::pull);
  const store::Document root =
      // A digest that is typed is checked. Of a tag there is only the word of the registry.
      name.digest() ? source->manifest(*name.digest(), std::nullopt) : source->manifest(*name.tag());
  if (is_raw) {
    // As they hash to the digest: no line end of ours behind them.
    environment.out << text_of(root.bytes);
    return 0;
  }
  if (is_digest) {
    environment.out << root.descriptor.digest.to_string() << "\n";
    return 0;
  }
  json::Writer out(kIndent);
  if (is_verbose) {
    write_each(out, name, root, *source);
  } else {
    out.value(json::parse("the manifest", root.bytes));
  }
  environment.out << out.text() << "\n";
  return 0;
}

}  // namespace hallmark::cmd

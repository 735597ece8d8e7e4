// SPDX-License-Identifier: Apache-2.0
#include "cmd/bundling/hand_over.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <ostream>
#include <set>

#include "cmd/cli/locations.h"
#include "cmd/terminal/transfer_line.h"
#include "registry/runtime/containerd.h"
#include "registry/runtime/docker_context.h"
#include "registry/runtime/docker_engine.h"
#include "store/bundle/bundle.h"
#include "store/disk/file.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

/// Where each looks for its engine when nothing names another.
constexpr std::string_view kDockerSocket = "/var/run/docker.sock";
/// sun_path has 108 bytes, the last of them zero.
constexpr std::size_t kMostSocketPath = 107;
constexpr std::string_view kPodmanSocket = "/run/podman/podman.sock";

/// Of "unix:///run/x.sock".
std::string socket_of(const std::string& variable, const std::string& address) {
  static constexpr std::string_view kScheme = "unix://";
  // Only a Unix socket: an engine on the network could be anybody's, and what it says it has proves nothing here.
  const bool is_socket = address.starts_with(kScheme) && address.size() > kScheme.size() && address[7] == '/';
  if (is_socket && address.size() - kScheme.size() > kMostSocketPath) {
    fail(Fault::usage, variable, ": expected the path of a socket, at most ", kMostSocketPath, " bytes, found ",
         address.size() - kScheme.size());
  }
  if (is_socket && address.find('\0') == std::string::npos) return address.substr(kScheme.size());
  throw Error(Fault::usage, variable + ": expected unix:///PATH, found " + printable(address, 200),
              "images are only given to a runtime of this machine, over its Unix socket");
}

/// As docker chooses: DOCKER_HOST, else DOCKER_CONTEXT, else the context that was chosen with "docker context use".
std::string docker_socket(const Environment& environment) {
  if (const auto host = environment.variable("DOCKER_HOST")) return socket_of("DOCKER_HOST", *host);
  const std::filesystem::path config = docker_config(environment);
  const auto named = environment.variable("DOCKER_CONTEXT");
  const std::string context = named ? *named : registry::chosen_context(config);
  // The context of that name is built in, and means the usual socket.
  const std::string host = context == "default" ? std::string() : registry::host_of_context(config, context);
  return host.empty() ? std::string(kDockerSocket) : socket_of("docker context " + printable(context, 200), host);
}

std::string podman_socket(const Environment& environment) {
  if (const auto host = environment.variable("CONTAINER_HOST")) return socket_of("CONTAINER_HOST", *host);
  const auto runtime = base_directory(environment, "XDG_RUNTIME_DIR");
  // Without root podman keeps the images of each user apart, with a socket for each.
  if (environment.is_root || !runtime) return std::string(kPodmanSocket);
  return (*runtime / "podman" / "podman.sock").string();
}

/// The manifests that were admitted, in the order of the index.
std::vector<store::Descriptor> admitted_of(const store::Store& store, const store::Entry& entry,
                                           const std::vector<Digest>& instances) {
  if (!store::is_index(entry.root.media_type)) return {entry.root};
  std::vector<store::Descriptor> admitted = store::parse_index(store.read(entry.root)).manifests;
  std::erase_if(admitted, [&](const store::Descriptor& listed) {
    return std::find(instances.begin(), instances.end(), listed.digest) == instances.end();
  });
  // Nothing else of the index may go in their place.
  if (admitted.empty()) fail(Fault::corrupt, "none of the manifests that were admitted is in the index");
  return admitted;
}

/// The one for a runtime that has one platform: this machine's if it was admitted, else the first that was.
const store::Descriptor& manifest_of(const std::vector<store::Descriptor>& admitted) {
  const store::Platform here = store::Platform::here();
  const auto found = std::find_if(admitted.begin(), admitted.end(), [&](const store::Descriptor& listed) {
    return listed.platform && listed.platform->os == here.os && listed.platform->architecture == here.architecture;
  });
  return found == admitted.end() ? admitted.front() : *found;
}

/// Manifest, config and layers of each; one that is in several of them once.
std::vector<Digest> blobs_of(const store::Store& store, const std::vector<store::Descriptor>& manifests) {
  std::vector<Digest> blobs;
  std::set<Digest> seen;
  const auto add = [&](const Digest& digest) {
    if (seen.insert(digest).second) blobs.push_back(digest);
  };
  for (const store::Descriptor& descriptor : manifests) {
    const store::Manifest manifest = store::parse_manifest(store.read(descriptor));
    add(descriptor.digest);
    add(manifest.config.digest);
    for (const store::Descriptor& layer : manifest.layers) add(layer.digest);
  }
  return blobs;
}

std::vector<store::Part> archive_of(const store::Store& store, const store::Entry& entry,
                                    std::vector<Digest> manifests) {
  store::BundlePlan bundle_plan;
  bundle_plan.creator = std::string("hallmark/") + HALLMARK_VERSION;
  bundle_plan.images.push_back({entry.name, entry.root, std::move(manifests)});
  // No evidence and no signature: the runtime would not judge them.
  return store::plan_bundle(store, std::move(bundle_plan));
}

/// One after the other: a slow hand-over must not end after that of a newer image and take its place. Where this user
/// cannot write nothing newer comes in by this user.
std::optional<store::File> take_turn_to_give(const std::filesystem::path& directory) {
  const std::filesystem::path folder = directory / ".hallmark";
  if (::access(folder.c_str(), W_OK) != 0) return std::nullopt;
  store::File file = store::File::open_lock(folder / "hand-over.lock");
  // Waits; what has become of the admission meanwhile is asked with require_still.
  file.lock();
  return file;
}

}  // namespace

Options& hand_over_option(Options& options) {
  return options.value("to", "docker|podman|containerd", "Give what was admitted to this runtime as well");
}

std::unique_ptr<HandOver> HandOver::asked_for(const Arguments& arguments, const Environment& environment) {
  const auto wanted = arguments.value("to");
  if (!wanted) return nullptr;
  // Of two runtimes the last would win without a word.
  if (arguments.values("to").size() > 1) fail(Fault::usage, "--to: expected one runtime, found several");
  const registry::Settings settings = registry_settings(arguments, environment);
  std::unique_ptr<registry::Runtime> runtime;
  if (*wanted == "docker") {
    runtime = registry::open_engine(settings, *wanted, docker_socket(environment));
  } else if (*wanted == "podman") {
    runtime = registry::open_engine(settings, *wanted, podman_socket(environment));
  } else if (*wanted == "containerd") {
    static_cast<void>(environment.variable("CONTAINERD_ADDRESS"));  // containerd's own program reads it
    runtime = registry::open_containerd(settings, environment.variable("CONTAINERD_NAMESPACE").value_or("default"));
  } else {
    fail(Fault::usage, "--to: expected docker, podman or containerd, found ", printable(*wanted, 80));
  }
  return std::make_unique<HandOver>(std::move(runtime), environment);
}

registry::GivenImage HandOver::image_of(const store::Store& store, const store::Entry& entry,
                                        const std::vector<Digest>& instances) const {
  const std::vector<store::Descriptor> admitted = admitted_of(store, entry, instances);
  const store::Descriptor& manifest = manifest_of(admitted);
  // From the config, which was verified: an index need not tell platforms.
  const store::Descriptor config = store::parse_manifest(store.read(manifest)).config;
  const store::Platform platform = store::parse_config(store.read(config).bytes).platform;
  const store::Platform here = store::Platform::here();
  const bool is_foreign = platform.contradicts(here);
  return {entry.name,           entry.root.digest,
          manifest.digest,      config.digest,
          instances.size() > 1, is_foreign,
          platform.to_string(), blobs_of(store, runtime_->takes_indexes() ? admitted : std::vector{manifest})};
}

void HandOver::give_entry(const store::Store& store, const store::Entry& entry, const std::vector<Digest>& instances,
                          bool quiet) {
  const registry::GivenImage image = image_of(store, entry, instances);
  // What is there already is not sent again: an archive has all layers, and the runtime may be slow to take them.
  const auto before = runtime_->found(image);
  // One that keeps indexes keeps the platforms that came last; of others there may be content that is about to go.
  const bool is_sure = !runtime_->takes_indexes() || image.root == image.manifest;
  if (is_sure && before && runtime_->is_same(*before, image)) {
    if (!quiet) environment_.err << runtime_->shown() << ": " << entry.name.familiar() << " is already there\n";
    return;
  }
  const std::vector<store::Part> parts =
      archive_of(store, entry, runtime_->takes_indexes() ? instances : std::vector{image.manifest});
  std::uint64_t size = 0;
  for (const store::Part& part : parts) size += part.size();
  {
    TransferLine transfer(environment_, quiet, "Handing over", size);
    runtime_->load(image, [&](ByteSink& out) {
      store::write_bundle(store, parts, out, [&](std::uint64_t bytes) {
        transfer.passed(bytes);
        if (environment_.interrupted) fail(Fault::interrupted, "interrupted");
      });
    });
  }
  const auto after = runtime_->found(image);
  if (!after || !runtime_->is_same(*after, image)) {
    // That it took the archive proves nothing: another client may have given the name away since.
    throw Error(Fault::corrupt,
                "expected " + runtime_->expected(image) + ", found " + (after ? printable(*after, 200) : "nothing"),
                "somebody else may have changed it there meanwhile; do not run it before this succeeds");
  }
  if (!quiet) environment_.err << runtime_->shown() << ": has " << entry.name.familiar() << "\n";
}

void HandOver::give(const store::Store& store, const Subject& admitted, bool quiet,
                    const std::function<void()>& require_still) {
  within(admitted.name.familiar() + " is in the local store, but not handed over", [&] {
    const std::optional<store::File> turn = take_turn_to_give(store.directory());
    auto entry = store.find(admitted.name);
    // The turn may have come late: another run has given the name to another image since.
    if (!entry || entry->root.digest != admitted.digest) {
      fail(Fault::local, "its name in the store was given to another image meanwhile");
    }
    // In the turn, not before it: nobody else can hand over while this goes on.
    require_still();
    entry->name = admitted.name;  // asked by digest, it goes by its digest, whatever tag it has as well
    // The store keeps a signed index of which one manifest was admitted; then that manifest alone goes out.
    if (admitted.admitted && *admitted.admitted != admitted.digest) {
      entry = store.alone(*std::move(entry), *admitted.admitted);
    }
    within(runtime_->shown(), [&] { give_entry(store, *entry, admitted.instances, quiet); });
  });
}

}  // namespace hallmark::cmd

// SPDX-License-Identifier: Apache-2.0
//
// The documents of an image: OCI image-spec 1.1 and docker's schema 2, read strictly and never rewritten.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trust/bytes.h"
#include "trust/digest.h"
#include "trust/json.h"
#include "trust/time.h"

namespace hallmark::store {

/// The most bytes a manifest or index may have, and a config.
constexpr std::uint64_t kMostManifestBytes = std::uint64_t{4} << 20U;
constexpr std::uint64_t kMostConfigBytes = std::uint64_t{8} << 20U;
/// The most bytes a layer may claim, and how many layers and manifests a document may list.
constexpr std::uint64_t kMostLayerBytes = std::uint64_t{1} << 40U;
constexpr std::size_t kMostLayers = 500;
constexpr std::size_t kMostManifests = 1000;

struct Platform {
  std::string os;
  std::string architecture;
  std::string variant;  ///< empty if there is none

  /// "linux/arm64" or "linux/arm/v7", names as containerd normalises them (x86_64 is amd64, aarch64 is arm64, v8 is
  /// what arm64 means anyway). A known system or architecture alone is completed from this machine, as docker does.
  /// Fault::usage otherwise.
  static Platform parse(std::string_view text);
  /// Of this machine.
  static Platform here();
  /// As it is spelled here, "unknown" for what is not said: for comparisons there is same_as().
  [[nodiscard]] std::string to_string() const;
  /// Neither the system nor the architecture is said.
  [[nodiscard]] bool is_empty() const { return os.empty() && architecture.empty(); }
  /// "unknown/unknown": what builders call their attestations; never run as an image.
  [[nodiscard]] bool is_unknown() const;
  /// The same platform with the names that parse() uses.
  [[nodiscard]] Platform normalised() const;
  /// Whether they mean the same platform, spelling aside.
  [[nodiscard]] bool same_as(const Platform& other) const { return normalised() == other.normalised(); }
  /// Whether both say a system, or an architecture, and not the same. What is not said contradicts nothing.
  [[nodiscard]] bool contradicts(const Platform& other) const;

  auto operator<=>(const Platform&) const = default;
};

/// What a document says of another one or of a blob (image-spec, descriptor.md): nothing of it is believed before the
/// bytes were hashed.
struct Descriptor {
  std::string media_type;
  Digest digest;
  /// A limit for whoever receives the bytes, and a promise.
  std::uint64_t size;
  /// As an index says it; absent where none is said.
  std::optional<Platform> platform;
  std::map<std::string, std::string> annotations;
};

/// A document and what it is called; the bytes hash to the digest and are as long as the size says.
struct Document {
  Descriptor descriptor;
  Bytes bytes;
};

/// The parts of one image, which may have no layers.
struct Manifest {
  Descriptor config;
  std::vector<Descriptor> layers;  ///< bottom first
};

/// In the order in which it was written, which decides between equals.
struct Index {
  std::vector<Descriptor> manifests;
  /// The manifest for the platform: of the variants that run there the closest one, the first of equals. Where none
  /// says that it is for it, those count that say none: `look` gives what their config says (members are empty where
  /// that says nothing either), and is absent for what is no image. Fault::missing lists what there is.
  [[nodiscard]] const Descriptor& choose(const Platform& wanted,
                                         const std::function<std::optional<Platform>(const Descriptor&)>& look) const;
  /// All manifests of images (not "unknown/unknown").
  [[nodiscard]] std::vector<Descriptor> images() const;
  /// Fault::missing, with the indexes that it lists in their place: nobody looks into these.
  [[noreturn]] void refuse_without_image() const;
  /// Whether these are all that a runtime could take from it. What calls itself an attestation and has a platform of
  /// this world is counted: a runtime looks at the platform.
  [[nodiscard]] bool has_no_more_than(const std::vector<Descriptor>& chosen) const;
};

/// What every image is held against. What a policy asks besides is in facts_of_config().
struct Config {
  std::optional<Time> created;
  Platform platform;  ///< members are empty where it does not say them, as in images that were made without a base
  std::vector<Digest> diff_ids;  ///< of the uncompressed layers, bottom first
};

/// OCI's type or docker's, in exactly this spelling.
bool is_index(std::string_view media_type);
bool is_manifest(std::string_view media_type);
/// Whether it is one in a manifest of this type. Docker's manifests have been passed on with configs of other types.
bool is_config_of_image(std::string_view config_type, std::string_view manifest_type);

enum class Compression { none, gzip, zstd };
/// What the media type of a layer promises. Fault::corrupt, with the reason, for layers that cannot be verified here.
Compression compression_of(std::string_view layer_type);

/// The type of a document by what the sender called it and what it says of itself; they must not contradict.
/// Schema 1, unknown types and documents with both "manifests" and "layers" or "config" are Fault::corrupt.
std::string document_type(std::string_view claimed_type, ByteView bytes);

/// Fault::corrupt for anything that is not a complete document of the kind. Layers must be of types we can inflate;
/// foreign and encrypted layers are refused. Embedded `data` must be what its descriptor says. `urls` are never used.
Manifest parse_manifest(const Document& document);
Index parse_index(const Document& document);
Config parse_config(ByteView bytes);

}  // namespace hallmark::store

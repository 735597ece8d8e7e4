// SPDX-License-Identifier: Apache-2.0
//
// The question that is put to the gate: may this name hold these bytes?
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "trust/digest.h"
#include "trust/reference.h"
#include "trust/time.h"

namespace hallmark {

/// What the config of an image says of it. Read from bytes whose digest was checked.
struct ConfigFacts {
  std::string platform;  ///< "linux/arm/v7", in the spelling of store::Platform::parse
  std::optional<Time> created;
  std::string user;  ///< "1000", "app:app"; empty when there is none
  std::map<std::string, std::string> labels;
  std::vector<std::string> environment;  ///< "NAME=value"
  std::vector<std::string> volumes;
  std::vector<std::string> ports;  ///< "8080/tcp"
  bool has_entrypoint = false;
};

/// What the documents of one image say of it.
struct ImageFacts {
  struct Layer {
    std::string media_type;
    std::uint64_t size;  ///< as it is carried
  };
  Digest manifest;
  std::string media_type;
  std::string config_type;
  std::vector<Layer> layers;
  std::map<std::string, std::string> annotations;  ///< of the manifest
  std::optional<ConfigFacts> config;               ///< absent until the config was fetched
};

/// Why the gate said yes, in few words that are fit for a terminal: what a list of images tells later.
struct AdmissionReason {
  std::string by;    ///< "tuf: targets/releases", "digest", "nobody"
  std::string rule;  ///< of the policy: "docker:registry.example/lib", "default"
  Time at;           ///< when it was decided
};

/// One name and the bytes that it shall hold. All that is said of the image was read from bytes that were hashed.
struct Subject {
  Reference name;                 ///< the name that will hold the bytes
  Digest digest;                  ///< of the top document, manifest or index: what the name will point at
  std::uint64_t size;             ///< of that document in bytes
  std::vector<Digest> instances;  ///< the manifests that will be stored; the same as `digest` when that is no index
  /// Whether the instances are all that a runtime could take from the top document. One that is no index always is.
  bool is_whole = false;
  /// Of a manifest that is judged by itself: the index that lists it. What is said of the index is about it as well.
  std::optional<Digest> index = {};
  /// Of each of the instances, in their order; empty when no requirement looks at the image.
  std::vector<ImageFacts> facts = {};
  std::optional<Reference> asked = {};  ///< as a person wrote it, when the name is another
  /// Said by the gate in an Approval: to how many bytes the layers of each instance may inflate.
  std::optional<std::uint64_t> most_uncompressed = {};
  std::optional<AdmissionReason> admission_reason = {};  ///< said by the gate in an Approval
  /// Said by the gate in an Approval: what may be given out for the name. The same as `digest`, or the first manifest
  /// of an index that was judged, when the index was not judged whole.
  std::optional<Digest> admitted = {};
};

}  // namespace hallmark

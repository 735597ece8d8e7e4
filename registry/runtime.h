// SPDX-License-Identifier: Apache-2.0
//
// What runs containers on this machine, and takes images as an archive: docker, podman, containerd.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "trust/bytes.h"
#include "trust/digest.h"
#include "trust/reference.h"

namespace hallmark::registry {

/// The image as the one that gives it knows it: what the other side may answer, and nothing else.
struct GivenImage {
  Reference name;
  Digest root;           ///< manifest or index: what the name is
  Digest manifest;       ///< of the platform that is given
  Digest config;         ///< of that manifest
  bool is_whole;         ///< all platforms of the index go along
  bool is_foreign;       ///< for another platform than this machine's
  std::string platform;  ///< "linux/arm64"
  /// Manifest, config and layers of each platform that is given.
  std::vector<Digest> blobs;
};

/// Writes an archive of the image to its end. What it throws ends the transfer, and the other side takes nothing.
using WriteArchive = std::function<void(ByteSink&)>;

/// It is given an image after the image was admitted. What it answers is compared with the image that was given, and is
/// never a reason to admit one.
class Runtime {
 public:
  virtual ~Runtime() = default;
  /// "docker at /var/run/docker.sock", for messages.
  [[nodiscard]] virtual std::string shown() const = 0;
  /// Whether it keeps an index with several of its platforms; else it is given one manifest.
  [[nodiscard]] virtual bool takes_indexes() const = 0;
  /// What it has under the image's name, as it tells it; absent when nothing. Fault::unavailable when it cannot be
  /// asked.
  virtual std::optional<std::string> found(const GivenImage& image) = 0;
  /// Whether that is the image.
  [[nodiscard]] virtual bool is_same(const std::string& found, const GivenImage& image) const = 0;
  /// What is_same() wants, for messages.
  [[nodiscard]] virtual std::string expected(const GivenImage& image) const = 0;
  /// Fault::local when it does not take it.
  virtual void load(const GivenImage& image, const WriteArchive& write) = 0;

 protected:
  Runtime() = default;
  Runtime(const Runtime&) = default;
  Runtime& operator=(const Runtime&) = default;
};

}  // namespace hallmark::registry

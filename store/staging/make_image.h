// SPDX-License-Identifier: Apache-2.0
//
// An image made here, of one layer: a root file system with what a container needs to start from it.
// The same input gives the same bytes; nothing is asked of the clock or the machine.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "store/image/image.h"
#include "store/staging/staging.h"
#include "store/tar/tar.h"
#include "trust/subject.h"
#include "trust/time.h"

namespace hallmark::store {

/// How a container starts: image-spec, config.md, "config".
struct ImageSettings {
  std::string user;
  std::set<std::string> ports;           ///< "80/tcp"
  std::vector<std::string> environment;  ///< "NAME=value", each name once
  std::optional<std::vector<std::string>> entrypoint;
  std::optional<std::vector<std::string>> command;
  std::set<std::string> volumes;
  std::string working_directory;
  std::map<std::string, std::string> labels;
};

struct ImagePlan {
  Platform platform;
  Time created;
  std::string comment;
  ImageSettings settings;
};

struct MadeImage {
  Descriptor root;  ///< of the manifest
  Digest id;        ///< of the config
  ImageFacts facts;
};

/// Everything of the image is in quarantine afterwards, ready to be sealed. Fault::corrupt when the input is no whole
/// tar or becomes larger than a layer may be.
MadeImage make_image(const ByteReader& root_file_system, const ImagePlan& plan, Staging& staging);

}  // namespace hallmark::store

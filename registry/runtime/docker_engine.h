// SPDX-License-Identifier: Apache-2.0
//
// docker, and podman by docker's interface: its Engine API over a Unix socket (POST /images/load, GET
// /images/NAME/json).
#pragma once

#include <memory>
#include <string>

#include "registry/runtime.h"
#include "registry/settings.h"

namespace hallmark::registry {

/// `what`: "docker" or "podman". Nothing is asked yet.
std::unique_ptr<Runtime> open_engine(const Settings& settings, const std::string& what, const std::string& socket);

/// Reads what the engine answers while it loads: one JSON object a line. "error" in one of them is Fault::local.
class LoadProgress {
 public:
  void take(ByteView piece);
  /// Fault::local when the last line has no end, or nothing was said.
  void finish();

 private:
  void take_line();

  std::string line_;
  std::uint64_t bytes_ = 0;
  std::size_t lines_ = 0;
};

}  // namespace hallmark::registry

// SPDX-License-Identifier: Apache-2.0
//
// containerd, by its own program: ctr images import, ctr images ls, ctr content ls.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "registry/runtime.h"
#include "registry/settings.h"

namespace hallmark::registry {

/// `name_space`: containerd keeps images apart by it; "k8s.io" is that of Kubernetes. CONTAINERD_ADDRESS and
/// CONTAINERD_SNAPSHOTTER are ctr's own. Nothing is asked yet.
std::unique_ptr<Runtime> open_containerd(const Settings& settings, const std::string& name_space);

/// Of what `ctr images ls` prints, the digest in the line of the name; absent when there is none.
std::optional<std::string> listed_digest(std::string_view listing, std::string_view name);

/// The first of the blobs that has no line in what `ctr content ls --quiet` prints; absent when all have one.
std::optional<Digest> first_missing(const std::vector<Digest>& blobs, std::string_view listing);

}  // namespace hallmark::registry

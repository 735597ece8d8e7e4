// SPDX-License-Identifier: Apache-2.0
//
// Signing a tag, as push and trust sign do it.
#pragma once

#include "cmd/cli/options.h"
#include "cmd/publishing/publisher.h"
#include "store/image/image.h"

namespace hallmark::cmd {

/// What whoever signs the repository holds its trust server to: the memory of content trust beside the store, and what
/// the policy in force pins of this name. Of two pins the one counts whose server is asked; there is no going around
/// pins by naming another server. Fault::usage when the policy cannot be used.
TrustBasis trust_basis(const Arguments& arguments, const Environment& environment, const Reference& repository);

/// The tag is these bytes, in the roles of signing_roles(). Only a sha256, as docker writes it.
Publisher::Change signing_change(const Publisher& publisher, const std::string& tag, const store::Descriptor& root,
                                 const std::vector<std::string>& roles);

/// The pin of a policy by the keys of the root: {"gun": "registry.example/app", "rootKeyIds": ["..."]}.
std::string pin_of(const tuf::Repository& repository);

/// What whoever begins a repository keeps and hands on. Nothing unless this publication began it.
void tell_begun(const Publisher& publisher, const Environment& environment);

/// After a publication: Fault::local when the verified trust data do not say so.
void require_signed(const Publisher& publisher, const Reference& name, const Digest& digest);

}  // namespace hallmark::cmd

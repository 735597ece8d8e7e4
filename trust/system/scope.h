// SPDX-License-Identifier: Apache-2.0
//
// Scopes of containers-policy.json(5): which keys a name is looked up under, and which keys can be meant at all.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "trust/reference.h"

namespace hallmark {

/// "docker", "oci", "dir" and so on: a policy that names another one has a mistake in it.
bool is_known_transport(std::string_view transport);

/// As the tools of containers-policy.json check it: why the key is no scope of the transport; empty when it is one.
/// Says nothing about docker's scopes and unknown transports, as they do not.
std::string scope_fault(std::string_view transport, std::string_view scope);

/// As the native dialect checks it: a scope that could never match anything is a fault too.
std::string strict_scope_fault(std::string_view transport, std::string_view scope);

/// "reg.example:5000/a/b", "reg.example:5000/a", "reg.example:5000", "*.example": from narrow to wide.
/// `name` is a scope without tag or digest; a tag or digest in it stays in the first key only.
std::vector<std::string> namespaces(std::string_view name);

/// Keys of a docker reference in the order in which they are looked for, the transport's own default "" last.
std::vector<std::string> lookup_keys(std::string_view repository, const Reference& name);

/// Whether text is host[:port] as references have it, dots not needed.
bool is_domain(std::string_view text);
/// Whether text is a path of a repository: "library/debian".
bool is_repository_path(std::string_view text);
/// An absolute path without "//", "/./", "/../" or "/" at the end, and not "/".
bool is_clean_path(std::string_view path);

}  // namespace hallmark

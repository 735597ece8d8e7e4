// SPDX-License-Identifier: Apache-2.0
//
// Policies written in tests, and what they may read.
#pragma once

#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "policy/file/reader.h"
#include "policy/gate.h"
#include "trust/bytes.h"
#include "trust/json.h"

namespace hallmark::test {

/// One of the files in tests/vectors/policy.
inline json::Value vectors(const std::string& name) {
  std::ifstream file(std::string(HALLMARK_VECTORS) + "/policy/" + name, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return json::parse(name, view_of(text));
}

using Files = std::map<std::string, std::string>;

/// The policy at "/etc/policy.json". Reads only the given files.
inline policy::Policy parsed(const std::string& text, const Files& files) {
  return policy::read_policy("/etc/policy.json", view_of(text), [&files](const std::string& path) {
    const auto file = files.find(path);
    if (file == files.end()) throw Error(Fault::missing, "no such file");
    return bytes_of(file->second);
  });
}

inline policy::Policy parsed(const std::string& text) { return parsed(text, {}); }

/// A native policy that rejects by default; `members` are the other members, with a comma before them.
inline std::string native(const std::string& members) {
  return R"({"hallmark": 1, "default": [{"type": "reject"}])" + members + "}";
}

/// A native policy with one list for registry "reg.example".
inline std::string for_registry(const std::string& requirements, const std::string& members = "") {
  return native(members + R"(, "transports": {"docker": {"reg.example": )" + requirements + "}}");
}

inline bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

inline Time noon() { return parse_time("2026-11-24T12:00:00Z"); }

inline Digest digest_of(const std::string& text) { return Digest::of(view_of(text)); }

/// A manifest, and nothing above it.
inline Subject subject(const std::string& name, const std::string& content) {
  return {Reference::parse(name), digest_of(content), content.size(), {digest_of(content)}};
}

inline policy::Decision decide(const policy::Gate& gate, const Subject& subject, const policy::Answers& answers) {
  return gate.decide(gate.plan(subject.name), subject, answers, noon());
}

inline policy::Decision decide(const policy::Gate& gate, const Subject& subject) { return decide(gate, subject, {}); }

inline policy::Gate gate_of(const std::string& policy) { return {parsed(policy), false}; }

}  // namespace hallmark::test

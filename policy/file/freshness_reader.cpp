// SPDX-License-Identifier: Apache-2.0
#include "policy/file/freshness_reader.h"

#include <algorithm>

#include "trust/json_pointer.h"
#include "trust/quantity.h"
#include "trust/system/scope.h"
#include "trust/system/values.h"
#include "trust/text.h"

namespace hallmark::policy {
namespace {

std::optional<std::chrono::seconds> duration_at(const json::Object& object, const std::string& name) {
  const json::Value* value = object.find(name);
  if (value == nullptr) return std::nullopt;
  return at_pointer("/freshness/" + name, [&] { return parse_duration(value->string()); });
}

/// The name of a store, or a list of names.
std::vector<std::string> signers_in(const json::Value& value, const SigningKeys& keys) {
  std::vector<std::string> names = value.is_string() ? std::vector{value.string()} : trust::texts_in(value);
  for (auto name = names.begin(); name != names.end(); ++name) {
    // Stores of trust systems sign images. None of them has a say about time.
    if (!keys.contains(*name)) {
      std::vector<std::string> known;
      for (const auto& [one, key] : keys) known.push_back(one);
      throw Error(Fault::usage, "there is no store \"" + printable(*name, 80) + "\" of kind key",
                  known.empty() ? "\"stores\" of the policy has none of kind key" : hint_for(*name, known));
    }
    // Any of them will do, so to write one twice adds nothing and hides a slip.
    if (std::find(names.begin(), name, *name) != name) fail(Fault::usage, "\"", *name, "\" stands twice in the list");
  }
  return names;
}

Freshness::Mode mode_in(const std::string& word) {
  if (word == "strict") return Freshness::Mode::strict;
  if (word == "bundleTime") return Freshness::Mode::bundle_time;
  // A misspelled mode falls back on neither of the two.
  fail(Fault::usage, "mode is \"strict\" or \"bundleTime\", found \"", printable(word, 80), "\"");
}

/// What would be written in vain, or would leave a hole, is an error.
void check(const Freshness& freshness, const json::Value* required) {
  if (freshness.mode == Freshness::Mode::bundle_time) {
    // Without an age somebody could hold updates back for ever.
    if (!freshness.most_age) fail(Fault::usage, "mode bundleTime needs maxBundleAge");
    // Without a signer anybody could write the time of packing.
    if (freshness.signers.empty()) fail(Fault::usage, "mode bundleTime needs bundleSigners");
    // The mode rests on the signature: a file that takes it away contradicts itself.
    if (required != nullptr && !required->boolean()) {
      fail(Fault::usage, "requireBundleSignature cannot be false in mode bundleTime");
    }
    return;
  }
  if (freshness.signature_required && freshness.signers.empty()) {
    fail(Fault::usage, "requireBundleSignature needs bundleSigners");
  }
  // They are about the time of packing, which only a signature makes worth something.
  const bool asks = freshness.most_age || freshness.most_transit || !freshness.signers.empty();
  if (asks && !freshness.signature_required) {
    throw Error(Fault::usage,
                "in mode strict maxBundleAge, maxTransit and bundleSigners mean something only with a signature",
                "add \"requireBundleSignature\": true, or take them out");
  }
}

}  // namespace

Freshness read_freshness(const json::Object& object, const SigningKeys& keys) {
  object.allow_only(
      {"mode", "maxBundleAge", "maxTransit", "clockSkew", "bundleSigners", "requireBundleSignature", "state"});
  Freshness freshness;
  if (const json::Value* mode = object.find("mode")) freshness.mode = mode_in(mode->string());
  freshness.most_age = duration_at(object, "maxBundleAge");
  freshness.most_transit = duration_at(object, "maxTransit");
  freshness.clock_skew = duration_at(object, "clockSkew").value_or(Freshness::kUsualSkew);
  if (const json::Value* signers = object.find("bundleSigners")) {
    freshness.signers = at_pointer("/freshness/bundleSigners", [&] { return signers_in(*signers, keys); });
  }
  const json::Value* required = object.find("requireBundleSignature");
  // The mode asks for it by itself, so that nobody can forget to write it.
  freshness.signature_required =
      freshness.mode == Freshness::Mode::bundle_time || (required != nullptr && required->boolean());
  if (const json::Value* state = object.find("state")) {
    // What is remembered must not depend on the folder in which somebody stands.
    if (!is_clean_path(state->string())) {
      fail(Fault::usage, "state: \"", printable(state->string(), 200), "\" is no clean absolute path");
    }
    freshness.state = state->string();
  }
  // Behind all of them, because it judges them together.
  check(freshness, required);
  return freshness;
}

}  // namespace hallmark::policy

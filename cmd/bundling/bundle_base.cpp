// SPDX-License-Identifier: Apache-2.0
#include "cmd/bundling/bundle_base.h"

#include <algorithm>

#include "store/archive/archive_input.h"
#include "store/archive/statement_check.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

store::CarriedStatement statement_of(const Terms& terms, const std::string& bundle) {
  store::ArchiveInput input(bundle, "hallmark save --base - NAME < BUNDLE > FILE", terms.interrupted);
  store::Staging staging(terms.store);
  store::Archive archive(staging);
  return input.reading([&] {
    // No layer is unpacked, and nothing is kept: the bundle is asked what it has, not whether it may come in.
    store::read_documents(archive, input);
    auto statement = store::read_statement(archive);
    if (!statement) {
      throw Error(Fault::usage, "it does not say what it has", "--base takes bundles that hallmark save has written");
    }
    return *std::move(statement);
  });
}

}  // namespace

std::map<Digest, Digest> blobs_of_bases(const Terms& terms, const std::vector<std::string>& bundles) {
  if (std::count(bundles.begin(), bundles.end(), "-") > 1) fail(Fault::usage, "standard input is one bundle, not two");
  std::map<Digest, Digest> present;
  // What a base lacks itself its own base has: a chain of bundles is followed by what each of them says.
  std::map<Digest, Digest> elsewhere;
  // The same in whatever order they are named: the one with the lowest digest has what two of them have.
  const auto note = [](std::map<Digest, Digest>& blobs, const Digest& blob, const Digest& bundle) {
    const auto [place, is_new] = blobs.emplace(blob, bundle);
    if (!is_new) place->second = std::min(place->second, bundle);
  };
  for (const std::string& bundle : bundles) {
    const store::CarriedStatement statement = statement_of(terms, bundle);
    for (const auto& [digest, blob] : statement.says.blobs) {
      if (blob.is_present) note(present, digest, statement.digest);
      if (!blob.is_present && blob.base) note(elsewhere, digest, *blob.base);
    }
  }
  // A bundle that has the blob itself is named before one that only refers to another.
  present.merge(elsewhere);
  return present;
}

}  // namespace hallmark::cmd

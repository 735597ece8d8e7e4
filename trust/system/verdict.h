// SPDX-License-Identifier: Apache-2.0
//
// What a requirement says of an image.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "trust/error.h"
#include "trust/json.h"

namespace hallmark::trust {

enum class Result { pass, fail, error, skipped };  // error: could not decide; counts as fail

/// What made a requirement pass, for the record.
class Proof {
 public:
  virtual ~Proof() = default;
  /// Its members, in an object that is begun.
  virtual void write(json::Writer& evidence) const = 0;

 protected:
  Proof() = default;
  Proof(const Proof&) = default;
  Proof& operator=(const Proof&) = default;
};

/// It refuses until somebody sets it otherwise.
struct Verdict {
  Result result = Result::fail;
  std::string code{};    ///< stable word when not passed: "TUF_EXPIRED"
  std::string detail{};  ///< one line: expected and found
  std::string hint{};    ///< one line: what to do; empty: the one of the code
  Fault fault = Fault::refused;
  /// Whose word a pass rests on: "key:<id of the bare key>". One person's key in two systems is one signer.
  std::set<std::string> signers{};
  std::string word{};  ///< of a pass, for people: "tuf: targets/releases"
  std::shared_ptr<const Proof> proof{};
  /// Of an index: whether a pass rests on its manifests that were looked at, and says nothing of others in it; and
  /// whether somebody vouches for the index itself.
  bool is_for_instances = false;
  bool is_for_top = false;
};

}  // namespace hallmark::trust

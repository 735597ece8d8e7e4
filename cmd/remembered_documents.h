// SPDX-License-Identifier: Apache-2.0
//
// The documents that were accepted last, as a place that can be asked: nobody else is.
#pragma once

#include "trust/tuf/update.h"

namespace hallmark::cmd {

class RememberedDocuments final : public tuf::Documents {
 public:
  /// The memory outlives this.
  explicit RememberedDocuments(const tuf::Memory& memory) : memory_(memory) {}

  /// Older roots are not among what is remembered.
  tuf::Answer fetch(const tuf::Wanted& wanted) override {
    const bool is_newest = wanted.role != "root" || wanted.file == tuf::notary().file_name("root");
    const auto remembered = memory_.files.find(wanted.role);
    if (!is_newest || remembered == memory_.files.end()) {
      return {tuf::Answer::Kind::missing, {}, Fault::missing, "it is not remembered"};
    }
    if (remembered->second.size() > wanted.limit) {
      return {tuf::Answer::Kind::rejected, {}, Fault::corrupt, "what is remembered is over its limit"};
    }
    return {tuf::Answer::Kind::found, remembered->second, Fault::unavailable, {}};
  }

 private:
  const tuf::Memory& memory_;
};

}  // namespace hallmark::cmd

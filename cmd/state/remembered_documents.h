// SPDX-License-Identifier: Apache-2.0
//
// The documents that were accepted last, as a place that can be asked: nobody else is.
#pragma once

#include "trust/tuf/notary.h"
#include "trust/tuf/update.h"

namespace hallmark::cmd {

class RememberedDocuments final : public tuf::Documents {
 public:
  /// The memory outlives this.
  explicit RememberedDocuments(const tuf::Memory& memory) : memory_(memory) {}

  tuf::Answer fetch(const tuf::Wanted& wanted) override {
    const Bytes* const remembered = find(wanted);
    if (remembered == nullptr) return {tuf::Answer::Kind::missing, {}, Fault::missing, "it is not remembered"};
    if (remembered->size() > wanted.limit) {
      return {tuf::Answer::Kind::rejected, {}, Fault::corrupt, "what is remembered is over its limit"};
    }
    return {tuf::Answer::Kind::found, *remembered, Fault::unavailable, {}};
  }

 private:
  [[nodiscard]] const Bytes* find(const tuf::Wanted& wanted) const {
    if (wanted.role == "root" && wanted.file != tuf::notary().file_name("root")) {
      for (const auto& [version, bytes] : memory_.roots) {
        if (wanted.file == tuf::notary().root_file_name(version)) return &bytes;
      }
      return nullptr;
    }
    const auto found = memory_.files.find(wanted.role);
    return found == memory_.files.end() ? nullptr : &found->second;
  }

  const tuf::Memory& memory_;
};

}  // namespace hallmark::cmd

// SPDX-License-Identifier: Apache-2.0
//
// --to: what the gate admitted and the store holds is given to a runtime of this machine, which is asked afterwards
// whether it has just that. Nothing else ever goes there.
#pragma once

#include <functional>
#include <memory>

#include "cmd/cli/options.h"
#include "cmd/terminal/environment.h"
#include "registry/runtime.h"
#include "store/store.h"
#include "trust/subject.h"

namespace hallmark::cmd {

/// The option, for pull and load.
Options& hand_over_option(Options& options);

/// The runtime is not believed: it is asked by digest what it has, before and after.
class HandOver {
 public:
  /// --to; absent when it was not given. Fault::usage for what is no runtime, or one that is not on this machine.
  static std::unique_ptr<HandOver> asked_for(const Arguments& arguments, const Environment& environment);

  HandOver(std::unique_ptr<registry::Runtime> runtime, const Environment& environment)
      : runtime_(std::move(runtime)), environment_(environment) {}

  /// `admitted`: what the gate admitted. `require_still` throws when it is not any more, asked when others have been
  /// waited for. Whatever fails, the store keeps the image, and the error says so. Fault::corrupt when the runtime then
  /// has something else under the name.
  void give(const store::Store& store, const Subject& admitted, bool quiet, const std::function<void()>& require_still);

 private:
  [[nodiscard]] registry::GivenImage image_of(const store::Store& store, const store::Entry& entry,
                                              const std::vector<Digest>& instances) const;
  void give_entry(const store::Store& store, const store::Entry& entry, const std::vector<Digest>& instances,
                  bool quiet);

  std::unique_ptr<registry::Runtime> runtime_;
  const Environment& environment_;
};

}  // namespace hallmark::cmd

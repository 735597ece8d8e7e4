// SPDX-License-Identifier: Apache-2.0
#include "cmd/publishing/pushing.h"

#include <ostream>

#include "cmd/publishing/push_plan.h"
#include "cmd/terminal/progress.h"
#include "trust/error.h"

namespace hallmark::cmd {
namespace {

/// Runs a step of several; a failure says what the steps before it leave behind.
template <class Work>
void leaving(const std::string& rest, Work&& work) {
  try {
    std::forward<Work>(work)();
  } catch (const Error& error) {
    throw Error(error.fault(), error.what(), error.hint().empty() ? rest : error.hint() + "; " + rest);
  }
}

/// On the screen, as layers that come in are shown.
class ShownPush final : public PushObserver {
 public:
  explicit ShownPush(Progress& progress) : progress_(progress) {}
  void was_there(const store::Descriptor& layer) override { progress_.verified(layer, true); }
  void passed(const store::Descriptor& layer, std::uint64_t bytes) override {
    progress_.started(layer);
    progress_.passed(layer, bytes);
  }
  void pushed(const store::Descriptor& layer) override { progress_.verified(layer, false); }
  void mounted(const store::Descriptor& layer, const std::string& from) override {
    progress_.ended(layer, "Mounted from " + from);
  }

 private:
  Progress& progress_;
};

}  // namespace

store::Entry entry_to_push(const store::Store& store, const Reference& name) {
  if (auto entry = store.find(name)) return *std::move(entry);
  throw Error(Fault::missing, "An image does not exist locally with the tag: " + name.familiar(),
              "hallmark images lists what there is");
}

store::Descriptor push_one(Push& push, const store::Entry& entry, registry::Repository& target) {
  const PushPlan plan = plan_push(push.store, entry);
  const std::string& tag = entry.name.tag().value();
  if (push.publisher != nullptr) {
    // Keys, passphrases and the trust server fail before the first byte goes out.
    push.publisher->prepare(signing_change(*push.publisher, tag, plan.root().descriptor, push.roles), true);
  }
  leaving("nothing was signed and no tag was given; what has arrived is not sent again by another push", [&] {
    Progress progress(Progress::style_for(push.environment, push.quiet), push.environment.err, plan.layers, kPushWords);
    // A warning between two frames of the bars would be drawn over. The lines come back when `notice` goes.
    const auto notice = push.environment.console.redirect([&](const std::string& line) { progress.notice(line); });
    ShownPush shown(progress);
    send(push.store, entry, plan, target, shown);
  });
  if (push.publisher != nullptr) {
    if (!push.quiet) push.environment.err << "Signing and pushing trust metadata" << std::endl;
    // Signed before the tag is given: until then nobody can pull an unsigned image by it.
    leaving("the registry has the image, but not under the tag; push again to go on", [&] {
      push.publisher->publish();
      if (!push.quiet) tell_begun(*push.publisher, push.environment);
      require_signed(*push.publisher, entry.name, plan.root().descriptor.digest);
    });
  }
  const std::string signed_or_not = push.publisher == nullptr ? "" : "it is signed, but ";
  leaving(signed_or_not + "the registry does not show the image under the tag; push again to go on",
          [&] { target.put_manifest(plan.root(), tag); });
  return plan.root().descriptor;
}

std::string pushed_text(const std::string& tag, const store::Descriptor& root) {
  return tag + ": digest: " + root.digest.to_string() + " size: " + std::to_string(root.size);
}

}  // namespace hallmark::cmd

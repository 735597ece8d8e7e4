// SPDX-License-Identifier: Apache-2.0
#include "policy/codes.h"

#include <algorithm>
#include <array>

#include "policy/systems.h"

namespace hallmark::policy {
namespace {

using trust::Code;

// In the order of their letters. Scripts and old records have these words: one is added and never renamed.
constexpr std::array kCodes{
    Code{"AGE", "ask the publisher to build the image again"},
    Code{"AGE_FUTURE", "check the clock of this machine, then ask the publisher"},
    Code{"AGE_UNKNOWN", "ask the publisher for an image that says when it was created"},
    Code{"BUNDLE_FUTURE", "check the clocks of this machine and of the one that packed the bundle"},
    Code{"BUNDLE_IN_TRANSIT", "ask the signer to pack again, and bring the bundle here sooner"},
    Code{"BUNDLE_KEY_NOT_VALID", "ask the signer to pack again with the key that is in force now"},
    Code{"BUNDLE_OTHER_SIGNER", "compare the key that signed with the stores that \"bundleSigners\" names"},
    Code{"BUNDLE_ROLLBACK", "load the newest bundle of this signer"},
    Code{"BUNDLE_TOO_OLD", "ask the signer to pack again"},
    Code{"BUNDLE_UNDATED", "ask the signer to pack again with hallmark save --sign"},
    Code{"BUNDLE_UNSIGNED", "ask the sender to pack it with hallmark save --sign"},
    Code{"CLOCK",
         "set the clock of this machine right; if it was ahead before, docs/policy.md says which file remembers that"},
    Code{"CONFIG_ENTRYPOINT", "set ENTRYPOINT in the image"},
    Code{"CONFIG_ENV", "build the image without the variable; if it is a secret, replace the secret"},
    Code{"CONFIG_LABEL", "set the label in the image"},
    Code{"CONFIG_PORT", "expose other ports in the image"},
    Code{"CONFIG_VOLUMES", "build the image without VOLUME"},
    Code{"DIGEST", "compare the digest with the \"allow\" list of the policy"},
    Code{"EXCEPTION_ENDED", "give the exception a later \"until\" in the policy, or use an image that needs none"},
    Code{"GATES_NOT_READ", "try again; the image was never looked at"},
    // A second hint is for whoever has a file and no registry that could be asked for another image.
    Code{"INDEX_IN_PART", "ask for one platform, or judge all of them with --all-platforms",
         "ask the sender to pack one platform with hallmark save --platform, or all of them"},
    Code{"MEDIA_TYPE", "push the image again with a tool that writes the listed types"},
    Code{"NOTHING_REQUIRED", "give the policy at least one requirement for this name"},
    Code{"NOT_SUPPORTED", "use a requirement that this version checks: tuf, digest, threshold, gates, reject"},
    Code{"NO_DIGEST", "check that the name exists in the registry"},
    Code{"NO_PUBLISHER", "set DOCKER_CONTENT_TRUST=1, or write a policy with the publisher's root key: docs/policy.md",
         "write a policy with the publisher's root key, docs/policy.md; an archive without trust data cannot pass it"},
    Code{"PLATFORM", "ask for one of the listed platforms with --platform",
         "ask the sender to pack the image for one of the listed platforms with hallmark save --platform"},
    Code{"POLICY_EXPIRED", "install the current policy file"},
    Code{"POLICY_ROLLBACK", "install the current policy file, or pass --accept-policy-rollback"},
    Code{"REFERENCE_DIGEST", "ask for the digest that you mean, or leave it out"},
    Code{"REFERENCE_NOT_PINNED", "ask for NAME@DIGEST",
         "ask the sender to pack the image by its digest with hallmark save NAME@DIGEST"},
    Code{"REFERENCE_TAG", "ask for a tag that the policy allows"},
    Code{"REJECT", "choose an image that the policy allows, or change the policy for this scope"},
    Code{"SIZE_COMPRESSED", "ask the publisher for a smaller image"},
    Code{"SIZE_LAYER", "ask the publisher for smaller layers"},
    Code{"SIZE_LAYERS", "ask the publisher for fewer layers"},
    Code{"SIZE_UNCOMPRESSED", "ask the publisher for a smaller image; it may be made to fill the disk"},
    Code{"THRESHOLD", "see which branches failed and why"},
    Code{"USER_NAME", "set USER in the image to a number, or list the name in \"users\" of the policy"},
    Code{"USER_NOT_LISTED", "set USER in the image to one that the policy lists"},
    Code{"USER_ROOT", "set USER in the image to a number other than 0"},
};

// What passed has an empty code and asks for a hint all the same: it gets an empty one.
Code code_of(std::string_view word) {
  for (const Code& code : all_codes()) {
    if (code.word == word) return code;
  }
  return {};
}

}  // namespace

std::vector<Code> all_codes() {
  std::vector<Code> codes(kCodes.begin(), kCodes.end());
  // Systems bring their own, so that policy/ names none of theirs (docs/house.md, law 12).
  for (const trust::System* system : systems()) {
    codes.insert(codes.end(), system->codes.begin(), system->codes.end());
  }
  return codes;
}

std::string_view hint_of(std::string_view word) { return code_of(word).hint; }

std::string_view archive_hint_of(std::string_view word) { return code_of(word).archive_hint; }

}  // namespace hallmark::policy

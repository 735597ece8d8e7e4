// SPDX-License-Identifier: Apache-2.0
//
// The stable words that a finding carries when it did not pass, and what a person can do about each.
// docs/policy.md explains every one of them; a test compares the two.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace hallmark::policy {

struct Code {
  std::string_view word;
  std::string_view hint;
};

inline constexpr std::array kCodes{
    Code{"BUNDLE_FUTURE", "check the clocks of this machine and of the one that packed the bundle"},
    Code{"BUNDLE_IN_TRANSIT", "ask the signer to pack again, and bring the bundle here sooner"},
    Code{"BUNDLE_KEY_NOT_VALID", "ask the signer to pack again with the key that is in force now"},
    Code{"BUNDLE_OTHER_SIGNER", "compare the key that signed with the stores that \"bundleSigners\" names"},
    Code{"BUNDLE_ROLLBACK", "load the newest bundle of this signer"},
    Code{"BUNDLE_TOO_OLD", "ask the signer to pack again"},
    Code{"BUNDLE_UNDATED", "ask the signer to pack again with hallmark save --sign"},
    Code{"BUNDLE_UNSIGNED", "ask the sender to pack it with hallmark save --sign"},
    Code{"CLOCK", "set the clock of this machine right"},
    Code{"DIGEST", "compare the digest with the \"allow\" list of the policy"},
    Code{"NOTHING_REQUIRED", "give the policy at least one requirement for this name"},
    Code{"NOT_SUPPORTED", "use a requirement that this version checks: tuf, digest, threshold, reject"},
    Code{"NO_DIGEST", "check that the name exists in the registry"},
    Code{"POLICY_EXPIRED", "install the current policy file"},
    Code{"POLICY_ROLLBACK", "install the current policy file, or pass --accept-policy-rollback"},
    Code{"REFERENCE_DIGEST", "ask for the digest that you mean, or leave it out"},
    Code{"REJECT", "choose an image that the policy allows, or change the policy for this scope"},
    Code{"THRESHOLD", "see which branches failed and why"},
    Code{"TUF_BAD_SIGNATURE", "do not use the image; ask the publisher and whoever runs the trust server"},
    Code{"TUF_DIGEST", "pull the name by its tag, or ask the publisher to sign this digest"},
    Code{"TUF_EXPIRED", "ask the publisher to sign again, and check the clock of this machine"},
    Code{"TUF_HASH_MISMATCH", "try again; if it stays, the trust server hands out altered files"},
    Code{"TUF_LENGTH", "ask the publisher to sign the size of the manifest that the registry has"},
    Code{"TUF_MALFORMED", "check that the address is that of a trust server"},
    Code{"TUF_MISSING", "ask whoever runs the trust server to publish the missing file"},
    Code{"TUF_NOT_RELEASED",
         "ask the publisher to sign the tag for release, or add the role to \"roles\" of the store"},
    Code{"TUF_NO_ANSWER", "try again; the trust data was never asked for"},
    Code{"TUF_NO_PIN", "add a pin for this name to the store, or name another \"gun\" in the requirement"},
    Code{"TUF_NO_SHA256", "ask the publisher to sign the sha256 of the manifest"},
    Code{"TUF_NO_TARGET", "ask the publisher to sign the tag, or pull a tag that is signed"},
    Code{"TUF_NO_TRUST_DATA", "ask the publisher to sign the repository, or pull a signed one"},
    Code{"TUF_REJECTED", "ask whoever runs the trust server why it refuses to answer"},
    Code{"TUF_ROLLBACK", "the trust server shows an older state than before; ask whoever runs it"},
    Code{"TUF_ROOT_CERT_EXPIRED", "ask the publisher to rotate the root key"},
    Code{"TUF_ROOT_CERT_MISMATCH", "check that the trust data is that of this repository"},
    Code{"TUF_ROOT_NOT_PINNED", "compare the root key with the publisher's before you change the pin"},
    Code{"TUF_ROOT_NOT_SIGNED_BY_TRUSTED_ROOT", "compare the new root key with the publisher's before you trust it"},
    Code{"TUF_SNAPSHOT_DROPPED_ROLE", "the trust server lost a signer; ask the publisher"},
    Code{"TUF_TAG_REQUIRED", "ask for NAME:TAG instead of NAME@DIGEST"},
    Code{"TUF_TOO_MANY_DELEGATIONS", "ask the publisher to use fewer delegated roles"},
    Code{"TUF_UNREACHABLE", "check the network and the address of the trust server, then try again"},
    Code{"TUF_WRONG_REPOSITORY", "report this: trust data of another repository was looked at"},
};

/// One of those above.
inline const Code& code_called(std::string_view word) {
  return *std::find_if(kCodes.begin(), kCodes.end(), [word](const Code& code) { return code.word == word; });
}

}  // namespace hallmark::policy

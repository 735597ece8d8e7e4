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
  std::string_view archive_hint = {};  ///< of an image that came in an archive, where that is another
};

inline constexpr std::array kCodes{
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
    Code{"GATES_NOT_READ", "try again; the image was never looked at"},
    Code{"INDEX_IN_PART", "ask for one platform, or judge all of them with --all-platforms",
         "ask the sender to pack one platform with hallmark save --platform, or all of them"},
    Code{"MEDIA_TYPE", "push the image again with a tool that writes the listed types"},
    Code{"NOTHING_REQUIRED", "give the policy at least one requirement for this name"},
    Code{"NOT_SUPPORTED", "use a requirement that this version checks: tuf, digest, threshold, gates, reject"},
    Code{"NO_DIGEST", "check that the name exists in the registry"},
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
    Code{"TUF_BAD_SIGNATURE", "do not use the image; ask the publisher and whoever runs the trust server"},
    Code{"TUF_DIGEST", "pull the name by its tag, or ask the publisher to sign this digest"},
    Code{"TUF_EXPIRED", "ask the publisher to sign again, and check the clock of this machine",
         "ask the sender to pack it again; or let the policy's \"freshness\" accept the time of packing"},
    Code{"TUF_HASH_MISMATCH", "try again; if it stays, the trust server hands out altered files",
         "ask the sender to pack it again; if it stays, the trust data were altered"},
    Code{"TUF_LENGTH", "ask the publisher to sign the size of the manifest that the registry has"},
    Code{"TUF_MALFORMED", "check that the address is that of a trust server",
         "ask the sender to pack it again with hallmark save"},
    Code{"TUF_MISSING", "ask whoever runs the trust server to publish the missing file",
         "ask the sender to pack it again with hallmark save"},
    Code{"TUF_NOT_RELEASED",
         "ask the publisher to sign the tag for release, or add the role to \"roles\" of the store"},
    Code{"TUF_NO_ANSWER", "try again; the trust data was never asked for"},
    Code{"TUF_NO_PIN", "add a pin for this name to the store, or name another \"gun\" in the requirement"},
    Code{"TUF_NO_SHA256", "ask the publisher to sign the sha256 of the manifest"},
    Code{"TUF_NO_TARGET", "ask the publisher to sign the tag, or pull a tag that is signed"},
    Code{"TUF_NO_TRUST_DATA", "ask the publisher to sign the repository, or pull a signed one",
         "ask the sender to pack it with hallmark save where the trust data are at hand"},
    Code{"TUF_REJECTED", "ask whoever runs the trust server why it refuses to answer",
         "ask the sender to pack it again with hallmark save"},
    Code{"TUF_ROLLBACK", "the trust server shows an older state than before; ask whoever runs it",
         "load the newest bundle: this machine knows newer trust data"},
    Code{"TUF_ROOT_CERT_EXPIRED", "ask the publisher to rotate the root key"},
    Code{"TUF_ROOT_CERT_MISMATCH", "check that the trust data is that of this repository"},
    Code{"TUF_ROOT_NOT_PINNED", "compare the root key with the publisher's before you change the pin"},
    Code{"TUF_ROOT_NOT_SIGNED_BY_TRUSTED_ROOT", "compare the new root key with the publisher's before you trust it"},
    Code{"TUF_SNAPSHOT_DROPPED_ROLE", "the trust server lost a signer; ask the publisher"},
    Code{"TUF_TAG_REQUIRED", "ask for NAME:TAG instead of NAME@DIGEST", "ask the sender to pack the image by its tag"},
    Code{"TUF_TOO_MANY_DELEGATIONS", "ask the publisher to use fewer delegated roles"},
    Code{"TUF_TOO_MANY_ROOTS", "pin a newer root of the repository"},
    Code{"TUF_TOO_MUCH_TRUST_DATA", "ask the publisher to remove tags that nobody needs"},
    Code{"TUF_UNREACHABLE", "check the network and the address of the trust server, then try again"},
    Code{"TUF_WRONG_REPOSITORY", "report this: trust data of another repository was looked at"},
    Code{"USER_NAME", "set USER in the image to a number, or list the name in \"users\" of the policy"},
    Code{"USER_NOT_LISTED", "set USER in the image to one that the policy lists"},
    Code{"USER_ROOT", "set USER in the image to a number other than 0"},
};

/// What to do about a code when the image came in an archive; empty when it is the same as elsewhere.
inline std::string_view archive_hint_of(std::string_view word) {
  for (const Code& code : kCodes) {
    if (code.word == word) return code.archive_hint;
  }
  return {};
}

/// What to do about a code; empty when it is none of the list.
inline std::string_view hint_of(std::string_view word) {
  for (const Code& code : kCodes) {
    if (code.word == word) return code.hint;
  }
  return {};
}

}  // namespace hallmark::policy

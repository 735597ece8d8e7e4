// SPDX-License-Identifier: Apache-2.0
#include "trust/tuf/policy/system.h"

#include <array>

#include "trust/tuf/policy/requirement.h"
#include "trust/tuf/policy/store.h"

namespace hallmark::tuf {
namespace {

using trust::Code;

/// One for each word of a Refusal, and those of requirement.cpp.
constexpr std::array kCodes{
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
};

constexpr std::array kStores{trust::StoreKind{"tuf", &read_store}};
constexpr std::array kRequirements{trust::RequirementKind{"tuf", &read_requirement}};

/// The schema helps editors. What a policy may say is decided by read_store() and read_requirement().
constexpr std::string_view kDefinitions =
    R"json(    "roles": {
      "type": "array",
      "minItems": 1,
      "items": {"type": "string", "pattern": "^targets(/[a-z0-9_/-]+)?$"}
    },
)json";

constexpr std::string_view kStoreSchema =
    R"json(        {
          "additionalProperties": false,
          "required": ["kind", "pins"],
          "properties": {
            "kind": {"const": "tuf"},
            "pins": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/pin"}},
            "server": {"type": "string", "pattern": "^(https://[^/]|file:///)"},
            "caFile": {"$ref": "#/$defs/path"},
            "roles": {"$ref": "#/$defs/roles"}
          }
        },
)json";

constexpr std::string_view kRequirementSchema =
    R"json(        {
          "additionalProperties": false,
          "required": ["store"],
          "properties": {
            "type": {"const": "tuf"},
            "id": true,
            "store": {"$ref": "#/$defs/name"},
            "gun": {"type": "string", "minLength": 1},
            "roles": {"$ref": "#/$defs/roles"},
            "tagRequired": {"type": "boolean"}
          }
        },
)json";

}  // namespace

constinit const trust::System kSystem{
    "tuf", kStores, kRequirements, kCodes, {kStoreSchema, kRequirementSchema, kDefinitions}};

std::shared_ptr<const trust::Requirement> content_trust() { return std::make_shared<PolicyRequirement>(nullptr); }

}  // namespace hallmark::tuf

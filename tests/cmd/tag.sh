#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# tag is a decision about the new name: an image that one name may have is not for every name.
. "$(dirname "$0")/../integration/lib.sh"
start_registry plain
start_notary
make_image app --small
push_image app lib/app 1
push_image app lib/free 1
sign app lib/app 1
sign app lib/app stable
cat >"$world/policy.json" <<END
{"hallmark": 1,
 "stores": {"dct": {"kind": "tuf", "server": "$notary_server",
                    "pins": [{"gun": "$registry/lib/*", "rootKeyIds": ["$(root_key_id lib/app)"]}]}},
 "default": [{"type": "reject"}],
 "transports": {"docker": {"$registry/lib/app": [{"type": "tuf", "store": "dct"}],
                           "$registry/lib/free": [{"type": "insecureAcceptAnything"}]}}}
END
export HALLMARK_POLICY=$world/policy.json
expect_status 0 hallmark pull "$registry/lib/free:1"

it "a name that the policy admits for these bytes is given"
expect_status 0 hallmark tag "$registry/lib/free:1" "$registry/lib/free:2"
prints_nothing
[ "$(names_in_store)" = "$registry/lib/free:1 $registry/lib/free:2 " ]

it "an image that came in under a free name does not get a name that wants a signature for other bytes or tags"
remember_store
expect_status 3 hallmark tag "$registry/lib/free:1" "$registry/lib/app:latest"
one_line
store_is_untouched

it "it gets the name under which its bytes are signed"
expect_status 0 hallmark tag "$registry/lib/free:1" "$registry/lib/app:stable"
[[ "$(names_in_store)" = *"$registry/lib/app:stable "* ]]

it "a name that no scope covers is refused"
remember_store
expect_status 3 hallmark tag "$registry/lib/free:1" "other.example/app:1"
store_is_untouched

it "what is not there has no other name"
expect_status 5 hallmark tag "$registry/lib/nothing:1" "$registry/lib/free:3"
one_line

it "what is no name is a matter of usage"
expect_status 2 hallmark tag "$registry/lib/free:1" "Not/A/Name"
expect_status 2 hallmark tag "$registry/lib/free:1" "$registry/lib/free@$(digest_of_image app)"
expect_status 0 hallmark check

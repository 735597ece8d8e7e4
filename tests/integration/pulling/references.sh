#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Names as docker reads them, and what the command line does with those that are none.
. "$(dirname "$0")/../lib.sh"
start_registry plain
make_image app
push_image app lib/app latest
push_image app lib/app 1
digest=$(digest_of_image app)

it "the tag latest is filled in, and said"
expect_status 0 hallmark pull "$registry/lib/app"
says "^Using default tag: latest$"
prints "^$registry/lib/app:latest$"

it "a digest is pulled by itself and keeps no tag"
rm -rf "$store"
expect_status 0 hallmark pull "$registry/lib/app@$digest"
prints "^$registry/lib/app@$digest$"
expect_status 0 hallmark images --digests
prints "^$registry/lib/app +<none> +$digest "

it "a tag beside a digest does not name the image unless trust says so"
cat >"$world/policy.json" <<END
{"hallmark": 1, "default": [{"type": "reject"}],
 "transports": {"docker": {"$registry": [{"type": "insecureAcceptAnything"}]}}}
END
export HALLMARK_POLICY=$world/policy.json
expect_status 0 hallmark pull "$registry/lib/app:other@$digest"
[[ "$(names_in_store)" != *:other* ]] || fail "a tag that nobody confirmed was stored"

it "what is no reference is a matter of usage, with docker's words"
while read -r name; do
  expect_status 2 hallmark pull "$name"
  one_line
  says "invalid|must be lowercase|unsupported|cannot specify"
done <<'END'
::1/b
a//b
a/b/
/a/b
a___b
a..b
a/b:
a/b@
a/b:-t
http://a/b
foo/Bar
a/b@sha256:EC97A0
a/b@md5:d41d8cd98f00b204e9800998ecf8427e
0123456789012345678901234567890123456789012345678901234567890123
END
expect_status 2 hallmark pull ""
expect_status 2 hallmark pull "a b"

it "a name that exists nowhere is not found"
expect_status 5 hallmark pull "$registry/lib/nothing:1"
expect_status 5 hallmark pull "$registry/lib/app:nothing"
one_line

it "a wrong command line is a matter of usage and prints nothing on standard output"
for words in "pull" "pull a b" "pull --nope a" "nope" "pull --platform" "pull -a $registry/lib/app:1"; do
  # shellcheck disable=SC2086
  expect_status 2 hallmark $words
  one_line
  prints_nothing
done
it "help and version go to standard output"
expect_status 0 hallmark --help
prints "^Usage: +hallmark"
expect_status 0 hallmark pull --help
prints "^Usage: +hallmark pull"
expect_status 0 hallmark version
prints "^hallmark [0-9]"

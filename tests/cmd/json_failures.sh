#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# --json tells failures too: a record for each name that was asked, with a word for what kind of trouble it was; what is
# said on standard error and the exit status stay.
# shellcheck source=tests/integration/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../integration/lib.sh"
start_registry htpasswd
closed=$registry/lib/app
start_registry plain
make_image app --folder /usr/share/doc/bash
push_image app lib/app 1
app=$registry/lib/app
nowhere=localhost:$(free_port)/lib/app

# The whole output is JSON for which this is true; a line of its own for each document.
holds() { jq -es "$1" "$out" >/dev/null || { cat "$out" >&2 && fail "not so: $1"; }; }
# fails_with STATUS DECISION CODE COMMAND...: one record and one line of error.
fails_with() {
  expect_status "$1" hallmark "${@:4}"
  one_line
  [ "$(wc -l <"$out")" = 1 ] || fail "expected one line"
  holds "length == 1 and (.[0] | .schema == \"urn:hallmark:decision:1\" and .decision == \"$2\" and
    .codes == [\"$3\"] and (.committed | not) and (.publisherVerified | not) and
    (.requirements[-1] | .code == \"$3\" and (.detail | length) > 0))"
}
asked() { holds ".[0].operation == \"$1\" and .[0].subject.asked == $2 and .[0].subject.top == null"; }

it "what is not there, or cannot be asked, has a record of its own kind"
for command in verify pull "policy explain"; do
  # shellcheck disable=SC2086
  fails_with 5 error E_NOT_FOUND $command --json "$app:none"
  asked "${command#policy }" "\"$app:none\""
  # shellcheck disable=SC2086
  fails_with 6 error E_CREDENTIALS $command --json "$closed:1"
done
fails_with 7 error E_NETWORK verify --json "$nowhere:1"
asked verify "\"$nowhere:1\""
fails_with 5 error E_NOT_FOUND pull --json -a "$registry/lib/none"

it "an image for another platform is not found, and is told with its digest"
fails_with 5 error E_NOT_FOUND verify --json --platform linux/s390x "$app:1"
holds ".[0].subject.top.digest == \"$(digest_of_image app)\" and .[0].subject.instances[0].platform == null"
fails_with 5 error E_NOT_FOUND pull --json --platform linux/s390x "$app:1"
expect_status 0 hallmark pull -q "$app:1"
fails_with 5 error E_NOT_FOUND pull --json --platform linux/s390x "$app:1"

it "a registry that is blocked is a refusal"
printf '[[registry]]\nlocation = "%s"\nblocked = true\n' "$nowhere" >"$CONTAINERS_REGISTRIES_CONF"
fails_with 3 deny E_REFUSED verify --json "$nowhere:1"
: >"$CONTAINERS_REGISTRIES_CONF"

it "of several names each has its line"
expect_status 5 hallmark resolve --json "$app:1" "$app:none"
holds 'length == 2 and .[0].decision == "allow" and .[1].decision == "error" and .[1].codes == ["E_NOT_FOUND"]'

it "tag and import tell what they could not read"
fails_with 5 error E_NOT_FOUND tag --json "$app:none" "$app:other"
asked tag "\"$app:other\""
echo junk >"$world/junk"
fails_with 4 error E_ARCHIVE_TRUNCATED import --json "$world/junk" "$app:made"
asked import "\"$app:made\""
fails_with 1 error E_LOCAL import --json "$world/none" "$app:made"

it "an archive that cannot be read has one record without a name"
fails_with 4 error E_NO_IMAGE load --json
asked load null
fails_with 4 error E_ARCHIVE_TRUNCATED verify-bundle --json "$world/junk"
asked verify-bundle null
fails_with 1 error E_LOCAL load --json -i "$world/none"
asked load null

it "a bad layer has one word, wherever it came from"
expect_status 0 hallmark pull -q "$app:1"
expect_status 0 hallmark save -o "$world/app.tar" "$app:1"
flip_byte "$(blob_file "$(layer_of app 0)")" && flip_byte "$world/app.tar"
fails_with 4 error E_BLOB_DIGEST pull --json --store "$world/second" "$app:1"
says "\(E_BLOB_DIGEST\)"
fails_with 4 error E_BLOB_DIGEST load --json --store "$world/second" -i "$world/app.tar"

it "what could not be decided is called an error, and what was refused a refusal"
export DOCKER_CONTENT_TRUST=1 DOCKER_CONTENT_TRUST_SERVER=https://${nowhere%%/*}
expect_status 7 hallmark verify "$app:1"
prints "^ERROR  $app:1\$"
prints "^  \[error\] "
! grep -E "DENY|FAIL|resolved  nothing: refused" "$out" || fail "it is called a refusal"
fails_with 7 error TUF_UNREACHABLE verify --json "$app:1"

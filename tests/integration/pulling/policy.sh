#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Policy files decide what comes in; the environment can ask for more and never for less.
. "$(dirname "$0")/../lib.sh"
start_registry plain
start_notary
make_image app
make_image other --mark other
push_image app lib/app 1
push_image other lib/app unsigned
push_image other lib/free 1
sign app lib/app 1
key=$(root_key_id lib/app)

# policy REQUIREMENTS [KEY]: native, with one trust store and these requirements for lib/app; others are accepted.
policy() {
  cat >"$world/policy.json" <<END
{"hallmark": 1,
 "stores": {"dct": {"kind": "tuf", "server": "$notary_server", "caFile": "$world/ca.crt",
                    "pins": [{"gun": "$registry/lib/*", "rootKeyIds": ["${2:-$key}"]}]}},
 "default": [{"type": "reject"}],
 "transports": {"docker": {"$registry/lib/app": $1, "$registry/lib/free": [{"type": "insecureAcceptAnything"}]}}}
END
  export HALLMARK_POLICY=$world/policy.json
}
# refused STATUS NAME
refused() {
  remember_store
  expect_status "$1" hallmark pull "$2"
  one_line
  prints_nothing
  store_is_untouched
}
rm -r "$DOCKER_CONFIG/tls"

it "a pinned root is no first use, and the policy's own CA counts"
policy '[{"type": "tuf", "store": "dct"}]'
expect_status 0 hallmark pull "$registry/lib/app:1"
says_not "rootKeyIds"
it "an unsigned tag is refused under the policy, without any variable"
refused 3 "$registry/lib/app:unsigned"
says "^  \[FAIL\] /transports/docker/.*/0 tuf dct .*TUF_NO_TARGET$"
says "^hallmark: error: .*unsigned"
it "a refusal says its reason once, and fits eight lines of a hundred columns"
[ "$(fold -w 100 "$err" | wc -l)" -le 8 ] || { show_output && fail "more than eight lines"; }
[ "$(grep -c 'No valid trust data' "$err")" = 1 ]
[ "$(grep -c 'ask the publisher' "$err")" = 1 ]
[ "$(tail -n 1 "$err" | cut -c1-6)" = "hint: " ]
it "a name that no scope covers falls to the default and is refused"
refused 3 "$registry/other/app:1"
it "a scope that accepts anything says that no publisher was verified"
expect_status 0 hallmark pull "$registry/lib/free:1"
says "no publisher was verified for $registry/lib/free:1: the policy $world/policy.json asks for none; every"
it "what nobody vouched for is refused where a flag, a variable or the policy asks for a publisher"
remember_store
expect_status 3 hallmark pull --require-publisher "$registry/lib/free:1"
says "^hallmark: error: .*: no publisher was verified: the policy $world/policy.json asks for none .NO_PUBLISHER.$"
one_line
HALLMARK_REQUIRE_PUBLISHER=1 refused 3 "$registry/lib/free:1"
HALLMARK_REQUIRE_PUBLISHER=1 HALLMARK_POLICY='' expect_status 2 hallmark pull "$registry/lib/free:1"
HALLMARK_REQUIRE_PUBLISHER='' refused 2 "$registry/lib/free:1"
says "HALLMARK_REQUIRE_PUBLISHER is set, but empty: expected 1 or 0"
expect_status 3 env HALLMARK_REQUIRE_PUBLISHER=1 "$HALLMARK" resolve "$registry/lib/free:1"
prints_nothing
expect_status 3 env -u HALLMARK_POLICY HALLMARK_REQUIRE_PUBLISHER=yes "$HALLMARK" verify "$registry/lib/free:1"
prints "HALLMARK_REQUIRE_PUBLISHER publisher .*NO_PUBLISHER: no publisher was verified: "
sed 's/"hallmark": 1,/"hallmark": 1, "requirePublisher": true,/' "$HALLMARK_POLICY" >"$world/strict.json"
HALLMARK_POLICY=$world/strict.json refused 3 "$registry/lib/free:1"
expect_status 3 hallmark pull --policy "$world/strict.json" --require-publisher=false "$registry/lib/free:1"
store_is_untouched
expect_status 0 env HALLMARK_REQUIRE_PUBLISHER=0 "$HALLMARK" verify "$registry/lib/free:1"
expect_status 0 env HALLMARK_REQUIRE_PUBLISHER=1 "$HALLMARK" verify --policy "$world/strict.json" "$registry/lib/app:1"
it "content trust switched off takes nothing away from the policy"
DOCKER_CONTENT_TRUST=0 refused 3 "$registry/lib/app:unsigned"
remember_store
expect_status 3 hallmark pull --disable-content-trust "$registry/lib/app:unsigned"
store_is_untouched
it "content trust switched on adds to a policy that accepts anything"
trust_ca "${notary_server#https://}"
expect_status 3 with_trust hallmark pull "$registry/lib/free:1"
expect_status 0 with_trust hallmark pull --disable-content-trust "$registry/lib/free:1"
it "another root key than the pinned one is refused"
policy '[{"type": "tuf", "store": "dct"}]' "$(printf b%.0s {1..64})"
refused 3 "$registry/lib/app:1"
rm -rf "$store"
expect_status 3 hallmark pull "$registry/lib/app:1"
store_is_empty

it "a digest requirement admits these bytes and no others"
policy "[{\"type\": \"digest\", \"allow\": [\"$(digest_of_image app)\"]}]"
expect_status 0 hallmark pull "$registry/lib/app:1"
refused 3 "$registry/lib/app:unsigned"
it "all requirements of a list must pass"
policy "[{\"type\": \"tuf\", \"store\": \"dct\"}, {\"type\": \"digest\", \"allow\": [\"$(digest_of_image other)\"]}]"
refused 3 "$registry/lib/app:1"
it "one of two is enough where a threshold says so"
policy "[{\"type\": \"threshold\", \"k\": 1, \"of\": [{\"type\": \"tuf\", \"store\": \"dct\"},
         {\"type\": \"digest\", \"allow\": [\"$(digest_of_image other)\"]}]}]"
expect_status 0 hallmark pull "$registry/lib/app:1"
expect_status 0 hallmark pull "$registry/lib/app:unsigned"

it "verify decides, fetches no layers and commits nothing"
policy '[{"type": "tuf", "store": "dct"}]'
start_faults "http://$registry" none@any
rm -rf "$store"
expect_status 0 hallmark verify --json "$registry/lib/app:1"
jq -e '.decision == "allow" and .committed == false' "$out" >/dev/null
expect_status 3 hallmark verify --json "$registry/lib/app:unsigned"
jq -e '.decision == "deny" and .requirements[0].result == "fail"' "$out" >/dev/null
store_is_empty
unset HALLMARK_POLICY
expect_status 0 hallmark verify "${fault[none@any]}/lib/app:1"
! grep -q "$(layer_of app 0)" "$world/faults.log" || fail "verify asked for a layer"

it "a refusal is decided before any layer is asked for"
: >"$world/faults.log"
expect_status 3 with_trust hallmark pull "${fault[none@any]}/lib/app:1"
! grep -q /blobs/ "$world/faults.log" || fail "a refused pull asked for blobs"

it "a containers policy is read with its own rules, and what it demands and hallmark cannot check yet is refused"
cat >"$world/containers.json" <<END
{"default": [{"type": "reject"}],
 "transports": {"docker": {"$registry/lib/free": [{"type": "insecureAcceptAnything"}],
   "$registry/lib/app": [{"type": "signedBy", "keyType": "GPGKeys", "keyPath": "/nowhere.gpg"}]}}}
END
export HALLMARK_POLICY=$world/containers.json
expect_status 0 hallmark pull "$registry/lib/free:1"
refused 3 "$registry/lib/app:1"
says "not supported"
refused 3 "$registry/other/app:1"

it "a policy that cannot be used stops everything, and the flag wins over the variable"
for text in '' '{}' '[]' '{"default": []}' '{"default": [{"type": "insecureAcceptAnything"}], "x": 1}' \
  '{"default": [{"type": "insecureAcceptAnything"}], "default": [{"type": "reject"}]}' \
  '{"hallmark": 2, "default": [{"type": "reject"}]}' '{"hallmark": 1, "default": [{"type": "sigstore"}]}'; do
  printf '%s' "$text" >"$world/broken.json"
  remember_store
  expect_status 2 hallmark --policy "$world/broken.json" pull "$registry/lib/free:1"
  one_line
  store_is_untouched
done
expect_status 2 hallmark --policy "$world/absent.json" pull "$registry/lib/free:1"

it "a policy is found where people keep it"
unset HALLMARK_POLICY
mkdir -p "$XDG_CONFIG_HOME/hallmark"
echo '{"default": [{"type": "reject"}]}' >"$XDG_CONFIG_HOME/hallmark/policy.json"
refused 3 "$registry/lib/free:1"
expect_status 0 hallmark policy check
prints "$XDG_CONFIG_HOME/hallmark/policy.json"
expect_status 0 hallmark policy explain "$registry/lib/free:1"
prints "^DENY"
it "a policy that has expired admits nothing, and a check of it says so"
expiring() { echo "{\"hallmark\": 1, \"metadata\": {\"expires\": \"$1\"}, \"default\": [{\"type\": \"reject\"}],
  \"transports\": {\"docker\": {\"$registry/lib\": [{\"type\": \"insecureAcceptAnything\"}]}}}"; }
expiring 2020-01-01T00:00:00Z >"$world/expiring.json"
expect_status 0 hallmark --policy "$world/expiring.json" policy check
prints "^expires   2020-01-01T00:00:00Z: it has expired, and admits nothing$"
expect_status 3 hallmark --policy "$world/expiring.json" pull "$registry/lib/free:1"
store_is_untouched
expiring 2999-01-01T00:00:00Z >"$world/expiring.json"
expect_status 0 hallmark --policy "$world/expiring.json" policy check
prints "^expires   2999-01-01T00:00:00Z$"
expect_status 0 hallmark --policy "$world/expiring.json" verify "$registry/lib/free:1"

it "a policy that is there and cannot be read is an error, never a reason to use a weaker one"
unset HALLMARK_POLICY
rm -rf "$store"
mkdir -p "$XDG_CONFIG_HOME/hallmark"
for target in /nonexistent/policy.json policy.json; do
  ln -sfn "$target" "$XDG_CONFIG_HOME/hallmark/policy.json"
  expect_status 2 hallmark pull "$registry/lib/free:1"
  one_line
  store_is_empty
done
rm -r "$XDG_CONFIG_HOME/hallmark"

it "two trust stores for one name remember each for itself"
start_registry plain
push_image app lib/two 1
sign app lib/two 1
cat >"$world/two.json" <<END
{"hallmark": 1,
 "stores": {"one": {"kind": "tuf", "server": "$notary_server", "caFile": "$world/ca.crt",
                    "pins": [{"gun": "$registry/lib/*", "rootKeyIds": ["$(root_key_id lib/two)"]}]},
            "two": {"kind": "tuf", "server": "$notary_server", "caFile": "$world/ca.crt",
                    "pins": [{"gun": "$registry/lib/*", "rootKeyIds": ["$(root_key_id lib/two)"], "minRootVersion": 1}]}},
 "default": [{"type": "tuf", "store": "one"}, {"type": "tuf", "store": "two"}]}
END
expect_status 0 hallmark --policy "$world/two.json" pull "$registry/lib/two:1"
for name in one two; do
  [ -f "$store/.hallmark/trust/$registry/lib/two/@tuf-$name/state.json" ] || fail "store $name has no memory of its own"
done

# numbered SERIAL: a policy named "prod" that accepts lib/free.
numbered() {
  echo "{\"hallmark\": 1, \"metadata\": {\"name\": \"prod\", \"serial\": $1}, \"default\": [{\"type\": \"reject\"}],
    \"transports\": {\"docker\": {\"$registry/lib/free\": [{\"type\": \"insecureAcceptAnything\"}]}}}" >"$HALLMARK_POLICY"
}
it "a policy that is older than one obeyed before is refused"
export HALLMARK_POLICY=$world/policy.json
push_image other lib/free 1
numbered 12
expect_status 0 hallmark pull "$registry/lib/free:1"
numbered 11
refused 3 "$registry/lib/free:1"
says "^  \[FAIL\] /metadata/serial .*POLICY_ROLLBACK$"
says "^hallmark: error: .*expected serial 12 or higher"
expect_status 3 hallmark tag "$registry/lib/free:1" "$registry/lib/free:2"
expect_status 3 hallmark verify "$registry/lib/free:1"
it "only what let something in is remembered"
numbered 13
expect_status 0 hallmark verify "$registry/lib/free:1"
numbered 12
expect_status 0 hallmark verify "$registry/lib/free:1"
it "an older policy can be obeyed again on request, once for all"
numbered 11
expect_status 0 hallmark tag --accept-policy-rollback "$registry/lib/free:1" "$registry/lib/free:2"
expect_status 0 hallmark verify "$registry/lib/free:1"
it "a memory of serials that cannot be read is not an empty one"
echo '{"prod": "many"}' >"$store/.hallmark/policies.json"
expect_status 4 hallmark verify "$registry/lib/free:1"
one_line
rm "$store/.hallmark/policies.json"

it "a policy that others can change is refused"
chmod 664 "$HALLMARK_POLICY"
refused 2 "$registry/lib/free:1"
says "policy.json can be written by others"
expect_status 2 hallmark policy check
expect_status 0 hallmark verify --insecure-policy-perms "$registry/lib/free:1"
it "so is one in a folder that others can change, or behind a link to such a folder"
chmod 644 "$HALLMARK_POLICY"
mkdir "$world/open" "$world/closed"
mv "$HALLMARK_POLICY" "$world/open/"
ln -s "$world/open/policy.json" "$world/closed/policy.json"
chmod 777 "$world/open"
HALLMARK_POLICY=$world/closed/policy.json refused 2 "$registry/lib/free:1"
says "open can be written by others"
it "a folder with the sticky bit is fine, and so is a pipe"
chmod 1777 "$world/open"
HALLMARK_POLICY=$world/closed/policy.json expect_status 0 hallmark verify "$registry/lib/free:1"
expect_status 0 hallmark verify --policy <(cat "$world/open/policy.json") "$registry/lib/free:1"
if [ "$(id -u)" = 0 ]; then
  it "a policy of another user is refused"
  chown 12345 "$world/open/policy.json"
  HALLMARK_POLICY=$world/closed/policy.json refused 2 "$registry/lib/free:1"
  says "belongs to user 12345"
fi
it "a link or a pipe that somebody put there is no policy, wherever it leads"
mkdir -m 777 "$world/wide"
echo '{"default": [{"type": "insecureAcceptAnything"}]}' >"$world/lax.json"
ln -s "$world/lax.json" "$world/wide/link.json"
HALLMARK_POLICY=$world/wide/link.json refused 2 "$registry/lib/free:1"
says "wide can be written by others"
chmod 755 "$world/wide"
expect_status 0 hallmark verify --policy "$world/wide/link.json" "$registry/lib/free:1"
mkfifo "$world/wide/pipe.json"
HALLMARK_POLICY=$world/wide/pipe.json refused 2 "$registry/lib/free:1"
says "is no regular file"
if [ "$(id -u)" = 0 ]; then
  chown -h 12345 "$world/wide/link.json"
  HALLMARK_POLICY=$world/wide/link.json refused 2 "$registry/lib/free:1"
  says "link.json belongs to user 12345"
fi
it "links that lead in a circle are an error"
ln -s circle.json "$world/wide/circle.json"
expect_status 2 hallmark verify --policy "$world/wide/circle.json" "$registry/lib/free:1"

it "an image that is there already is a policy obeyed, too"
export HALLMARK_POLICY=$world/policy.json
numbered 20
expect_status 0 hallmark pull "$registry/lib/free:1"
numbered 21
expect_status 0 hallmark pull "$registry/lib/free:1"
numbered 20
refused 3 "$registry/lib/free:1"
it "a memory of serials that is a link is not an empty one"
mv "$store/.hallmark/policies.json" "$world/"
ln -s "$world/nothing" "$store/.hallmark/policies.json"
expect_status 4 hallmark verify "$registry/lib/free:1"
it "a policy under which a slow pull began is obeyed no more when a newer one was"
rm "$store/.hallmark/policies.json"
start_faults "http://$registry" slow@blob
numbered 30
sed -i "s|$registry/lib/free|${fault[slow@blob]}/lib/free|" "$HALLMARK_POLICY"
cp "$HALLMARK_POLICY" "$world/slow.json"
rm -rf "$store"
hallmark pull --policy "$world/slow.json" "${fault[slow@blob]}/lib/free:1" >"$out" 2>"$err" &
slow=$!
until [ -n "$(ls "$store/.hallmark/staging" 2>/dev/null)" ]; do sleep 0.05; done
numbered 31
expect_status 0 env HALLMARK_POLICY="$HALLMARK_POLICY" "$HALLMARK" pull "$registry/lib/free:1"
status=0
wait $slow || status=$?
[ $status = 3 ] || fail "the slow pull ended with $status"

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# load takes a bundle into another store, with the servers gone: by the policy's pin and the evidence in the bundle.
. "$(dirname "$0")/../lib.sh"
start_registry plain
start_notary
make_image app --folder /usr/share/doc/bash
make_image other --mark other
push_image app lib/app 1
push_image other lib/other 1
sign app lib/app 1
app=$registry/lib/app other=$registry/lib/other
expect_status 0 with_trust hallmark pull "$app:1"
expect_status 0 hallmark pull "$other:1"
bundle=$world/app.tar
expect_status 0 with_trust hallmark save -o "$bundle" "$app:1"
expect_status 0 hallmark save -o "$world/both.tar" "$app:1" "$other:1"

# policy KEY: what the inner machine obeys. No server stands at the address that it names.
policy() {
  cat >"$world/policy.json" <<POLICY
{"hallmark": 1, "default": [{"type": "reject"}],
 "stores": {"dct": {"kind": "tuf", "server": "https://127.0.0.1:1",
                    "pins": [{"gun": "$registry/lib/*", "rootKeyIds": ["$1"]}]}},
 "transports": {"docker": {"$registry/lib": [{"type": "tuf", "store": "dct"}]}}}
POLICY
}
policy "$(root_key_id lib/app)"
export HALLMARK_POLICY=$world/policy.json
new_machine() { export HALLMARK_STORE=$world/inner.$RANDOM.$RANDOM && store=$HALLMARK_STORE; }

it "a signed image comes in by the pin and the evidence, without a server"
new_machine
expect_status 0 hallmark load -i "$bundle"
prints "^Loaded image: $app:1$"
[ "$(names_in_store)" = "$app:1 " ]
expect_status 0 hallmark check
[ "$(jq -r '.manifests[0].digest' "$store/index.json")" = "$(digest_of_image app)" ]

it "the same bundle comes in again, also from a pipe and compressed"
hallmark load <"$bundle" >"$out" 2>"$err"
for tool in gzip zstd xz bzip2; do
  $tool -c "$bundle" | hallmark load -q >"$out" 2>"$err"
  prints "^Loaded image: $app:1$"
done

it "verify-bundle says the same and leaves no image"
new_machine
expect_status 0 hallmark verify-bundle "$bundle"
prints "^ALLOW  $app:1"
[ ! -e "$store/index.json" ]
expect_status 0 hallmark verify-bundle --json "$bundle"
jq -e '.operation == "verify-bundle"' "$out" >/dev/null

it "a bundle that another tool packed again, with the evidence behind the layers, comes in as well"
new_machine
python3 - "$bundle" "$world/again.tar" <<'PY'
import sys, tarfile
with tarfile.open(sys.argv[1]) as old, tarfile.open(sys.argv[2], "w") as new:
    # index.json and its like first, then the largest: judged as it comes, it would lack what vouches for it.
    for member in sorted(old.getmembers(), key=lambda one: (one.name.startswith("blobs"), -one.size)):
        new.addfile(member, old.extractfile(member))
PY
[ "$(tar tvf "$world/again.tar" | awk '{print $3}' | sort -n | tail -n 1)" -gt 262144 ]
expect_status 0 hallmark load -i "$world/again.tar"
prints "^Loaded image: $app:1$"

it "what came in is carried on with all that vouches for it, with the policy's server out of reach or no policy at all"
new_machine
expect_status 0 hallmark load -i "$bundle"
for way in policy none; do
  [ $way = policy ] && obeying=(env) || obeying=(env -u HALLMARK_POLICY)
  expect_status 0 "${obeying[@]}" "$HALLMARK" save -o "$world/on.tar" "$app:1"
  [ $way = none ] || says "warning: the trust server of $app cannot be reached"
  HALLMARK_STORE=$world/further.$way expect_status 0 hallmark load -i "$world/on.tar"
  prints "^Loaded image: $app:1$"
done

it "a huge archive is refused before its layers are read, from a file and from a pipe"
new_machine
python3 "$tests/../bench/huge_bundle.py" "$world/huge.tar" example.com/refused:1
expect_status 3 timeout 60 "$HALLMARK" load -i "$world/huge.tar"
expect_status 3 timeout 60 "$HALLMARK" load < <(cat "$world/huge.tar" 2>"$world/cat.log")
[ ! -e "$store/index.json" ]
rm "$world/huge.tar"

it "another root key than the pinned one is refused, whatever the bundle says"
new_machine
policy "$(printf '0%.0s' {1..64})"
expect_status 3 hallmark load -i "$bundle"
[ ! -e "$store/index.json" ]
policy "$(root_key_id lib/app)"

it "a bundle cannot vouch for itself where nobody pins its root"
new_machine
expect_status 3 env -u HALLMARK_POLICY DOCKER_CONTENT_TRUST=1 DOCKER_CONFIG="$world/empty" "$HALLMARK" load -i "$bundle"
says "cannot vouch for itself"
[ ! -e "$store/index.json" ]

it "one name that is refused keeps the others out"
expect_status 3 hallmark load -i "$world/both.tar"
says "^DENY  $other:1"
[ ! -e "$store/index.json" ]

it "a bundle of which one byte was changed is refused with nothing left"
new_machine
size=$(stat -c %s "$bundle")
for at in $((size / 3)) $((size / 2)) $((size - 2000)); do
  cp "$bundle" "$world/bad.tar"
  printf '\377' | dd of="$world/bad.tar" bs=1 seek="$at" conv=notrunc status=none
  if cmp -s "$bundle" "$world/bad.tar"; then continue; fi
  expect_status 4 hallmark load -i "$world/bad.tar"
  [ ! -e "$store/index.json" ]
  [ -z "$(find "$store" -type f ! -name lock)" ]
done

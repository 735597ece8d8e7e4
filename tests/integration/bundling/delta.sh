#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A bundle that leaves out what an earlier one has: complete with it, refused without it, judged anew by itself.
. "$(dirname "$0")/../lib.sh"
start_registry plain
start_notary
make_image one --mark same --folder /usr/share/doc/bash
make_image two --mark same --folder /usr/share/doc/bash --folder /usr/share/doc/tar
make_image three --mark same --folder /usr/share/doc/bash --folder /usr/share/doc/tar --folder /usr/share/doc/curl
for number in one two three; do
  push_image $number lib/app $number
  sign $number lib/app $number
  expect_status 0 with_trust hallmark pull "$registry/lib/app:$number"
done
app=$registry/lib/app
cat >"$world/pinned.json" <<END
{"hallmark": 1, "default": [{"type": "reject"}],
 "stores": {"dct": {"kind": "tuf", "server": "https://localhost:1",
                    "pins": [{"gun": "$app", "rootKeyIds": ["$(root_key_id lib/app)"]}]}},
 "transports": {"docker": {"$app": [{"type": "tuf", "store": "dct"}]}}}
END
inner() { hallmark --store "$world/inner" --policy "$world/pinned.json" "$@"; }
# The checks of lib.sh, of the inner store.
inner_state() { (store=$world/inner && state_of_store); }
remember_inner() { inner_state >"$world/remembered"; }
inner_is_untouched() { inner_state | diff "$world/remembered" - >&2 || fail "the inner store was touched"; }
statement_digest() { tar -xOf "$1" index.json | jq -r '.annotations["vnd.hallmark.bundle.statement"]'; }
statement() { tar -xOf "$1" "blobs/sha256/$(statement_digest "$1" | cut -d: -f2)" | jq -r .payload | base64 -d; }
has_blob() { grep -qx "blobs/sha256/${2#sha256:}" <(tar -tf "$1" 2>/dev/null); }

expect_status 0 with_trust hallmark save -o "$world/one.tar" "$app:one"
expect_status 0 with_trust hallmark save -o "$world/two-whole.tar" "$app:two"

it "layers of the base stay behind, all else goes along, and the statement says what is where"
expect_status 0 with_trust hallmark save --base "$world/one.tar" -o "$world/two.tar" "$app:two"
base=$(statement_digest "$world/one.tar")
for layer in 0 1; do
  ! has_blob "$world/two.tar" "$(layer_of two $layer)" || fail "layer $layer is there"
  statement "$world/two.tar" | jq -e --arg digest "$(layer_of two $layer)" --arg base "$base" \
    '.predicate.blobs[] | select(.digest == $digest) | .present == false and .base == $base and .size > 0' >/dev/null
done
for blob in "$(layer_of two 2)" "$(config_of two)" "$(digest_of_image two)"; do has_blob "$world/two.tar" "$blob"; done
statement "$world/two.tar" | jq -e --arg base "$base" '.predicate.base == [$base]' >/dev/null
diff <(statement "$world/two.tar" | jq '[.predicate.blobs[] | {digest, size}]') <(statement "$world/two-whole.tar" | jq '[.predicate.blobs[] | {digest, size}]')
expect_status 0 hallmark bundle ls --json "$world/two.tar"
jq -e --arg base "$base" --arg self "$(statement_digest "$world/two.tar")" '.Base == [$base] and .Statement == $self' "$out" >/dev/null

it "the base may come through a pipe, in parts or compressed, and the delta is the same bytes"
with_trust hallmark save --base - "$app:two" <"$world/one.tar" | cmp - "$world/two.tar"
expect_status 0 with_trust hallmark save --split 30000 -o "$world/parts.tar" "$app:one"
with_trust hallmark save --base "$world/parts.tar.000" "$app:two" | cmp - "$world/two.tar"
zstd -q "$world/one.tar" -o "$world/one.zst"
with_trust hallmark save --base "$world/one.zst" --base "$world/one.tar" "$app:two" | cmp - "$world/two.tar"

it "a delta of a delta leaves out what both have, and names where each is"
expect_status 0 with_trust hallmark save --base "$world/two.tar" -o "$world/three.tar" "$app:three"
for layer in 0 1 2; do ! has_blob "$world/three.tar" "$(layer_of three $layer)" || fail "layer $layer is there"; done
has_blob "$world/three.tar" "$(layer_of three 3)"
both=$(printf '%s\n' "$base" "$(statement_digest "$world/two.tar")" | sort | jq -R . | jq -sc .)
[ "$(statement "$world/three.tar" | jq -c .predicate.base)" = "$both" ]
with_trust hallmark save --base "$world/two.tar" --base "$world/one.tar" "$app:three" | cmp - "$world/three.tar"
with_trust hallmark save --base "$world/one.tar" --base "$world/two.tar" "$app:three" | cmp - "$world/three.tar"

it "without its base it is refused: every missing layer is named, and the bundle that has it"
for command in "load -i" verify-bundle; do
  # shellcheck disable=SC2086
  expect_status 5 inner $command "$world/three.tar"
  one_line
  says "E_BLOB_MISSING: "
  for layer in 0 1; do says "$(layer_of three $layer) \(in bundle $base\)"; done
  says "$(layer_of three 2) \(in bundle $(statement_digest "$world/two.tar")\)"
  [ -z "$(inner_state)" ] || fail "something came in"
done

it "the policy refuses a delta before anybody looks for layers"
flip() { sed 's/"rootKeyIds": \["./"rootKeyIds": ["'"$1"'/' "$world/pinned.json" >"$world/other.json"; }
flip 0 && cmp -s "$world/pinned.json" "$world/other.json" && flip 1
expect_status 3 hallmark --store "$world/inner" --policy "$world/other.json" load -i "$world/three.tar"
says_not "E_BLOB_MISSING"
[ -z "$(inner_state)" ] || fail "something came in"

it "with its bases it comes in as it was, one after the other"
expect_status 0 inner load -i "$world/one.tar"
remember_inner
expect_status 5 inner load -i "$world/three.tar"
says_not "$(layer_of three 1)"
says "$(layer_of three 2) \(in bundle $(statement_digest "$world/two.tar")\)"
inner_is_untouched
expect_status 0 inner verify-bundle "$world/two.tar"
expect_status 0 inner load -i "$world/two.tar"
expect_status 0 inner load -i "$world/three.tar"
expect_status 0 inner check
[ "$(inner images -q --no-trunc "$app:three")" = "$(config_of three)" ]
with_trust hallmark --store "$world/inner" save "$app:two" | cmp - "$world/two-whole.tar"

it "a layer of the store that is damaged is never used"
rm -rf "$world/inner"
expect_status 0 inner load -i "$world/one.tar"
flip_byte "$world/inner/blobs/sha256/$(layer_of two 1 | cut -d: -f2)"
remember_inner
for command in "load -i" verify-bundle; do
  # shellcheck disable=SC2086
  expect_status 4 inner $command "$world/two.tar"
  one_line
  says "E_BLOB_MISSING: $(layer_of two 1) is neither in the archive nor, whole, in the store"
  inner_is_untouched
done
truncate -s 10 "$world/inner/blobs/sha256/$(layer_of two 1 | cut -d: -f2)"
expect_status 5 inner load -i "$world/two.tar"
says "$(layer_of two 1) \(in bundle $base\)"
expect_status 0 inner load -i "$world/one.tar"
expect_status 0 inner load -i "$world/two.tar"

it "a statement that lies about what is there helps nobody"
# All of the statement but one word is as it was: the layer is not in the archive, and it says that it is.
python3 - "$world/two.tar" "$world/lie.tar" <<'END'
import base64, hashlib, io, json, sys, tarfile
source = tarfile.open(sys.argv[1])
files = {member.name: source.extractfile(member).read() for member in source}
index = json.loads(files["index.json"])
place = "blobs/sha256/" + index["annotations"]["vnd.hallmark.bundle.statement"][7:]
envelope = json.loads(files.pop(place))
payload = base64.b64decode(envelope["payload"]).replace(b'"present":false', b'"present":true')
envelope["payload"] = base64.b64encode(payload).decode()
lie = json.dumps(envelope).encode()
digest = hashlib.sha256(lie).hexdigest()
index["annotations"]["vnd.hallmark.bundle.statement"] = "sha256:" + digest
files["index.json"] = json.dumps(index).encode()
files["blobs/sha256/" + digest] = lie
with tarfile.open(sys.argv[2], "w") as out:
    for name, data in files.items():
        info = tarfile.TarInfo(name)
        info.size = len(data)
        out.addfile(info, io.BytesIO(data))
END
expect_status 4 hallmark --store "$world/empty" --policy "$world/pinned.json" load -i "$world/lie.tar"
says "E_BLOB_MISSING"

it "what is no bundle of ours cannot be a base"
(cd "$world/image-one" && tar -cf "$world/plain.tar" oci-layout index.json blobs)
remember_store
expect_status 2 with_trust hallmark save --base "$world/plain.tar" -o "$world/none.tar" "$app:two"
one_line
expect_status 1 with_trust hallmark save --base "$world/nothing.tar" -o "$world/none.tar" "$app:two"
expect_status 2 with_trust hallmark save --base - --base - -o "$world/none.tar" "$app:two"
head -c 9000 "$world/one.tar" >"$world/cut.tar"
expect_status 4 with_trust hallmark save --base "$world/cut.tar" -o "$world/none.tar" "$app:two"
[ ! -e "$world/none.tar" ]
store_is_untouched

it "a bundle cannot take the place of the one it builds on"
cp "$world/one.tar" "$world/same.tar"
ln -s same.tar "$world/link.tar"
for file in same link; do
  expect_status 2 hallmark save --base "$world/$file.tar" -o "$world/same.tar" "$app:two"
  says "same file"
done
cmp "$world/one.tar" "$world/same.tar"

it "a plain docker takes the delta after the base, and not without it"
start_dockerd
! docker load -i "$world/two.tar" >"$out" 2>&1 || fail "docker took a delta without its base"
expect_status 0 docker load -i "$world/one.tar"
expect_status 0 docker load -i "$world/two.tar"
[ "$(docker image inspect -f '{{.Id}}' "$app:two")" = "$(config_of two)" ]
sentence=""

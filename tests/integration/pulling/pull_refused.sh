#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What must never come in: unsigned names, and bytes that are not what was signed or promised.
. "$(dirname "$0")/../lib.sh"
start_registry plain
start_notary
make_image app --folder /usr/share/doc/bash
make_image good --mark good
push_image app lib/app 1
push_image good lib/app unsigned
push_image good lib/good 1
sign app lib/app 1
sign good lib/good 1

# refused STATUS NAME: as the two variables of docker have it, with an image in the store that must stay as it is.
refused() {
  remember_store
  expect_status "$1" with_trust hallmark pull "$2"
  one_line
  prints_nothing
  store_is_untouched
}

it "a first pull that is refused leaves no image, no blob and no quarantine"
expect_status 3 with_trust hallmark pull "$registry/lib/app:unsigned"
store_is_empty
[ ! -e "$store/index.json" ]

expect_status 0 with_trust hallmark pull "$registry/lib/good:1"

it "an unsigned tag is refused"
refused 3 "$registry/lib/app:unsigned"
says "^DENY +$registry/lib/app:unsigned"
says "^hint: "

it "a repository without trust data is refused"
push_image good lib/bare 1
refused 3 "$registry/lib/bare:1"

it "an unsigned digest is refused even when its bytes are right"
refused 3 "$registry/lib/app@$(digest_of_image good)"

# tampered BLOB-DIGEST: the registry serves other bytes under that digest until restore is called.
tampered() {
  damaged=$(blob_file "$1")
  cp "$damaged" "$world/whole"
  flip_byte "$damaged"
}
restore() { cp "$world/whole" "$damaged"; }

it "a tampered layer is refused with nothing left in the store"
tampered "$(layer_of app 1)"
refused 4 "$registry/lib/app:1"
says "$(layer_of app 1)"
says "expected .*found "
restore

it "a tampered first layer is refused too"
tampered "$(layer_of app 0)"
refused 4 "$registry/lib/app:1"
restore

it "a tampered config is refused"
tampered "$(config_of app)"
refused 4 "$registry/lib/app:1"
restore

it "a tampered manifest is refused"
tampered "$(digest_of_image app)"
refused 4 "$registry/lib/app:1"
restore

it "a layer with bytes missing or added is refused"
damaged=$(blob_file "$(layer_of app 1)")
cp "$damaged" "$world/whole"
truncate -s -1 "$damaged"
refused 4 "$registry/lib/app:1"
restore
echo >>"$damaged"
refused 4 "$registry/lib/app:1"
restore

it "the whole image is admitted once its bytes are right again"
expect_status 0 with_trust hallmark pull "$registry/lib/app:1"

it "a signed image whose documents lie about their parts is refused"
publisher init -p "$registry/lib/lies"
told=()
for lie in diff-id swapped-diff-ids few-diff-ids many-diff-ids layer-size config-size not-gzip cut-gzip after-gzip \
  bad-crc foreign-layer encrypted-layer two-kinds no-config deep-config twice-config; do
  make_image "$lie" --small --mark "$lie" --lie "$lie"
  if ! push_image "$lie" lib/lies "$lie" 2>"$world/refused"; then
    echo "  (the registry itself refuses $lie)"
    continue
  fi
  digest=$(digest_of_image "$lie")
  publisher addhash "$registry/lib/lies" "$lie" "$(size_of_image "$lie")" --sha256 "${digest#sha256:}"
  told+=("$lie")
done
publisher publish "$registry/lib/lies"
for lie in "${told[@]}"; do refused 4 "$registry/lib/lies:$lie"; done

it "a signed length that is not the manifest's is refused"
digest=$(digest_of_image app)
publisher addhash -p "$registry/lib/app" long $(($(size_of_image app) + 1)) --sha256 "${digest#sha256:}"
refused 4 "$registry/lib/app:long"

it "every digest that is signed for a tag must hold, not only the sha256"
manifest=$world/image-good/blobs/sha256/$(digest_of_image good | cut -d: -f2)
sha512=$(sha512sum "$manifest" | cut -d' ' -f1)
for tag in both torn; do
  push_image good lib/twice $tag
  [ $tag = both ] || sha512=$(printf a%.0s {1..128})
  [ -d "$world/publisher/tuf/$registry/lib/twice" ] || publisher init -p "$registry/lib/twice"
  publisher addhash -p "$registry/lib/twice" $tag "$(size_of_image good)" --sha512 "$sha512" \
    --sha256 "$(digest_of_image good | cut -d: -f2)"
done
expect_status 0 with_trust hallmark pull "$registry/lib/twice:both"
refused 4 "$registry/lib/twice:torn"
says "sha512:aaaa.*as signed"
it "nor does a digest in the name make up for the other one that is signed"
publisher remove -p "$registry/lib/twice" both
refused 4 "$registry/lib/twice@$(digest_of_image good)"

it "a signed digest that the registry does not have is not found"
publisher addhash -p "$registry/lib/app" gone 700 --sha256 "$(printf a%.0s {1..64})"
refused 5 "$registry/lib/app:gone"

it "a reference with a digest that is not the signed one of its tag is refused"
cat >"$world/policy.json" <<END
{"hallmark": 1, "default": [{"type": "reject"}],
 "transports": {"docker": {"$registry": [{"type": "insecureAcceptAnything"}]}}}
END
export HALLMARK_POLICY=$world/policy.json
expect_status 0 with_trust hallmark pull "$registry/lib/app:1@$(digest_of_image app)"
expect_status 3 with_trust hallmark pull "$registry/lib/app:1@$(digest_of_image good)"

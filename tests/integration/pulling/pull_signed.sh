#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The main job: a signed image comes in after every check, and other tools read the store as it is.
. "$(dirname "$0")/../lib.sh"
start_registry plain
start_notary
make_image app --folder /usr/share/doc/bash --folder /usr/include/openssl
make_image other --mark other
push_image app lib/app 1
sign app lib/app 1
digest=$(digest_of_image app)

it "a signed pull is admitted and committed"
expect_status 0 with_trust hallmark pull "$registry/lib/app:1"
prints "^Digest: $digest$"
prints "^Status: Downloaded newer image for $registry/lib/app:1$"
prints "^$registry/lib/app:1$"
says_not "no publisher was verified"

it "the store holds exactly the blobs of the image, each under its digest"
diff <(cd "$world/image-app/blobs/sha256" && ls) <(cd "$store/blobs/sha256" && ls)
(cd "$store/blobs/sha256" && for blob in *; do echo "$blob  $blob"; done | sha256sum --check --quiet)

it "skopeo and umoci read the store as it is"
name=$(jq -r '.manifests[0].annotations["org.opencontainers.image.ref.name"]' "$store/index.json")
[ "$(skopeo inspect "oci:$store:$name" | jq -r .Digest)" = "$digest" ]
umoci stat --image "$store:$name" --json | jq -e '.history | length == 3' >/dev/null
skopeo copy --quiet "oci:$store:$name" "dir:$world/copied"
umoci unpack --rootless --image "$store:$name" "$world/unpacked"
[ "$(cat "$world/unpacked/rootfs/etc/mark")" = hallmark ]

it "a second pull says that the image is up to date and fetches nothing"
before=$(stat -c %Y.%i "$store/index.json")
expect_status 0 with_trust hallmark pull "$registry/lib/app:1"
prints "^Status: Image is up to date for $registry/lib/app:1$"
[ "$(stat -c %Y.%i "$store/index.json")" = "$before" ]

it "a quiet pull prints the name alone"
expect_status 0 with_trust hallmark pull -q "$registry/lib/app:1"
[ "$(cat "$out")" = "$registry/lib/app:1" ]

it "trust decides what a tag is, not the registry: a tag that was moved there has no effect"
push_image other lib/app 1
expect_status 0 with_trust hallmark pull "$registry/lib/app:1"
prints "^Digest: $digest$"

it "a tag that was signed anew replaces the old image under that name"
sign other lib/app 1
expect_status 0 with_trust hallmark pull "$registry/lib/app:1"
prints "^Digest: $(digest_of_image other)$"
expect_status 0 hallmark images --digests
prints "$(digest_of_image other)"

it "a delegation for releases is preferred to the owner's own word"
add_delegation lib/app targets/releases
sign app lib/app 1 targets/releases
expect_status 0 with_trust hallmark pull "$registry/lib/app:1"
prints "^Digest: $digest$"

it "all signed tags come in with -a, unsigned ones do not"
push_image other lib/app unsigned
sign app lib/app 2 targets/releases
rm -rf "$store"
expect_status 0 with_trust hallmark pull -a "$registry/lib/app"
[ "$(names_in_store)" = "$registry/lib/app:1 $registry/lib/app:2 " ]

it "without trust and policy every digest is checked and one line says that no publisher was verified"
rm -rf "$store"
expect_status 0 hallmark pull "$registry/lib/app:unsigned"
[ "$(grep -c 'no publisher was verified' "$err")" = 1 ]

it "the trust of a first use is told with the key and the line that would pin it"
rm -rf "$store"
expect_status 0 with_trust hallmark pull "$registry/lib/app:1"
says "$(root_key_id lib/app)"
says "rootKeyIds"

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Indexes: this machine's platform, the one that was asked for, or all of them.
. "$(dirname "$0")/../lib.sh"
start_registry plain
start_notary
here=linux/$(case $(uname -m) in x86_64) echo amd64 ;; aarch64) echo arm64 ;; *) uname -m ;; esac)
make_image here --mark here
make_image s390x --platform linux/s390x --mark s390x
make_image armv7 --platform linux/arm/v7 --mark armv7
make_index multi here s390x armv7
make_image dhere --format docker --mark dhere
make_image ds390x --format docker --platform linux/s390x --mark ds390x
make_index docker dhere ds390x
push_image multi lib/multi 1
push_image docker lib/docker 1
sign multi lib/multi 1

has() { [ -e "$store/blobs/sha256/${1#sha256:}" ]; }

it "this machine's platform comes in out of a signed index, and the name points at the index"
expect_status 0 with_trust hallmark pull "$registry/lib/multi:1"
prints "^Digest: $(digest_of_image multi)$"
has "$(digest_of_image here)" && has "$(layer_of here 0)"
! has "$(digest_of_image s390x)" || fail "another platform was fetched"

it "another platform is fetched when it is asked for"
expect_status 0 with_trust hallmark pull --platform linux/s390x "$registry/lib/multi:1"
has "$(digest_of_image s390x)" && has "$(layer_of s390x 0)"
expect_status 0 env DOCKER_DEFAULT_PLATFORM=linux/arm/v7 "$HALLMARK" pull "$registry/lib/multi:1"
has "$(layer_of armv7 0)"

it "all platforms come in with one flag"
rm -rf "$store"
expect_status 0 with_trust hallmark pull --all-platforms "$registry/lib/multi:1"
for part in here s390x armv7; do has "$(layer_of $part 0)"; done
expect_status 0 hallmark check

it "a docker manifest list is an index like any other"
expect_status 0 hallmark pull "$registry/lib/docker:1"
prints "^Digest: $(digest_of_image docker)$"
has "$(digest_of_image dhere)"

it "no matching platform is an error that lists what there is"
remember_store
expect_status 5 hallmark pull --platform linux/riscv64 "$registry/lib/multi:1"
one_line
for platform in "$here" linux/s390x linux/arm/v7; do says "$platform"; done
store_is_untouched
push_image s390x lib/single 1
expect_status 5 hallmark pull --platform linux/riscv64 "$registry/lib/single:1"
store_is_untouched
expect_status 5 hallmark verify --platform linux/riscv64 "$registry/lib/single:1"
says "wanted linux/riscv64, the image is for linux/s390x"
expect_status 0 hallmark verify --platform linux/s390x "$registry/lib/single:1"
expect_status 0 hallmark verify "$registry/lib/single:1"

it "a platform that is none is a matter of usage"
for platform in "" linux/ /amd64 linux/amd64/v1/x "linux /amd64"; do
  expect_status 2 hallmark pull --platform "$platform" "$registry/lib/multi:1"
done
expect_status 2 hallmark pull --all-platforms --platform linux/s390x "$registry/lib/multi:1"

it "a name whose image is there under another name gets the platforms that are asked for itself"
expect_status 0 hallmark tag "$registry/lib/multi:1" "$registry/lib/multi:own"
push_image multi lib/multi 2
expect_status 0 hallmark rmi "$registry/lib/multi:1" "$registry/lib/multi:own"
expect_status 0 hallmark pull "$registry/lib/multi:1"
expect_status 0 hallmark pull --all-platforms "$registry/lib/multi:2"
expect_status 0 hallmark pull --all-platforms "$registry/lib/multi:1"
expect_status 0 hallmark push "$registry/lib/multi:1"
it "the platform that was asked for last is the one that is shown"
shown() { hallmark inspect "$registry/lib/multi:1" | jq -r '.[0].Architecture'; }
expect_status 0 hallmark pull --platform linux/s390x "$registry/lib/multi:1"
[ "$(shown)" = s390x ]
[ "$(hallmark images -a "$registry/lib/multi" | grep -c ' 1 ')" = 1 ] && ! hallmark images -a | grep '<none>' || fail "the other is a row"
expect_status 0 hallmark pull "$registry/lib/multi:1"
[ "$(shown)" = "${here#linux/}" ]
expect_status 0 hallmark pull "$registry/lib/multi:1"
prints "Image is up to date"

it "another platform than the one that is there is an error, also when the image is there"
make_image single
push_image single lib/single 1
expect_status 0 hallmark pull "$registry/lib/single:1"
expect_status 5 hallmark pull --platform linux/s390x "$registry/lib/single:1"
one_line

it "an index whose entry lies about the platform is refused"
python3 - "$world" <<'END'
import json, sys, pathlib, hashlib
layout = pathlib.Path(sys.argv[1]) / "image-multi"
root = json.loads((layout / "index.json").read_text())["manifests"][0]
index = json.loads((layout / "blobs/sha256" / root["digest"][7:]).read_text())
first, second = index["manifests"][0], index["manifests"][1]
first["platform"], second["platform"] = second["platform"], first["platform"]
text = json.dumps(index).encode()
digest = "sha256:" + hashlib.sha256(text).hexdigest()
(layout / "blobs/sha256" / digest[7:]).write_bytes(text)
root.update(digest=digest, size=len(text))
(layout / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [root]}))
END
push_image multi lib/lying 1
remember_store
expect_status 4 hallmark pull "$registry/lib/lying:1"
one_line
store_is_untouched

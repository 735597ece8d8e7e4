#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# save writes one tar with the images and all that vouches for them: the same bytes every time, whole or not at all.
. "$(dirname "$0")/../lib.sh"
start_registry plain
start_notary
here=linux/$(case $(uname -m) in x86_64) echo amd64 ;; aarch64) echo arm64 ;; *) uname -m ;; esac)
make_image app --folder /usr/share/doc/bash
make_image other --mark other
make_image here --mark here
make_image s390x --platform linux/s390x --mark s390x
make_image armv7 --platform linux/arm/v7 --mark armv7
make_index multi here s390x armv7
for image in app other multi; do push_image $image lib/$image 1; done
push_image other lib/app 2
sign app lib/app 1
sign other lib/app 2
app=$registry/lib/app other=$registry/lib/other multi=$registry/lib/multi
expect_status 0 with_trust hallmark pull "$app:1"
expect_status 0 with_trust hallmark pull "$app:2"
expect_status 0 hallmark pull "$other:1"
expect_status 0 hallmark pull "$multi:1"

# unpack FILE: into $world/unpacked, by a plain tar.
unpack() {
  rm -rf "$world/unpacked"
  mkdir "$world/unpacked"
  tar -C "$world/unpacked" -xf "$1"
}
blob() { cat "$world/unpacked/blobs/sha256/${1#sha256:}"; }
annotation() { jq -r --arg name "vnd.hallmark.bundle$1" '.annotations[$name]' "$world/unpacked/index.json"; }
statement() { blob "$(annotation .statement)" | jq -r .payload | base64 -d; }
evidence() { blob "$(blob "$(annotation .evidence)" | jq -r '.manifests[0].digest')"; }
# evidence_file NAME: a document of the trust data in the bundle.
evidence_file() { blob "$(evidence | jq -r --arg name "$1" '.layers[] | select(.annotations["tuf.io/filename"] == $name).digest')"; }

it "the layout, docker's list and all evidence come before the first layer, and nothing else is in it"
expect_status 0 with_trust hallmark save -o "$world/app.tar" "$app:1"
prints_nothing
unpack "$world/app.tar"
mapfile -t names < <(tar -tf "$world/app.tar")
[ "${names[*]:0:4}" = "oci-layout index.json manifest.json blobs/sha256/$(annotation .statement | cut -d: -f2)" ]
[ "${names[4]}" = "blobs/sha256/$(annotation .evidence | cut -d: -f2)" ]
[ "${names[-2]}" = "blobs/sha256/$(layer_of app 0 | cut -d: -f2)" ]
[ "${names[-1]}" = "blobs/sha256/$(layer_of app 1 | cut -d: -f2)" ]
[ "$(printf '%s\n' "${names[@]}" | sort -u | wc -l)" = ${#names[@]} ]
for file in "$world"/unpacked/blobs/sha256/*; do
  echo "${file##*/}  $file" | sha256sum -c --quiet
done

it "the statement lists all that is there"
statement | jq -e --arg name "$app:1" --arg digest "$(digest_of_image app)" '.subject == [{digest: {sha256: $digest[7:]}, name: $name}]' >/dev/null
[ "$(statement | jq -r '.predicate.blobs[].digest' | cut -d: -f2)" = "$(find "$world"/unpacked/blobs -type f -printf '%f\n' | grep -v "$(annotation .statement | cut -d: -f2)" | LC_ALL=C sort)" ]
statement | jq -e --arg config "$(config_of app)" '.predicate.images[0].platforms[0] | .present and .config == $config and (.diffIDs | length) == 2' >/dev/null

it "every document of the trust data goes along byte for byte"
for role in root targets snapshot timestamp; do
  curl -sf --cacert "$world/ca.crt" "$notary_server/v2/$app/_trust/tuf/$role.json" | cmp - <(evidence_file $role.json)
done

it "the same images make the same bytes, from another store, in any order of names and through a pipe"
expect_status 0 with_trust hallmark --store "$world/second" pull "$app:2"
expect_status 0 hallmark --store "$world/second" pull "$other:1"
expect_status 0 with_trust hallmark --store "$world/second" pull "$app:1"
expect_status 0 with_trust hallmark --store "$world/second" save -o "$world/again.tar" "$app:1"
cmp "$world/app.tar" "$world/again.tar"
with_trust hallmark save "$app:1" | cmp - "$world/app.tar"
expect_status 0 with_trust hallmark save -o "$world/two.tar" "$app:2" "$app:1" "$app:2"
expect_status 0 with_trust hallmark --store "$world/second" save -o "$world/again.tar" "$app"
cmp "$world/two.tar" "$world/again.tar"

it "it is compressed when that is wanted, with the same bytes inside and the same bytes each time"
for kind in gzip zstd; do
  expect_status 0 with_trust hallmark save --compress $kind -o "$world/app.$kind" "$app:1"
  $kind -dcq "$world/app.$kind" | cmp - "$world/app.tar"
  with_trust hallmark --store "$world/second" save --compress=$kind "$app:1" | cmp - "$world/app.$kind"
done
expect_status 2 hallmark save --compress xz -o "$world/app.xz" "$app:1"
one_line
[ ! -e "$world/app.xz" ]

it "what was saved is listed, and loaded by a machine that has nothing but the bundle and the key"
expect_status 0 hallmark bundle ls --json "$world/app.gzip"
jq -e --arg name "$app:1" --arg digest "$(digest_of_image app)" --arg platform "$here" \
  '.Name == $name and .Digest == $digest and .Platforms == [$platform] and .Evidence == "tuf" and .Size > 0' "$out" >/dev/null
[ "$(jq -r .Expires "$out")" = "$(date -u -d "$(curl -sf --cacert "$world/ca.crt" "$notary_server/v2/$app/_trust/tuf/timestamp.json" | jq -r .signed.expires)" +%Y-%m-%dT%H:%M:%SZ)" ]
expect_status 0 hallmark bundle ls - <"$world/two.tar"
[ "$(awk 'NR > 1 && !/^(says|does)/ { print $1 }' "$out" | tr '\n' ' ')" = "$app:1 $app:2 " ]
prints "^does not say when it was packed, signed by nobody$"
head -c 5000 "$world/app.tar" >"$world/cut.tar"
expect_status 4 hallmark bundle ls "$world/cut.tar"
one_line
cat >"$world/pinned.json" <<END
{"hallmark": 1, "default": [{"type": "reject"}],
 "stores": {"dct": {"kind": "tuf", "server": "https://localhost:1",
                    "pins": [{"gun": "$app", "rootKeyIds": ["$(root_key_id lib/app)"]}]}},
 "transports": {"docker": {"$app": [{"type": "tuf", "store": "dct"}]}}}
END
expect_status 0 hallmark --store "$world/inner" --policy "$world/pinned.json" load -i "$world/two.tar"
[ "$(hallmark --store "$world/inner" images -q --no-trunc "$app:1")" = "$(config_of app)" ]

it "two tags that are the same in two repositories are told apart by their full names"
expect_status 0 hallmark save -o "$world/names.tar" "$other:1" "$multi:1" "$app:2"
unpack "$world/names.tar"
[ "$(jq -r '[.manifests[].annotations["org.opencontainers.image.ref.name"]] | join(" ")' "$world/unpacked/index.json")" = "2 $multi:1 $other:1" ]
[ "$(jq -r '[.manifests[].annotations["io.containerd.image.name"]] | join(" ")' "$world/unpacked/index.json")" = "$app:2 $multi:1 $other:1" ]

it "names of one image are one image in docker's list"
[ "$(jq -c 'map(.RepoTags)' "$world/unpacked/manifest.json")" = "[[\"$app:2\",\"$other:1\"],[\"$multi:1\"]]" ]

it "an image that was asked for by its digest goes by it"
expect_status 0 hallmark save -o "$world/digest.tar" "$app@$(digest_of_image app)"
unpack "$world/digest.tar"
jq -e --arg name "$app@$(digest_of_image app)" '.manifests[0].annotations == {"vnd.hallmark.bundle.name": $name}' "$world/unpacked/index.json" >/dev/null
[ "$(jq -c '.[0].RepoTags' "$world/unpacked/manifest.json")" = "[]" ]

it "after root keys were changed every root goes along, and a publisher's delegation as well"
add_delegation lib/app targets/releases
push_image app lib/app 3
sign app lib/app 3 targets/releases
publisher key rotate "$app" snapshot -r
publisher key generate ecdsa --role root
publisher key rotate "$app" root <<<yes
publisher key generate ecdsa --role root
publisher key rotate "$app" root <<<yes
expect_status 0 with_trust hallmark pull "$app:3"
expect_status 0 with_trust hallmark save -o "$world/roots.tar" "$app:3"
says_not "left out"
unpack "$world/roots.tar"
newest=$(evidence_file root.json | jq .signed.version)
[ "$newest" -ge 3 ]
for version in $(seq "$newest"); do
  [ "$(evidence_file "$version.root.json" | jq .signed.version)" = "$version" ] || fail "root $version is missing"
done
evidence_file targets/releases.json | jq -e '.signed.targets["3"]' >/dev/null

it "one platform of an index, those that are here, or all or nothing"
expect_status 0 hallmark save -o "$world/multi.tar" "$multi:1"
unpack "$world/multi.tar"
[ "$(jq -r '.manifests[0].digest' "$world/unpacked/index.json")" = "$(digest_of_image multi)" ]
statement | jq -e '[.predicate.images[0].platforms[].present] == [true, false, false]' >/dev/null
expect_status 0 hallmark save --platform "$here" -o "$world/again.tar" "$multi:1"
cmp "$world/multi.tar" "$world/again.tar"
expect_status 5 hallmark save --all-platforms -o "$world/none.tar" "$multi:1"
one_line
says "linux/s390x, linux/arm/v7"
expect_status 5 hallmark save --platform linux/s390x -o "$world/none.tar" "$multi:1"
expect_status 5 hallmark save --platform linux/s390x -o "$world/none.tar" "$app:1"
expect_status 2 hallmark save --platform linux/s390x --all-platforms -o "$world/none.tar" "$multi:1"
expect_status 0 hallmark pull --all-platforms "$multi:1"
expect_status 0 hallmark save --all-platforms -o "$world/multi.tar" "$multi:1"
unpack "$world/multi.tar"
[ -e "$world/unpacked/blobs/sha256/$(layer_of s390x 0 | cut -d: -f2)" ]
expect_status 0 hallmark save --platform linux/s390x -o "$world/multi.tar" "$multi:1"
unpack "$world/multi.tar"
[ "$(jq -r '.[0].Config' "$world/unpacked/manifest.json")" = "blobs/sha256/$(config_of s390x | cut -d: -f2)" ]
[ ! -e "$world/unpacked/blobs/sha256/$(layer_of here 0 | cut -d: -f2)" ]
[ ! -e "$world/none.tar" ]

nothing_left() { [ "$(find "$world/place" -mindepth 1)" = "${1:-}" ] || { find "$world/place" >&2 && fail "something was left"; }; }
mkdir "$world/place"

it "what cannot be meant or is not here is refused, and no file is made"
expect_status 5 hallmark save -o "$world/place/x.tar" "$registry/lib/nothing:1"
one_line
says "no such image"
expect_status 5 hallmark save -o "$world/place/x.tar" "$app:1" "$app:nothing"
expect_status 2 hallmark save -o "$world/place/x.tar"
expect_status 1 hallmark save -o "$world/place" "$app:1"
says "found a folder"
expect_status 1 hallmark save -o "$world/nowhere/x.tar" "$app:1"
says "does not exist"
expect_status 1 hallmark save -o /dev/null "$app:1"
says "device"
nothing_left

it "a terminal is no place for a tar"
! script -qec "$HALLMARK save $app:1" /dev/null </dev/null >"$out" 2>&1 || fail "a tar was written to a terminal"
prints "cowardly refusing to save to a terminal"

it "a reader that goes away is a failure here"
status=0
hallmark save "$app:1" 2>"$err" | head -c 1000 >/dev/null || status=${PIPESTATUS[0]}
[ "$status" = 1 ]
says "standard output cannot be written"

it "so is a standard output that is closed, for whatever is printed"
for command in "save $app:1" "images" "pull $app:1"; do
  status=0
  # shellcheck disable=SC2086
  "$HALLMARK" $command 2>"$err" >&- || status=$?
  [ "$status" = 1 ] || fail "$command: $status"
  says "standard output cannot be written"
done

it "a folder that may not be written is a failure here"
chmod 755 "$world" "$world/home" "$world/docker"
cp "$HALLMARK" "$world/hallmark"
if [ "$(id -u)" = 0 ]; then
  expect_status 1 setpriv --reuid=65534 --regid=65534 --clear-groups "$world/hallmark" save -o "$world/place/x.tar" "$app:1"
  one_line
  says "[Pp]ermission denied"
  nothing_left
fi

it "what had the name stays until the new file is whole, and is replaced then"
echo before >"$world/place/x.tar"
damaged=$store/blobs/sha256/$(layer_of app 0 | cut -d: -f2)
cp "$damaged" "$world/whole"
flip_byte "$damaged"
expect_status 4 hallmark save -o "$world/place/x.tar" "$app:1"
one_line
says "$(layer_of app 0) is damaged: found sha256:"
nothing_left "$world/place/x.tar"
[ "$(cat "$world/place/x.tar")" = before ]

it "a damaged layer ends a stream before its end mark"
expect_status 4 hallmark save "$app:1"
! tar -tf "$out" >/dev/null 2>&1 || fail "the tar looks whole"
rm "$damaged"
expect_status 5 hallmark save -o "$world/place/x.tar" "$app:1"
cp "$world/whole" "$damaged"
expect_status 0 with_trust hallmark save -o "$world/place/x.tar" "$app:1"
nothing_left "$world/place/x.tar"
tar -tf "$world/place/x.tar" >/dev/null

it "trust data that is refused, or that nobody can be asked about, ends it; none at all is told"
expect_status 0 with_trust hallmark save -o "$world/place/x.tar" "$other:1"
says "nothing goes along that vouches for $other:1"
kill "$started"
wait "$started" 2>/dev/null || true
expect_status 7 with_trust hallmark save -o "$world/place/y.tar" "$other:1"
one_line
expect_status 3 env DOCKER_CONTENT_TRUST=1 DOCKER_CONTENT_TRUST_SERVER="$notary_server" faketime -f +4000d "$HALLMARK" save -o "$world/place/y.tar" "$app:1"
one_line
nothing_left "$world/place/x.tar"

it "without the trust server the remembered trust data goes along, with the roots before the newest"
expect_status 0 with_trust hallmark save -o "$world/offline.tar" "$app:3"
unpack "$world/offline.tar"
[ "$(evidence_file root.json | jq .signed.version)" = "$newest" ]
[ "$(evidence_file "$((newest - 1)).root.json" | jq .signed.version)" = $((newest - 1)) ]
expect_status 0 hallmark save -o "$world/offline-too.tar" "$app:3"
cmp "$world/offline.tar" "$world/offline-too.tar"

it "a pipe that somebody has made non-blocking is waited for"
python3 - "$HALLMARK" "$app:1" >"$world/unblocked.tar" <<'END'
import os, subprocess, sys, time
take, give = os.pipe()
os.set_blocking(give, False)
child = subprocess.Popen([sys.argv[1], "save", sys.argv[2]], stdout=give, stderr=subprocess.DEVNULL)
os.close(give)
time.sleep(1)
with os.fdopen(take, "rb") as source:
    while piece := source.read(1 << 16):
        sys.stdout.buffer.write(piece)
sys.exit(child.wait())
END
tar -tf "$world/unblocked.tar" >/dev/null
[ "$(stat -c %s "$world/unblocked.tar")" -gt 100000 ]

it "an interrupted save leaves nothing"
mkfifo "$world/pipe"
sleep 60 <>"$world/pipe" &
servers+=("$!")
status=0 began=$SECONDS
"$HALLMARK" save "$app:1" "$multi:1" >"$world/pipe" 2>"$err" </dev/null &
job=$!
until python3 -c 'import fcntl, os, sys, termios
pipe = os.open(sys.argv[1], os.O_RDONLY | os.O_NONBLOCK)
sys.exit(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)) == bytes(4))' "$world/pipe"; do kill -0 "$job" && sleep 0.05; done
kill -TERM "$job"
wait "$job" || status=$?
[ "$status" = 143 ] || fail "ended with $status"
says interrupted
[ $((SECONDS - began)) -lt 30 ] || fail "it waited for the reader of a full pipe"
sentence=""

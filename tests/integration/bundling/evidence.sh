#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What others have said about an image crosses with it: signatures and referrers of the registry, byte for byte, kept by
# load and carried on by the next save.
. "$(dirname "$0")/../lib.sh"
start_registry plain
registry_process=$started
here=linux/$(case $(uname -m) in x86_64) echo amd64 ;; aarch64) echo arm64 ;; *) uname -m ;; esac)
make_image app --folder /usr/share/doc/bash
make_image other --mark other
make_image here --mark here
make_image s390x --platform linux/s390x --mark s390x
make_index multi here s390x
for image in app other multi; do
  push_image $image lib/$image 1
  expect_status 0 hallmark pull "$registry/lib/$image:1"
done
app=$registry/lib/app multi=$registry/lib/multi
kOci=application/vnd.oci.image.manifest.v1+json

sha() { sha256sum "$1" | sed 's/^/sha256:/; s/ .*//'; }
# put_blob REPOSITORY FILE: prints its descriptor.
put_blob() {
  local place
  place=$(curl -sf -X POST -D - -o /dev/null "http://$registry/v2/$1/blobs/uploads/" | tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
  curl -sf -X PUT "$place&digest=$(sha "$2")" --data-binary "@$2" -H 'Content-Type: application/octet-stream' >/dev/null
  jq -cn --arg digest "$(sha "$2")" --argjson size "$(stat -c %s "$2")" '{mediaType: "application/x", digest: $digest, size: $size}'
}
# put_manifest REPOSITORY TAG TYPE SUBJECT TEXT...: a manifest with one blob for each text; its bytes stay in
# $world/TAG.json. SUBJECT may be empty.
put_manifest() {
  local repository=$1 tag=$2 type=$3 subject=$4 layers=() text
  shift 4
  printf '{}' >"$world/empty"
  for text in "$@"; do
    printf '%s' "$text" >"$world/text"
    layers+=("$(put_blob "$repository" "$world/text")")
  done
  # Written with blanks, as no tool would write it again.
  jq -n --arg type "$type" --arg subject "$subject" --arg oci $kOci --argjson config "$(put_blob "$repository" "$world/empty")" \
    --argjson layers "$(printf '%s\n' "${layers[@]}" | jq -s .)" \
    '{schemaVersion: 2, mediaType: $oci, artifactType: $type, config: $config, layers: $layers}
     + if $subject == "" then {} else {subject: {mediaType: $oci, digest: $subject, size: 1}} end' >"$world/$tag.json"
  curl -sf -X PUT "http://$registry/v2/$repository/manifests/$tag" --data-binary "@$world/$tag.json" -H "Content-Type: $kOci" >/dev/null
}
# list_referrers REPOSITORY SUBJECT NAME...: under the tag where clients keep the list in a registry without one.
list_referrers() {
  local repository=$1 subject=$2 name
  shift 2
  for name in "$@"; do
    jq -n --arg type $kOci --arg digest "$(sha "$world/$name.json")" --argjson size "$(stat -c %s "$world/$name.json")" \
      '{mediaType: $type, digest: $digest, size: $size}'
  done | jq -s '{schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests: .}' |
    curl -sf -X PUT "http://$registry/v2/$repository/manifests/${subject/:/-}" --data-binary @- \
      -H 'Content-Type: application/vnd.oci.image.index.v1+json' >/dev/null
}
unpack() {
  rm -rf "$world/unpacked"
  mkdir "$world/unpacked"
  tar -C "$world/unpacked" -xf "$1"
}
in_bundle() { cat "$world/unpacked/blobs/sha256/${1#sha256:}"; }
evidence_index() { in_bundle "$(jq -r '.annotations["vnd.hallmark.bundle.evidence"]' "$world/unpacked/index.json")"; }
kinds() { evidence_index | jq -r '[.manifests[].annotations["vnd.hallmark.evidence.kind"]] | sort | join(" ")'; }
annotation() { evidence_index | jq -r --arg digest "$(sha "$world/$1.json")" --arg name "vnd.hallmark.evidence.$2" '.manifests[] | select(.digest == $digest).annotations[$name]'; }
inner() { hallmark --store "$world/inner" "$@"; }
kept() { [ -d "$world/inner/.hallmark/evidence/blobs" ] && find "$world/inner/.hallmark/evidence/blobs" -type f || true; }

it "nothing was said about the image, and nothing but the trust data would go along"
expect_status 0 hallmark save -o "$world/none.tar" "$app:1"
says_not warning
unpack "$world/none.tar"
[ "$(kinds)" = "" ]

subject=$(digest_of_image app)
signature=${subject/:/-}.sig
put_manifest lib/app bundle application/vnd.dev.sigstore.bundle.v0.3+json "$subject" '{"bundle": 1}'
put_manifest lib/app notation application/vnd.cncf.notary.signature "$subject" '{"jws": 1}'
put_manifest lib/app sbom application/spdx+json "$subject" '{"sbom": 1}' '{"sbom": 2}'
put_manifest lib/app of-sbom application/vnd.dev.sigstore.bundle.v0.3+json "$(sha "$world/sbom.json")" '{"about": "sbom"}'
put_manifest lib/app "$signature" application/vnd.dev.cosign "" '{"critical": 1}'
list_referrers lib/app "$subject" bundle notation sbom
list_referrers lib/app "$(sha "$world/sbom.json")" of-sbom

it "every referrer and what cosign has under tags goes along byte for byte"
expect_status 0 hallmark save -o "$world/app.tar" "$app:1"
says_not warning
unpack "$world/app.tar"
[ "$(kinds)" = "cosign-legacy notation referrer sigstore-bundle sigstore-bundle" ]
for name in bundle notation sbom of-sbom "$signature"; do
  in_bundle "$(sha "$world/$name.json")" | cmp - "$world/$name.json"
  for blob in $(jq -r '.config.digest, .layers[].digest' "$world/$name.json"); do
    [ "$(in_bundle "$blob" | sha256sum | cut -d' ' -f1)" = "${blob#sha256:}" ]
  done
done
[ "$(annotation sbom subject)" = "$subject" ]
[ "$(annotation of-sbom subject)" = "$(sha "$world/sbom.json")" ]
[ "$(annotation "$signature" tag)" = "$signature" ]
[ "$(evidence_index | jq -r --arg digest "$(sha "$world/sbom.json")" '.manifests[] | select(.digest == $digest).artifactType')" = application/spdx+json ]
expect_status 0 hallmark save -o "$world/again.tar" "$app:1"
cmp "$world/app.tar" "$world/again.tar"
tar -tf "$world/app.tar" | tail -n 1 | grep -q "$(layer_of app 1 | cut -d: -f2)" || fail "evidence comes after layers"

it "a registry that lists referrers itself, page by page, is asked for its list"
start_faults "http://$registry" referrers@any flip@blob status-500@any status-401@any
proxied=${fault[referrers@any]}/lib/app
expect_status 0 hallmark --store "$world/proxied" pull "$proxied:1"
expect_status 0 hallmark --store "$world/proxied" save -o "$world/proxied.tar" "$proxied:1"
unpack "$world/proxied.tar"
[ "$(kinds)" = "cosign-legacy notation referrer sigstore-bundle sigstore-bundle" ]
grep -qF "referrers@any GET /v2/lib/app/referrers/$subject?page=2 200" "$world/faults.log"

it "what is about one platform of an index goes along where the platform does"
platform=$(digest_of_image here) foreign=$(digest_of_image s390x) index=$(digest_of_image multi)
for name in here s390x multi; do
  put_manifest lib/multi "sbom-$name" application/spdx+json "$(digest_of_image $name)" "about $name"
  list_referrers lib/multi "$(digest_of_image $name)" "sbom-$name"
done
put_manifest lib/multi "${platform/:/-}.att" application/vnd.dev.cosign "" '{"attestation": 1}'
put_manifest lib/multi "${index/:/-}.sbom" application/vnd.dev.cosign "" '{"sbom": 3}'
expect_status 0 hallmark save --platform "$here" -o "$world/multi.tar" "$multi:1"
unpack "$world/multi.tar"
[ "$(kinds)" = "cosign-legacy cosign-legacy referrer referrer" ]
[ "$(annotation sbom-here subject)" = "$platform" ]
[ "$(annotation sbom-s390x subject)" = "" ] || fail "evidence about a platform that stays behind: $foreign"

it "what an archive carries is listed by its kinds"
expect_status 0 hallmark bundle ls --json "$world/app.tar"
[ "$(jq -r .Evidence "$out")" = "cosign-legacy,notation,referrer,sigstore-bundle" ]
expect_status 0 hallmark bundle ls --json "$world/none.tar"
[ "$(jq .Evidence "$out")" = null ]

it "bytes of the registry that are not what they are called end it"
damaged=$(blob_file "$(jq -r '.layers[0].digest' "$world/notation.json")")
cp "$damaged" "$world/whole"
flip_byte "$damaged"
expect_status 4 hallmark save -o "$world/x.tar" "$app:1"
one_line
says "evidence: expected $(jq -r '.layers[0].digest' "$world/notation.json"), found sha256:"
[ ! -e "$world/x.tar" ]
cp "$world/whole" "$damaged"

it "what is not about the image, is not there whole, or is too large is told and stays behind"
put_manifest lib/other liar application/spdx+json "$subject" 'about another'
put_manifest lib/other gone application/spdx+json "$(digest_of_image other)" 'goes away'
head -c 17000000 /dev/zero | tr '\0' x >"$world/large"
put_manifest lib/other large application/spdx+json "$(digest_of_image other)" 'small'
descriptor=$(put_blob lib/other "$world/large")
jq --argjson large "$descriptor" '.layers += [$large]' "$world/large.json" >"$world/large2.json"
curl -sf -X PUT "http://$registry/v2/lib/other/manifests/large2" --data-binary "@$world/large2.json" -H "Content-Type: $kOci" >/dev/null
list_referrers lib/other "$(digest_of_image other)" liar gone large2
rm "$(blob_file "$(jq -r '.layers[0].digest' "$world/gone.json")")"
expect_status 0 hallmark save -o "$world/other.tar" "$registry/lib/other:1"
says "warning: left out of the bundle: $(sha "$world/liar.json") .*it does not say that it is"
says "warning: left out of the bundle: referrer $(sha "$world/gone.json") "
says "warning: left out of the bundle: referrer $(sha "$world/large2.json") .*larger than a bundle may carry"
unpack "$world/other.tar"
[ "$(kinds)" = "" ]

it "a registry that cannot be asked is told once, with what is missing"
for kind in status-500@any status-401@any; do
  cp -a "$store" "$world/copy"
  name=${fault[$kind]}/lib/app
  expect_status 0 hallmark --store "$world/copy" tag "$app:1" "$name:1"
  expect_status 0 hallmark --store "$world/copy" tag "$app:1" "$name:2"
  expect_status 0 hallmark --store "$world/copy" save -o "$world/x.tar" "$name:1" "$name:2"
  says "warning: ${fault[$kind]} cannot be asked: signatures and other referrers that it has, of $name "
  [ "$(grep -c "cannot be asked" "$err")" = 1 ]
  rm -rf "$world/copy" "$world/x.tar"
done

it "a refused bundle leaves none of its evidence"
echo '{"hallmark": 1, "default": [{"type": "reject"}]}' >"$world/reject.json"
expect_status 3 hallmark --store "$world/inner" --policy "$world/reject.json" load -i "$world/app.tar"
[ -z "$(kept)" ]
blob=$(jq -r '.layers[0].digest' "$world/notation.json")
offset=$(grep -abo "jws" "$world/app.tar" | sed -n '1s/:.*//p')
cp "$world/app.tar" "$world/bent.tar"
printf X | dd of="$world/bent.tar" bs=1 seek="$offset" conv=notrunc status=none
for command in "load -i" verify-bundle; do
  # shellcheck disable=SC2086
  expect_status 4 inner $command "$world/bent.tar"
  one_line
  says "E_BLOB_DIGEST: expected $blob"
done
[ -z "$(kept)" ]
[ ! -e "$world/inner/index.json" ]

it "load keeps it, and the next save carries it on, without the registry and byte for byte"
expect_status 0 inner verify-bundle "$world/app.tar"
[ -z "$(kept)" ]
expect_status 0 inner load -i "$world/app.tar"
[ "$(kept | wc -l)" = "$(jq -r '.config.digest, .layers[].digest' "$world"/{bundle,notation,sbom,of-sbom,"$signature"}.json | sort -u | wc -l | xargs -I{} expr {} + 5)" ]
expect_status 0 inner load -i "$world/multi.tar"
expect_status 0 inner check
[ "$(inner images -q | wc -l)" = 2 ]
kill "$registry_process"
wait "$registry_process" 2>/dev/null || true
expect_status 0 inner save -o "$world/again.tar" "$app:1"
says "cannot be asked"
cmp "$world/app.tar" "$world/again.tar"
expect_status 0 inner save -o "$world/again.tar" "$multi:1"
cmp "$world/multi.tar" "$world/again.tar"

it "evidence of the store that was damaged is not carried on"
file=$world/inner/.hallmark/evidence/blobs/sha256/${blob#sha256:}
flip_byte "$file"
expect_status 4 inner save -o "$world/x.tar" "$app:1"
one_line
says "evidence $blob is damaged"
[ ! -e "$world/x.tar" ]
expect_status 0 inner load -i "$world/app.tar"
expect_status 0 inner save -o "$world/again.tar" "$app:1"
cmp "$world/app.tar" "$world/again.tar"

it "it goes when the last image that it is about goes"
inner tag "$app:1" "$app:2"
expect_status 0 inner rmi "$app:1"
[ -e "$file" ]
expect_status 0 inner rmi "$app:2"
[ ! -e "$file" ]
[ "$(jq '[.manifests[].annotations["vnd.hallmark.evidence.subject"]] | unique | length' "$world/inner/.hallmark/evidence/index.json")" = 2 ]
touch "$world/inner/.hallmark/evidence/blobs/sha256/left-by-a-load-that-died"
expect_status 0 inner rmi "$multi:1"
[ -z "$(kept)" ]
sentence=""

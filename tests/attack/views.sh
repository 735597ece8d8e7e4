#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# One archive, several readers: whatever one of them would read as something else than was judged is refused. Each change
# of a good archive, made by views.py, has the word that it must be refused with.
. "$(dirname "$0")/../integration/lib.sh"
change() { python3 "$tests/attack/views.py" "$@"; }

# refused CODE FILE: by both commands, and nothing comes in.
refused() {
  local command
  for command in "load -i" verify-bundle; do
    # shellcheck disable=SC2086
    expect_status 4 env HALLMARK_STORE="$world/fresh" "$HALLMARK" $command "$2"
    says ": $1"
  done
  [ ! -e "$world/fresh/index.json" ] || fail "something came in"
}
# all_refused KIND ARCHIVE: every change of that kind.
all_refused() {
  local name code
  change list "$1" >"$world/changes"
  while read -r name code; do
    echo "  $name"
    change change "$name" "$2" "$world/changed.tar"
    refused "$code" "$world/changed.tar"
  done <"$world/changes"
}
admitted() {
  expect_status 0 env HALLMARK_STORE="$world/good.$RANDOM$RANDOM" "$HALLMARK" load -i "$1"
}

for number in 1 2; do
  mkdir -p "$world/root/etc" && echo "$number" >"$world/root/etc/mark"
  tar -C "$world/root" -cf "$world/root.tar" .
  expect_status 0 hallmark import "$world/root.tar" "registry.example/app:$number"
done
expect_status 0 hallmark tag registry.example/app:1 registry.example/same:latest
openssl genpkey -algorithm ed25519 -out "$world/courier.pem" 2>/dev/null
names=(registry.example/app:1 registry.example/app:2 registry.example/same:latest)
expect_status 0 hallmark save --sign "$world/courier.pem" -o "$world/bundle.tar" "${names[@]}"

it "a bundle has what its statement lists, itself and the documents, and nothing else; its views have its names"
admitted "$world/bundle.tar"
all_refused bundle "$world/bundle.tar"

it "each blob that the statement lists is there and is what it is called"
change blobs "$world/bundle.tar" >"$world/blobs"
[ "$(wc -l <"$world/blobs")" = 7 ]
while read -r path; do
  change bend "$path" "$world/bundle.tar" "$world/changed.tar"
  refused E_BLOB_DIGEST "$world/changed.tar"
  change drop "$path" "$world/bundle.tar" "$world/changed.tar"
  refused E_BLOB_MISSING "$world/changed.tar"
done <"$world/blobs"

it "the order of a bundle, its compression, and folders that lead to its files change nothing"
mkdir "$world/unpacked"
tar -C "$world/unpacked" -xf "$world/bundle.tar"
tar -C "$world/unpacked" -cf "$world/again.tar" manifest.json blobs index.json oci-layout
admitted "$world/again.tar"
tar -C "$world/unpacked" -czf "$world/again.tar.gz" .
admitted "$world/again.tar.gz"

it "what a bundle says that it left out is not in it"
expect_status 0 hallmark save -o "$world/base.tar" registry.example/app:1
expect_status 0 hallmark save --base "$world/base.tar" -o "$world/delta.tar" registry.example/app:1
mkdir "$world/delta"
tar -C "$world/delta" -xf "$world/delta.tar"
[ "$(change blobs "$world/delta.tar" | wc -l)" -lt "$(change blobs "$world/base.tar" | wc -l)" ]
change blobs "$world/base.tar" | xargs tar -C "$world/delta" -xf "$world/base.tar"
tar -C "$world/delta" -cf "$world/changed.tar" oci-layout index.json manifest.json blobs
refused E_VIEWS_DISAGREE "$world/changed.tar"

it "the list of docker's first format agrees with manifest.json, and is refused without it"
for tool in docker20 docker28-graph podman-da crane-legacy; do
  change real "$tool" "$world/real.tar"
  admitted "$world/real.tar"
  all_refused docker "$world/real.tar"
done

it "what other readers would find in a layout by other names is refused"
for tool in skopeo-oa crane-oci-tarred; do
  change real "$tool" "$world/real.tar"
  admitted "$world/real.tar"
  all_refused layout "$world/real.tar"
done

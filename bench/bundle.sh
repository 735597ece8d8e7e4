#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# How fast bundles are saved and loaded, beside programs that check less; bench/README.md tells how to read it.
#
# usage: bench/bundle.sh [ROUNDS]
#   HALLMARK     the program; default: that of build/
#   SKOPEO       how skopeo is started (default: skopeo, if it is there)
#   DOCKER=yes   also times a private docker engine (about half a minute a round; needs root)
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-5}
# shellcheck source=tests/integration/lib.sh
. tests/integration/lib.sh
it "the bench" >/dev/null
# shellcheck source=bench/lib.sh
. bench/lib.sh

make_big_image
start_registry plain
push_image big bench/big 1
start_notary ""
sign big bench/big 1
name=$registry/bench/big:1
with_trust "$HALLMARK" pull -q "$name" >/dev/null
bundle=$world/big.tar
outer_store=$store

run_save() { rm -f "$bundle" && with_trust time_it save env HALLMARK_STORE="$outer_store" "$HALLMARK" save -o "$bundle" "$name"; }
run_copy() { rm -f "$world/copy.tar" && time_it copy sh -c 'cp "$1" "$2" && sync "$2"' - "$bundle" "$world/copy.tar"; rm -f "$world/copy.tar"; }
# A new machine has what it trusts from its policy alone.
cat >"$world/policy.json" <<POLICY
{"hallmark": 1, "default": [{"type": "reject"}],
 "stores": {"dct": {"kind": "tuf", "server": "https://127.0.0.1:1",
                    "pins": [{"gun": "$registry/bench/big", "rootKeyIds": ["$(root_key_id bench/big)"]}]}},
 "transports": {"docker": {"$registry/bench/big": [{"type": "tuf", "store": "dct"}]}}}
POLICY
run_load() {
  rm -rf "$world/inner"
  time_it "$1" env HALLMARK_STORE="$world/inner" HALLMARK_POLICY="$world/policy.json" "${@:2}"
}
echo '{"default": [{"type": "insecureAcceptAnything"}]}' >"$world/accept.json"
mapfile -t layers < <(manifest_of big | jq -r '.layers[].digest' | sed "s|sha256:|$image/blobs/sha256/|")
run_skopeo() {
  rm -rf "$world/peer"
  # shellcheck disable=SC2016  # the inner shell's
  time_it skopeo env TMPDIR="$world" bash -c 'policy=$1 bundle=$2 to=$3; shift 3
    skopeo copy -q --policy "$policy" "oci-archive:$bundle" "oci:$to:1"
    for layer in "$@"; do igzip -dc "$layer" | openssl dgst -sha256; done' \
    - "$world/accept.json" "$bundle" "$world/peer" "${layers[@]}"
}
has_peer=no
if command -v skopeo >/dev/null && command -v igzip >/dev/null; then has_peer=yes; else echo "no skopeo or no igzip: nothing to compare loading with"; fi

describe_machine
for round in $(seq 0 "$rounds"); do
  # Round 0 warms the page cache and the programs, and does not count.
  [ "$round" != 1 ] || : >"$results"
  run_save
  run_copy
  [ $has_peer = no ] || run_skopeo
  run_load load "$HALLMARK" load -q -i "$bundle"
done
# shellcheck disable=SC2016  # the inner shell's
run_load pipe python3 bench/measure.py piped "$bundle" "$HALLMARK" load -q

labels=(save copy load pipe)
[ $has_peer = no ] || labels+=(skopeo)
print_medians "${labels[@]}"
verdict "save, over a copy of the same bytes, both synced" save copy 1.2
[ $has_peer = no ] || verdict "load, over skopeo copy and a hash of the layers" load skopeo 0.8
if [ "${DOCKER:-}" = yes ]; then
  start_dockerd
  for _ in 1 2; do
    run_load load-2 "$HALLMARK" load -q -i "$bundle"
    time_it docker env DOCKER_CONFIG="$world/docker-cli" "$docker_program" -H "unix://$docker_socket" load -q -i "$bundle"
    docker rmi -f "$name" >/dev/null
  done
  verdict "load, over docker load" load-2 docker 0.1
fi
for label in save load pipe; do
  read -r _ _ peak <<<"$(python3 bench/measure.py median "$results" $label)"
  limit "peak memory, $label" "$peak" 64 MiB
done

python3 bench/huge_bundle.py "$world/huge.tar" example.com/refused:1
refuse_it() {
  local status=0
  python3 bench/measure.py run "$results" "$1" "${@:2}" >"$out" 2>"$err" || status=$?
  [ $status = 3 ] || fail "the 10 GB bundle: status $status: $(cat "$err")"
}
export HALLMARK_POLICY=$world/policy.json HALLMARK_STORE=$world/none
for _ in 1 2 3; do
  refuse_it refused "$HALLMARK" load -i "$world/huge.tar"
  refuse_it refused-pipe python3 bench/measure.py piped "$world/huge.tar" "$HALLMARK" load
done
for label in refused refused-pipe; do
  limit "a $label bundle of 10 GB" "$(milliseconds_of $label)" 1000 milliseconds
done
echo "load after: $(cut -d' ' -f1 /proc/loadavg)"
sentence=""  # a missed target is told above
exit $missed

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# How fast a fully verified pull is, beside programs that verify less; bench/README.md tells how to read it.
#
# usage: bench/pull.sh [ROUNDS]
#   HALLMARK, HASH_AND_WRITE   the programs; default: those of build/
#   CRANE                      how crane is started ("crane", "chroot DIR crane"); left out if there is none
#   DOCKER=yes                 also times a private docker engine (about half a minute a round; needs root)
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-5}
hash_and_write=$(realpath "${HASH_AND_WRITE:-build/bench/hash_and_write}")
# shellcheck source=tests/integration/lib.sh
. tests/integration/lib.sh
it "the bench" >/dev/null
results=$world/results
missed=0

if [ -z "${CRANE:-}" ] && command -v crane >/dev/null; then CRANE=crane; fi
read -r -a crane <<<"${CRANE:-}"
crane_root=""
if [ "${crane[0]:-}" = chroot ]; then crane_root=${crane[1]}; fi
crane_folder=$crane_root/tmp/hallmark-bench
# shellcheck disable=SC2317  # called by the harness
at_end() { rm -rf "$crane_folder"; }

# Eight layers of this machine's own files, programs and libraries first, made once. The list is dealt by size.
image=$PWD/build/bench-image
make_big_image() {
  [ ! -f "$image.root" ] || return 0
  echo "making an image of 8 layers out of this machine's files (once) ..."
  rm -rf "$image"
  mkdir -p "$image.parts"
  for folder in /usr/bin /usr/lib /usr/share /usr/local /opt; do
    find "$folder" -xdev -type f -size -48M -printf '%s %p\n' 2>/dev/null | sort -k2
  done | awk -v parts="$image.parts" '{ sum += $1; if (sum > 8 * 256e6) next; sub(/^[0-9]+ /, "");
      print > (parts "/" int(sum / 256e6) ".list") }'
  for list in "$image.parts"/*.list; do echo "$list"; done | xargs -P "$(nproc)" -I{} sh -c \
    'tar -C / --mtime=@0 --owner=0 --group=0 -cf {}.tar -T {} 2>/dev/null; gzip -n -k {}.tar'
  python3 bench/big_image.py "$image" "$image.parts"/*.list.tar >"$image.root"
  rm -rf "$image.parts"
}

# time_it LABEL COMMAND...: disk writes of the run before are done first.
time_it() {
  local label=$1
  shift
  sync -f "$world"
  python3 bench/measure.py run "$results" "$label" "$@" >"$world/$label.out" 2>"$world/$label.err" || {
    tail -n 5 "$world/$label.err" >&2
    fail "$label failed"
  }
}
# Each removes what its own last run wrote just before it starts: fresh memory for the page cache may cost more.
run_hallmark() { rm -rf "$store" && with_trust time_it "$1" "$HALLMARK" pull -q "$2"; }
run_pass() { rm -rf "${world:?}/$1" && mkdir "$world/$1" && time_it "$1" "$hash_and_write" "$2" "$world/$1" "$3" 3; }
run_crane() {
  rm -rf "$crane_folder/pulled"
  SSL_CERT_FILE=${crane_folder#"$crane_root"}/ca.crt \
    time_it "$1" "${crane[@]}" pull --format oci "$2" "${crane_folder#"$crane_root"}/pulled"
}

# verdict NAME LABEL OTHER LIMIT
verdict() {
  local ratio word=reached
  ratio=$(python3 bench/measure.py ratio "$results" "$2" "$3")
  if ! awk "BEGIN { exit !($ratio <= $4) }"; then word=MISSED missed=1; fi
  printf '%-52s %6s  target %-6s %s\n' "$1" "$ratio" "$4" "$word"
}
# limit NAME VALUE LIMIT UNIT
limit() {
  local word=reached
  if ! awk "BEGIN { exit !($2 <= $3) }"; then word=MISSED missed=1; fi
  printf '%-52s %6s  target %-6s %s (%s)\n' "$1" "$2" "$3" "$word" "$4"
}

make_big_image
ln -s "$image" "$world/image-big"
ln -s "$image.root" "$world/image-big.root"
start_registry plain
plain=$registry
push_image big bench/big 1
start_notary ""
sign big bench/big 1
start_registry tls
push_image big bench/big 1 --ca "$world/ca.crt"
sign big bench/big 1
trust_ca "$registry"
secure=$registry registry=$plain
if [ ${#crane[@]} -gt 0 ]; then
  mkdir -p "$crane_folder"
  cp "$world/ca.crt" "$crane_folder/"
else
  echo "no crane: set CRANE to compare with it"
fi

layers=$(manifest_of big | jq '.layers | length') size=$(manifest_of big | jq '[.layers[].size] | add / 1e6 | round')
echo "image: $layers layers, $size MB compressed; $(nproc) cores; load before: $(cut -d' ' -f1 /proc/loadavg)"
for round in $(seq 0 "$rounds"); do
  # Round 0 warms the page cache, the registry and the programs, and does not count.
  [ "$round" != 1 ] || : >"$results"
  if [ ${#crane[@]} -gt 0 ]; then
    run_crane crane "$plain/bench/big:1"
  fi
  run_hallmark hallmark "$plain/bench/big:1"
  run_pass pass-unsynced "$plain/bench/big:1" unsynced
  run_pass pass-synced "$plain/bench/big:1" synced
  if [ ${#crane[@]} -gt 0 ]; then
    run_crane crane-tls "$secure/bench/big:1"
  fi
  run_pass pass-tls "$secure/bench/big:1" synced
  run_hallmark hallmark-tls "$secure/bench/big:1"
done

printf '\n%-16s %8s %8s %8s\n' "" "wall s" "CPU s" "peak MiB"
labels=(hallmark hallmark-tls pass-unsynced pass-synced pass-tls)
if [ ${#crane[@]} -gt 0 ]; then labels+=(crane crane-tls); fi
for label in "${labels[@]}"; do
  read -r wall cpu peak <<<"$(python3 bench/measure.py median "$results" "$label")"
  printf '%-16s %8s %8s %8s\n' "$label" "$wall" "$cpu" "$peak"
done
echo
if [ ${#crane[@]} -gt 0 ]; then
  verdict "full verification, over crane" hallmark crane 3.2
  verdict "download, hash, write without sync, over crane" pass-unsynced crane 0.8
  verdict "download, hash, write with sync, over crane" pass-synced crane 1.0
  verdict "download, hash, write over TLS, over crane's" pass-tls crane-tls 1.0
  verdict "full verification over TLS, over crane's" hallmark-tls crane-tls 3.2
fi
if [ "${DOCKER:-}" = yes ]; then
  start_dockerd
  for _ in 1 2; do
    run_hallmark hallmark-2 "$plain/bench/big:1"
    time_it docker env DOCKER_CONFIG="$world/docker-cli" "$docker_program" -H "unix://$docker_socket" pull -q "$plain/bench/big:1"
    docker rmi -f "$plain/bench/big:1" >/dev/null
  done
  verdict "full verification, over docker pull" hallmark-2 docker 0.125
fi
read -r _ _ peak <<<"$(python3 bench/measure.py median "$results" hallmark)"
limit "peak memory" "$peak" 64 MiB

for _ in $(seq 10); do with_trust time_it present "$HALLMARK" pull -q "$plain/bench/big:1"; done
read -r wall _ _ <<<"$(python3 bench/measure.py median "$results" present)"
limit "pull of an image that is there, trust checked" "$(awk "BEGIN { print $wall * 1000 }")" 50 milliseconds

make_image small
push_image small bench/many tag-99999
sign small bench/many first
read -r digest bytes <"$world/image-small.root"
python3 bench/many_tags.py "$world/publisher/tuf/$registry/bench/many/changelist" "$digest" "$bytes"
publisher publish "$registry/bench/many"
for _ in 1 2 3; do
  rm -rf "$store"
  with_trust time_it many "$HALLMARK" verify "$registry/bench/many:tag-99999"
done
read -r wall _ peak <<<"$(python3 bench/measure.py median "$results" many)"
limit "verifying a targets file with 100,000 tags" "$wall" 1 "seconds; peak $peak MiB"
echo "load after: $(cut -d' ' -f1 /proc/loadavg)"
sentence=""  # a missed target is told above
exit $missed

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# How fast a command starts, and how fast a list of many images is; bench/README.md tells how to read it.
#
# usage: bench/images.sh [ROUNDS [IMAGES]]    each round runs a command ten times in a row
#   HALLMARK     the program; default: that of build/
#   DOCKER=yes   also times a private docker engine with the same images (needs root)
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-5} count=${2:-1000}
# shellcheck source=tests/integration/lib.sh
. tests/integration/lib.sh
it "the bench" >/dev/null
# shellcheck source=bench/lib.sh
. bench/lib.sh

[ "${DOCKER:-}" != yes ] || start_dockerd
echo "making a store of $count images ..."
python3 bench/many_images.py "$world/many.tar" "$count"
"$HALLMARK" load -q -i "$world/many.tar" >/dev/null
[ "$("$HALLMARK" images -q | wc -l)" = "$count" ] || fail "the store has not $count images"
python3 bench/many_images.py "$world/one.tar" 1
HALLMARK_STORE=$world/one.store "$HALLMARK" load -q -i "$world/one.tar" >/dev/null
if [ "${DOCKER:-}" = yes ]; then
  python3 bench/many_images.py "$world/many-docker.tar" "$count" docker
  docker load -q -i "$world/many-docker.tar" >/dev/null
  [ "$(docker images -q | wc -l)" = "$count" ] || fail "docker has not $count images"
fi
echo "$count images; $(nproc) cores; load before: $(cut -d' ' -f1 /proc/loadavg)"
one=$world/one.store
name=$("$HALLMARK" --store "$one" images --format '{{.Repository}}:{{.Tag}}')
echo '{"hallmark": 1, "default": [{"type": "reject"}],
  "transports": {"docker": {"registry.example": [{"type": "insecureAcceptAnything"}]}}}' >"$world/policy.json"
export HALLMARK_POLICY=$world/policy.json
# Commands that ask no server and write nothing: who writes waits for the disk besides.
declare -A starts=([version]="version" [help]="--help" [one]="images" [inspect]="inspect $name" [history]="history $name"
  [keys]="trust key ls" [policy]="policy check")
labels=(true version help one inspect history keys policy images labels)
# repeated LABEL COMMAND...
repeated() { python3 bench/measure.py repeat "$results" 10 "$@" >/dev/null || fail "$1 failed"; }
for round in $(seq 0 "$rounds"); do
  [ "$round" != 1 ] || rm -f "$results"  # round 0 warms the caches
  repeated true /bin/true
  for label in "${!starts[@]}"; do
    # shellcheck disable=SC2086
    repeated "$label" "$HALLMARK" --store "$one" ${starts[$label]}
  done
  [ ${#crane[@]} = 0 ] || repeated crane-version "${crane[@]}" version
  repeated images "$HALLMARK" images
  repeated labels "$HALLMARK" images -f label=org.example.parity=1
  if [ "${DOCKER:-}" = yes ]; then
    repeated docker "$docker_program" -H "unix://$docker_socket" images
    repeated docker-version "$docker_program" --version
  fi
done
[ "${DOCKER:-}" != yes ] || labels+=(docker docker-version)
[ ${#crane[@]} = 0 ] || labels+=(crane-version)
print_medians "${labels[@]}"
for label in "${!starts[@]}"; do
  limit "hallmark ${starts[$label]}" "$(milliseconds_of "$label")" 20 ms
done
limit "images, $count of them" "$(milliseconds_of images)" 50 ms
echo "load after: $(cut -d' ' -f1 /proc/loadavg)"
exit $missed

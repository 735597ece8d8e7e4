#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# How fast a command starts, and how fast a list of many images is; bench/README.md tells how to read it.
#
# usage: bench/images.sh [ROUNDS [IMAGES]]
#   HALLMARK     the program; default: that of build/
#   DOCKER=yes   also times a private docker engine with the same images (needs root)
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-15} count=${2:-1000}
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
labels=(version one images labels)
for round in $(seq 0 "$rounds"); do
  [ "$round" != 1 ] || rm -f "$results"  # round 0 warms the caches
  time_it version "$HALLMARK" version
  time_it one "$HALLMARK" --store "$world/one.store" images
  time_it images "$HALLMARK" images
  time_it labels "$HALLMARK" images -f label=org.example.parity=1
  if [ "${DOCKER:-}" = yes ]; then
    time_it docker "$docker_program" -H "unix://$docker_socket" images
  fi
done
[ "${DOCKER:-}" != yes ] || labels+=(docker)
print_medians "${labels[@]}"
limit "version: the start of a command" "$(milliseconds_of version)" 10 ms
limit "images, one of them" "$(milliseconds_of one)" 10 ms
limit "images, $count of them" "$(milliseconds_of images)" 50 ms
echo "load after: $(cut -d' ' -f1 /proc/loadavg)"
exit $missed

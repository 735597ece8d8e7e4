#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# How long docker takes for an image that hallmark gives it, beside docker load; bench/README.md tells how to read it.
#
# usage: bench/hand_over.sh [ROUNDS]      about a minute a round; needs root
#   HALLMARK   the program; default: that of build/
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-3}
# shellcheck source=tests/integration/lib.sh
. tests/integration/lib.sh
it "the bench" >/dev/null
# shellcheck source=bench/lib.sh
. bench/lib.sh

make_big_image
start_registry plain
push_image big bench/big 1
start_dockerd
name=$registry/bench/big:1
"$HALLMARK" pull -q "$name" >/dev/null
"$HALLMARK" save -o "$world/big.tar" "$name"
export DOCKER_HOST=unix://$docker_socket

describe_machine
for round in $(seq 0 "$rounds"); do
  # Round 0 warms the page cache, the engine and the programs, and does not count.
  [ "$round" != 1 ] || : >"$results"
  # What the removal before left to be written would slow whichever comes next.
  sync
  time_it hallmark "$HALLMARK" pull -q --to docker "$name"
  docker rmi -f "$name" >/dev/null
  sync
  time_it docker env DOCKER_CONFIG="$world/docker-cli" "$docker_program" load -q -i "$world/big.tar"
  docker rmi -f "$name" >/dev/null
done
print_medians hallmark docker
verdict "pull --to docker, over docker load" hallmark docker 1.1
read -r _ _ peak <<<"$(python3 bench/measure.py median "$results" hallmark)"
limit "peak memory" "$peak" 64 MiB
echo "load after: $(cut -d' ' -f1 /proc/loadavg)"
sentence=""  # a missed target is told above
exit $missed

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
# shellcheck source=bench/lib.sh
. bench/lib.sh

# Each removes what its own last run wrote just before it starts: fresh memory for the page cache may cost more.
run_hallmark() { rm -rf "$store" && with_trust time_it "$1" "$HALLMARK" pull -q "$2"; }
run_pass() { rm -rf "${world:?}/$1" && mkdir "$world/$1" && time_it "$1" "$hash_and_write" "$2" "$world/$1" "$3" 3; }
run_crane() {
  rm -rf "$crane_folder/pulled"
  SSL_CERT_FILE=${crane_folder#"$crane_root"}/ca.crt \
    time_it "$1" "${crane[@]}" pull --format oci "$2" "${crane_folder#"$crane_root"}/pulled"
}

make_big_image
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

describe_machine
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

labels=(hallmark hallmark-tls pass-unsynced pass-synced pass-tls)
if [ ${#crane[@]} -gt 0 ]; then labels+=(crane crane-tls); fi
print_medians "${labels[@]}"
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
limit "pull of an image that is there, trust checked" "$(milliseconds_of present)" 50 milliseconds

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

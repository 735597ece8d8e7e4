#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# How fast pushing and signing are; bench/README.md tells how to read it.
#
# usage: bench/push.sh [ROUNDS]
#   HALLMARK   the program; default: that of build/
#   CRANE      how crane is started ("crane", "chroot DIR crane"); left out if there is none
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
push_image big bench/source 1
start_notary
"$HALLMARK" pull -q "$registry/bench/source:1" >/dev/null
"$HALLMARK" tag "$registry/bench/source:1" "$registry/bench/big:1"
# What crane pushes lies where it can see it, and is read as often as ours.
if [ ${#crane[@]} -gt 0 ]; then
  mkdir -p "$crane_folder"
  cp -r "$image" "$crane_folder/image"
fi

# A registry that has nothing: its folder is emptied, which it does not keep in memory.
empty_registry() { rm -rf "${registry_data:?}"/*; }
run_hallmark() { empty_registry && time_it hallmark "$HALLMARK" push -q "$registry/bench/big:1"; }
run_crane() { empty_registry && time_it crane "${crane[@]}" push "${crane_folder#"$crane_root"}/image" "$registry/bench/big:1"; }

describe_machine
for round in $(seq 0 "$rounds"); do
  # Round 0 warms the page cache and the programs, and does not count.
  [ "$round" != 1 ] || : >"$results"
  if [ ${#crane[@]} -gt 0 ]; then run_crane; fi
  run_hallmark
  time_it again "$HALLMARK" push -q "$registry/bench/big:1"
done
print_medians hallmark again ${crane[0]:+crane}
if [ ${#crane[@]} -gt 0 ]; then verdict "push to an empty registry, over crane push" hallmark crane 1.1; fi
limit "a second push of the same image" "$(milliseconds_of again)" 100 milliseconds

# A repository with 10,000 tags, which notary began; its keys are the publisher's.
make_image small
push_image small bench/many new
sign small bench/many first
read -r digest bytes <"$world/image-small.root"
python3 bench/many_tags.py "$world/publisher/tuf/$registry/bench/many/changelist" "$digest" "$bytes" 10000
publisher publish "$registry/bench/many"
mkdir -p "$DOCKER_CONFIG/trust/private"
cp "$world/publisher/private/"*.key "$DOCKER_CONFIG/trust/private/"
export NOTARY_ROOT_PASSPHRASE=root-secret NOTARY_TARGETS_PASSPHRASE=targets-secret NOTARY_SNAPSHOT_PASSPHRASE=snapshot-secret
for round in 1 2 3 4 5; do
  push_image small bench/many "new-$round"
  with_trust time_it sign "$HALLMARK" trust sign "$registry/bench/many:new-$round"
done
# Our own time is that of the processor: the rest is the servers'.
read -r _ cpu peak <<<"$(python3 bench/measure.py median "$results" sign)"
limit "signing a tag beside 10,000 others, our own time" "$(awk "BEGIN { print $cpu * 1000 }")" 300 "milliseconds; peak $peak MiB"
echo "load after: $(cut -d' ' -f1 /proc/loadavg)"
sentence=""  # a missed target is told above
exit $missed

# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154  # sourced: by the benches, after the harness of the shell tests
# What the benches share: the big image, timing, and the lines of their reports.
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
  [ -f "$image.root" ] || write_big_image
  ln -s "$image" "$world/image-big"
  ln -s "$image.root" "$world/image-big.root"
}
write_big_image() {
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
milliseconds_of() { python3 bench/measure.py median "$results" "$1" | awk '{ print $1 * 1000 }'; }
print_medians() {
  local label wall cpu peak
  printf '\n%-16s %8s %8s %8s\n' "" "wall s" "CPU s" "peak MiB"
  for label in "$@"; do
    read -r wall cpu peak <<<"$(python3 bench/measure.py median "$results" "$label")"
    printf '%-16s %8s %8s %8s\n' "$label" "$wall" "$cpu" "$peak"
  done
  echo
}
# To be called once the big image is there.
describe_machine() {
  local layers size
  layers=$(manifest_of big | jq '.layers | length') size=$(manifest_of big | jq '[.layers[].size] | add / 1e6 | round')
  echo "image: $layers layers, $size MB compressed; $(nproc) cores; load before: $(cut -d' ' -f1 /proc/loadavg)"
}

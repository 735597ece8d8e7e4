#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every limit is a limit of the whole: an archive and a server ask for more memory than they may have, and get it
# together no more than by one large request.
# shellcheck source=tests/integration/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../integration/lib.sh"
ask="$tests/attack/limits.py"
make() { python3 "$ask" "$@"; }

mkdir "$world/root"
head -c 200000 /dev/urandom >"$world/root/noise"
tar -C "$world/root" -cf "$world/root.tar" noise
name=registry.example/lib/app
expect_status 0 hallmark import "$world/root.tar" $name:1
expect_status 0 hallmark save -o "$world/app.tar" $name:1
# packed FILE MIB: FILE.xz and FILE.zst with headers that ask for such a window.
packed() {
  xz -c <"$1" >"$1.usual.xz"
  zstd -qc <"$1" >"$1.usual.zst"
  for suffix in xz zst; do make window "$1.usual.$suffix" "$2" "$1.$2.$suffix"; done
}
for size in 128 256 1024; do packed "$world/app.tar" $size && packed "$world/root.tar" $size; done
most=64
! ldd "$HALLMARK" | grep libasan >/dev/null || skip "a sanitizer maps more than any limit allows"
peak_is_small() {
  jq -se --argjson most $most 'all(.peak < $most)' "$world/peak" >/dev/null || fail "too much memory: $(cat "$world/peak")"
}
measured() { python3 "$tests/../bench/measure.py" run "$world/peak" peak "$HALLMARK" "$@"; }

it "a window over 128 MiB is refused, whatever the compression and the command"
remember_store
for suffix in 256.xz 1024.xz 256.zst 1024.zst; do
  for command in "verify-bundle $world/app.tar.$suffix" "load -i $world/app.tar.$suffix" \
    "import $world/root.tar.$suffix $name:2"; do
    # shellcheck disable=SC2086
    expect_status 4 measured $command
    says "it asks for a window of $((${suffix%%.*} << 20)) bytes, at most 134217728 are allowed"
    one_line
    store_is_untouched
  done
done
peak_is_small

it "one of a layer in an archive is refused as well"
for size in 128 256; do
  make layer "$world/root.tar.$size.xz" "$world/layer.$size.xz.tar"
  make layer "$world/root.tar.$size.zst" "$world/layer.$size.zst.tar"
done
for kind in xz zst; do
  expect_status 4 hallmark load -i "$world/layer.256.$kind.tar"
  says "a window of 268435456 bytes"
  store_is_untouched
done

it "one of 128 MiB is used, of an archive or of a layer, and of both together no more"
for suffix in 128.xz 128.zst; do
  expect_status 0 hallmark verify-bundle "$world/app.tar.$suffix"
  expect_status 0 hallmark --store "$world/$suffix" import "$world/root.tar.$suffix" $name:2
done
for kind in xz zst; do
  expect_status 0 hallmark --store "$world/$kind.layer" load -i "$world/layer.128.$kind.tar"
  zstd -qc <"$world/layer.128.$kind.tar" >"$world/both.usual.zst"
  make window "$world/both.usual.zst" 128 "$world/both.$kind.zst"
  expect_status 4 hallmark load -i "$world/both.$kind.zst"
  says "beside the window of the archive around it"
  store_is_untouched
done

# What the program maps for itself when it has read an archive: its libraries, its stacks, its first arena.
own=$(make peak "$HALLMARK" load <"$world/app.tar.usual.xz")
[ "$own" -gt 10000 ] || fail "a program of $own KiB"
# within MIB COMMAND...: with so much memory above that.
within() { (ulimit -v $((own + ($1 << 10))) && exec "$HALLMARK" "${@:2}"); }

it "without memory for a window it is this machine that is at fault, not the archive"
remember_store
for suffix in 128.xz 128.zst; do
  for command in "verify-bundle $world/app.tar.$suffix" "load -i $world/app.tar.$suffix" \
    "import $world/root.tar.$suffix $name:2"; do
    # shellcheck disable=SC2086
    expect_status 1 within 64 $command
    says '^hallmark: error: this machine has no more memory$'
    store_is_untouched
  done
done
for kind in xz zst; do
  expect_status 1 within 64 load -i "$world/layer.128.$kind.tar"
  says '^hallmark: error: this machine has no more memory$'
  store_is_untouched
done

it "128 MiB are enough for any archive"
for kind in tiny small values manifests names folders; do
  make archive $kind "$world/$kind.tar"
  gzip -1 <"$world/$kind.tar" >"$world/$kind.tar.gz"
  for file in "$world/$kind.tar" "$world/$kind.tar.gz"; do
    found=0
    within 128 --store "$world/any" load -i "$file" >"$out" 2>"$err" || found=$?
    case $kind:$found in
      tiny:0 | small:0 | folders:0 | manifests:0 | names:4 | values:4) ;;
      *) show_output && fail "status $found for $kind" ;;
    esac
  done
  rm -rf "$world/any"
done
xz -9 -c "$world/app.tar" >"$world/best.xz"
expect_status 0 within 128 --store "$world/any" load -i "$world/best.xz"

it "128 MiB are enough for any server"
python3 "$ask" serve >"$world/serve.log" 2>&1 &
servers+=("$!")
for _ in $(seq 1200); do
  port=$(cat "$world/serve.log")
  [ -z "${port:=}" ] || break
  sleep 0.05
done
[ -n "$port" ] || fail "the registry does not start"
from=localhost:$port/lib
own=$(make pulled "$HALLMARK" --store "$world/first" pull "$from/good:1")
expect_status 0 within 128 pull "$from/good:1"
remember_store
expect_status 4 within 128 pull "$from/values:1"
says "more than 200000 values"
expect_status 4 within 128 pull --all-platforms "$from/many:1"
says "its manifests have more than 8388608 bytes"
for lie in tags links token headers; do
  case $lie in tags | links) words="pull -a $from/$lie" ;; *) words="pull $from/$lie:1" ;; esac
  # shellcheck disable=SC2086
  expect_status 7 within 128 $words
  store_is_untouched
done
expect_status 6 within 128 pull "$from/errors:1"
store_is_untouched

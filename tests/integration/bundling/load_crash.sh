#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A load of two images, interrupted at each call that reads the bundle or touches the store: by kill -9, by a full disk,
# by a failing one. The store then has none of the names or all, and the next load works and leaves no trace of the first.
. "$(dirname "$0")/../lib.sh"
strace -o /dev/null true 2>/dev/null || skip "strace may not trace here"
start_registry plain
start_notary
head -c 5000000 /dev/urandom >"$world/noise"
mkdir "$world/folder" && cp "$world/noise" "$world/folder"
make_image app --folder "$world/folder"
make_image more --mark more
make_image old --mark old
push_image app lib/app 1
push_image more lib/app 2
push_image old lib/old 1
# What stands for a signature of cosign's: any image under that tag.
push_image old lib/app "$(digest_of_image app | tr : -).sig"
sign app lib/app 1
sign more lib/app 2
app=$registry/lib/app
expect_status 0 with_trust hallmark pull -a "$app"
expect_status 0 with_trust hallmark save -o "$world/bundle.tar" "$app:1" "$app:2"
expect_status 0 hallmark bundle ls "$world/bundle.tar"
prints cosign
cat >"$world/policy.json" <<POLICY
{"hallmark": 1, "metadata": {"name": "inner", "serial": 1}, "default": [{"type": "reject"}],
 "stores": {"dct": {"kind": "tuf", "server": "https://127.0.0.1:1",
                    "pins": [{"gun": "$app", "rootKeyIds": ["$(root_key_id lib/app)"]}]}},
 "transports": {"docker": {"$app": [{"type": "tuf", "store": "dct"}], "$registry/lib/old": [{"type": "insecureAcceptAnything"}]}}}
POLICY
export HALLMARK_POLICY=$world/policy.json
# The store before: another image is in it.
export HALLMARK_STORE=$world/before
expect_status 0 hallmark pull "$registry/lib/old:1"
store=$world/store
export HALLMARK_STORE=$store
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0

begin() { rm -rf "$store" && cp -a "$world/before" "$store"; }
load=("$HALLMARK" load -q -i "$world/bundle.tar")
old_names="$registry/lib/old:1 "
new_names="$app:1 $app:2 $registry/lib/old:1 "
# A copied store is hashed again before it vouches: the files of the whole state, without what notes their inodes.
files() { (cd "$store" && find . -type f ! -path './.hallmark/verified' ! -path './.hallmark/lock' | sort); }
begin
"${load[@]}" >"$out" 2>"$err"
files >"$world/after.files"
grep -q staging "$world/after.files" && fail "a load leaves something in quarantine"

# interrupted CALL N HOW
interrupted() {
  local status=0
  begin
  # The group keeps the shell from telling each kill.
  { strace -f -o /dev/null -e "trace=$1" -e "inject=$1:$3:when=$2" "${load[@]}" >"$out" 2>"$err"; } 2>/dev/null || status=$?
  local names
  names=$(names_in_store) || fail "$1 $2 $3: the store cannot be read"
  case $names in
    "$old_names") before=$((before + 1)); [ "$status" != 0 ] || fail "$1 $2 $3: it said done and was not" ;;
    "$new_names") after=$((after + 1)) ;;
    *) fail "$1 $2 $3: some names and not all: $names" ;;
  esac
  if [[ $3 = error=* && $status != 0 ]]; then
    [ "$status" = 1 ] || [ "$status" = 4 ] || fail "$1 $2 $3: status $status: $(cat "$err")"
    one_line
  fi
  "${load[@]}" >"$out" 2>"$err" || fail "$1 $2 $3: the next load fails: $(cat "$err")"
  [ "$(names_in_store)" = "$new_names" ] || fail "$1 $2 $3: the next load made $(names_in_store)"
  files >"$world/files"
  cmp -s "$world/files" "$world/after.files" || fail "$1 $2 $3: $(diff "$world/after.files" "$world/files")"
}

it "a load that is interrupted at any step leaves none of its names or all of them"
before=0 after=0
for call in read openat mkdir flock fallocate pwrite64 pread64 fdatasync fsync link rename unlink unlinkat; do
  begin
  strace -f -y -e "trace=$call" -o "$world/trace" "${load[@]}" >"$out" 2>"$err"
  numbers=$(sed 's/^[0-9]* *//' "$world/trace" | grep "^$call(" | grep -nE "$store|$world/bundle.tar" | cut -d: -f1 || true)
  # Of the many alike that move bytes: the first ones, the last ones, and some between.
  if [ "$(wc -w <<<"$numbers")" -gt 24 ]; then
    numbers=$( (head -n 8 && tail -n 8) <<<"$numbers"; awk 'NR % 12 == 0' <<<"$numbers")
    numbers=$(sort -nu <<<"$numbers")
  fi
  for number in $numbers; do
    interrupted $call "$number" signal=KILL
    # A full disk fails what makes something; a failing one fails anything.
    case $call in
      flock) ;;
      openat | mkdir | fallocate | pwrite64) interrupted $call "$number" "error=$([ $((number % 2)) = 0 ] && echo EIO || echo ENOSPC)" ;;
      *) interrupted $call "$number" error=EIO ;;
    esac
  done
done
[ $before -gt 30 ] && [ $after -gt 0 ] || fail "$before times the old state, $after times the new: too little was interrupted"
echo "$before times the old state, $after times the new"
expect_status 0 hallmark check

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: crash_test.sh COMMIT_DRIVER
#
# Interrupts a commit and a removal at every system call that touches the store: once by killing the process, once by a
# full disk, once by a failing one. After each the store must show the old state or the new one, whole; the next run
# must succeed, and no trace may be left. Then the order of syncs is read from a trace, because killing a process loses
# no pages and does not stand for a power cut.
set -euo pipefail
driver=$(realpath "$1")
command -v strace >/dev/null || { echo "SKIP crash_test: no strace"; exit 77; }
root=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d)
trap 'rm -rf "$root"' EXIT
strace -o /dev/null true 2>/dev/null || { echo "SKIP crash_test: strace may not trace here"; exit 77; }

fail() { echo "FAIL $*" >&2; exit 1; }

blobs() { (cd "$1" && { find blobs -type f 2>/dev/null || true; } | sort); }
state() { "$driver" state "$1" | sort; }

# The names and blobs of a store to which the other image was added after this state.
with_other() { cp -a "$1" "$2"; "$driver" commit "$2" other:1 9; }

# prepare NAME WORDS...: the store before, after, and both with the other image. WORDS: what the driver is asked to do.
prepare() {
  local dir=$root/$1 verb=$2; shift 2
  cp -a "$dir/before" "$dir/after"
  "$driver" "$verb" "$dir/after" "$@"
  with_other "$dir/before" "$dir/before+"
  with_other "$dir/after" "$dir/after+"
  local each
  for each in before after before+ after+; do
    state "$dir/$each" >"$dir/$each.state"
    blobs "$dir/$each" >"$dir/$each.blobs"
    ! grep -q DAMAGE "$dir/$each.state" || fail "$1: the store is damaged without any interruption"
  done
  echo "$verb" "$@" >"$dir/words"
}

# Which calls of a kind touch the store: their numbers among all calls of that kind.
calls() {
  local dir=$root/$1 verb rest
  read -r verb rest <"$dir/words"
  rm -rf "$dir/trace"; cp -a "$dir/before" "$dir/trace"
  # shellcheck disable=SC2086
  strace -f -y -e "trace=$2" -o "$dir/log" "$driver" "$verb" "$dir/trace" $rest
  sed 's/^[0-9]* *//' "$dir/log" | grep "^$2(" | grep -n "$dir/trace" | cut -d: -f1
  rm -rf "$dir/trace"
}

# one NAME CALL N HOW: interrupts and looks.
one() {
  local dir=$root/$1 call=$2 n=$3 how=$4 work verb rest status=0 found
  work=$dir/work-$call-$n-${how//[:=]/-}
  read -r verb rest <"$dir/words"
  cp -a "$dir/before" "$work"
  # The group keeps the shell from telling each kill.
  # shellcheck disable=SC2086
  { strace -f -o /dev/null -e "trace=$call" -e "inject=$call:$how:when=$n" "$driver" "$verb" "$work" $rest \
    >/dev/null 2>"$work.err"; } 2>/dev/null || status=$?
  state "$work" >"$work.state" 2>&1 || fail "$1 $call $n $how: unreadable: $(cat "$work.state")"
  if cmp -s "$work.state" "$dir/after.state"; then found=after
  elif cmp -s "$work.state" "$dir/before.state"; then found=before
  else fail "$1 $call $n $how: neither old nor new: $(cat "$work.state")"; fi
  [ "$status" != 0 ] || [ "$found" = after ] || fail "$1 $call $n $how: it said done and was not"
  case $how in error=*)
    [ "$status" = 0 ] || [ "$status" = 1 ] || [ "$status" = 4 ] || fail "$1 $call $n $how: status $status"
    [ "$status" = 0 ] || [ "$(grep -vc ^hint: "$work.err")" = 1 ] || fail "$1 $call $n $how: $(cat "$work.err")" ;;
  esac
  "$driver" commit "$work" other:1 9 || fail "$1 $call $n $how: the next run fails"
  state "$work" >"$work.state"
  cmp -s "$work.state" "$dir/$found+.state" || fail "$1 $call $n $how: the next run made $(cat "$work.state")"
  blobs "$work" >"$work.blobs"
  cmp -s "$work.blobs" "$dir/$found+.blobs" || fail "$1 $call $n $how: $(diff "$work.blobs" "$dir/$found+.blobs")"
  [ -z "$(ls -A "$work/.hallmark/staging")" ] || fail "$1 $call $n $how: left in staging"
  # Beside these only what was received may wait for another try, where no reader looks.
  [ "$(ls --ignore=kept "$work/.hallmark")" = "$(printf 'lock\nstaging\nverified')" ] || fail "$1 $call $n $how: $(ls "$work/.hallmark")"
  rm -rf "$work" "$work".*
  echo "$found" >>"$dir/found-$call"
}

scenario() {
  local name=$1 call n how list
  for call in openat mkdir flock fallocate pwrite64 fdatasync fsync link rename unlink unlinkat; do
    list=$(calls "$name" "$call" || true)
    for n in $list; do
      one "$name" "$call" "$n" signal=KILL
      # A full disk fails what makes something; a failing one fails anything. By turns: both take the same way out.
      case $call in flock) continue ;; unlink*) how=EIO ;; *) how=$([ $((n % 2)) = 0 ] && echo EIO || echo ENOSPC) ;; esac
      one "$name" "$call" "$n" "error=$how"
    done
  done
  local total after
  total=$(cat "$root/$name"/found-* | wc -l)
  after=$(cat "$root/$name"/found-* | grep -c after || true)
  [ "$total" -gt 20 ] || fail "$name: only $total interruptions"
  [ "$after" -gt 0 ] && [ "$after" -lt "$total" ] || fail "$name: $after of $total complete: nothing was interrupted"
  echo "$name: $total interruptions, $((total - after)) times the old state, $after times the new"
}

mkdir -p "$root"/first/before "$root"/move/before "$root"/shared/before "$root"/remove/before
prepare first commit a:1 1
"$driver" commit "$root/move/before" a:1 1
prepare move commit a:1 2
"$driver" commit "$root/shared/before" a:1 1
prepare shared commit b:1 1
"$driver" commit "$root/remove/before" a:1 1
"$driver" commit "$root/remove/before" b:1 2
prepare remove remove a:1

scenario first & first=$!
(scenario move; scenario shared; scenario remove) & rest=$!
wait $first; wait $rest

# Where a file system has no links or cannot set room aside, all works the same.
for how in link:error=EPERM link:error=EOPNOTSUPP fallocate:error=EOPNOTSUPP fsync:error=EINVAL; do
  for name in first move shared remove; do
    dir=$root/$name
    read -r verb rest <"$dir/words"
    rm -rf "$dir/work"; cp -a "$dir/before" "$dir/work"
    # shellcheck disable=SC2086
    strace -f -o /dev/null -e "trace=${how%%:*}" -e "inject=$how" "$driver" "$verb" "$dir/work" $rest ||
      fail "$name with $how"
    state "$dir/work" | cmp -s - "$dir/after.state" || fail "$name with $how: $(state "$dir/work")"
    blobs "$dir/work" | cmp -s - "$dir/after.blobs" || fail "$name with $how: blobs"
  done
done

# Power cut: each blob synced before its rename, its folder before the index, the index before its rename, the store last.
rm -rf "$root/durable"; mkdir "$root/durable"
strace -f -y -e trace=pwrite64,fdatasync,fsync,rename -o "$root/durable.log" "$driver" commit "$root/durable/s" a:1 1
sed 's/^[0-9]* *//' "$root/durable.log" | awk -v store="$root/durable/s" '
  function path(text) { match(text, /<[^>]*>/); return substr(text, RSTART + 1, RLENGTH - 2) }
  function bad(why) { print "FAIL durability: " why ": " $0; failed = 1; exit 1 }
  /^pwrite64/ { dirty[path($0)] = 1 }
  /^fdatasync/ { delete dirty[path($0)] }
  /^fsync/ { if (path($0) == store "/blobs/sha256") folder = 1; if (path($0) == store && index_named) last = 1
             if (path($0) == store "/blobs") parent = 1 }
  /^rename/ { split($0, quoted, "\""); from = quoted[2]; to = quoted[4]
              if (from in dirty) bad("renamed before it was synced")
              if (index(to, store "/blobs/") == 1) { blobs++; folder = 0 }
              if (to == store "/index.json") { if (!folder || !parent) bad("folder of blobs not synced"); index_named = 1 } }
  END { if (!failed && (blobs != 4 || !last)) { print "FAIL durability: blobs " blobs ", last sync " last; exit 1 } }'
echo "durability: every blob and folder is synced before the index names it"

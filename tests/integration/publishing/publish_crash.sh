#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The first signature of a repository, killed at each call that writes to the publisher's folders or to the network:
# the keys are whole, the trust server has all or nothing, and the same command goes on without a trace of the first.
. "$(dirname "$0")/../lib.sh"
strace -o /dev/null true 2>/dev/null || skip "strace may not trace here"
start_registry plain
start_notary
make_image app
push_image app lib/app 1
export DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE=root-secret DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE=repository-secret
name=$registry/lib/app:1
keys=$DOCKER_CONFIG/trust/private
sign_it=("$HALLMARK" trust sign "$name")
admitted() { env HALLMARK_STORE="$world/reader" DOCKER_CONTENT_TRUST=1 "$HALLMARK" verify "$name" >"$world/reader.out" 2>&1; }
has_root() {
  if [ -d "$directory" ]; then return 1; fi
  curl -sf --cacert "$world/ca.crt" "$notary_server/v2/$registry/lib/app/_trust/tuf/root.json" >/dev/null
}
begin() {
  rm -rf "$DOCKER_CONFIG/trust" "$store" "$world/reader" "$directory"
  curl -sf --cacert "$world/ca.crt" -X DELETE "$notary_server/v2/$registry/lib/app/_trust/tuf/"
}
export DOCKER_CONTENT_TRUST_SERVER=$notary_server
# The leak checker of a sanitized program cannot work under strace.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
directory=$world/directory

# calls CALL: the numbers, among all calls of that kind, of those that touch what $where describes.
calls() {
  begin
  strace -f -y -e "trace=$1" -o "$world/trace" "${sign_it[@]}" >"$out" 2>"$err"
  sed 's/^[0-9]* *//' "$world/trace" | grep "^$1(" | grep -nE "$where" | cut -d: -f1
}

# killed CALL N
killed() {
  begin
  # The group keeps the shell from telling each kill.
  { strace -f -o /dev/null -e "trace=$1" -e "inject=$1:signal=KILL:when=$2" "${sign_it[@]}" >"$out" 2>"$err"; } 2>/dev/null || true
  if [ -d "$keys" ]; then
    "$HALLMARK" trust key ls >"$out" 2>"$err" || fail "$1 $2: the keys cannot be listed"
  fi
  if admitted; then
    after=$((after + 1))
  elif has_root; then
    fail "$1 $2: the trust server has something that nobody accepts: $(cat "$world/reader.out")"
  else
    before=$((before + 1))
  fi
  "${sign_it[@]}" >"$out" 2>"$err" || fail "$1 $2: the same command does not go on: $(cat "$err")"
  rm -rf "$world/reader"
  admitted || fail "$1 $2: what was signed is not accepted: $(cat "$world/reader.out")"
  [ "$(find "$DOCKER_CONFIG/trust" -type f | grep -vc '/private/[0-9a-f]*\.key$')" = 0 ] || fail "$1 $2: something was left"
  [ "$(find "$keys" -name '*.key' | wc -l)" = "$most_keys" ] || fail "$1 $2: keys were left that nobody uses"
}

killed_everywhere() {
  local call number
  before=0 after=0
  for call in openat mkdir fsync fdatasync rename link linkat unlink sendto write; do
    for number in $(calls $call || true); do killed $call "$number"; done
  done
  [ $before -gt 20 ] && [ $after -gt 0 ] || fail "$before times the old state, $after times the new: too little was interrupted"
  echo "$before times the old state, $after times the new"
}

it "a first signature that is killed at any step leaves the old state or the new one"
where="$DOCKER_CONFIG/trust|$store|^(sendto|write)\(.*(TCP|socket):"
most_keys=2  # root and targets; the server has the others
killed_everywhere
it "a file system without nameless files keeps keys all the same"
begin
strace -f -e trace=openat -o "$world/trace" "${sign_it[@]}" >"$out" 2>"$err"
number=$(sed 's/^[0-9]* *//' "$world/trace" | grep "^openat(" | grep -n O_TMPFILE | head -n 1 | cut -d: -f1)
begin
kept() {
  [ "$(find "$DOCKER_CONFIG/trust" -type f -perm 600 -path '*/private/*.key' | wc -l)" = 2 ] || fail "the keys are not kept"
  [ -z "$(find "$DOCKER_CONFIG/trust/private" -name '.*.key.*')" ] || fail "something was left behind"
}
strace -f -o "$world/trace" -e trace=openat,renameat2 -e "inject=openat:error=EOPNOTSUPP:when=$number" "${sign_it[@]}" >"$out" 2>"$err"
kept
# Never by a rename that takes the place of what came meanwhile.
grep -q 'renameat2(.*\.key", RENAME_NOREPLACE) = 0$' "$world/trace"
begin
strace -f -o /dev/null -e trace=openat,renameat2 -e "inject=openat:error=EOPNOTSUPP:when=$number" \
  -e inject=renameat2:error=EINVAL "${sign_it[@]}" >"$out" 2>"$err"
kept
it "a directory instead of a trust server has the old state or the new one, too"
export DOCKER_CONTENT_TRUST_SERVER=file://$directory
where=$directory
most_keys=4
killed_everywhere

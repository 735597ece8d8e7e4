#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Programs that are started come from where PATH says from the root, and learn nothing that opens a signer's keys.
source "$(dirname "$0")/../integration/lib.sh"
command -v docker-registry >/dev/null || skip "no docker-registry is installed"
command -v htpasswd >/dev/null || skip "no htpasswd is installed (package apache2-utils)"
start_registry htpasswd
mkdir "$world/checkout" "$world/bin"
echo "{\"credHelpers\": {\"$registry\": \"x\"}}" >"$DOCKER_CONFIG/config.json"

# program FILE: says that it ran, and with what
program() {
  mkdir -p "$(dirname "$1")"
  printf '#!/bin/sh\nexport -p >"%s"\ntr "\\0" "\\n" <"/proc/$PPID/environ" >"%s"\necho "{\\"Username\\": \\"alice\\", \\"Secret\\": \\"s3cret\\"}"\n' "$world/ran-${1##*/}" "$world/parents" >"$1"
  chmod 755 "$1"
}
program "$world/checkout/docker-credential-x"
program "$world/checkout/bin/docker-credential-x"
program "$world/checkout/ctr"
cd "$world/checkout"
export DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE=topsecret-1 DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE=topsecret-2
export NOTARY_ROOT_PASSPHRASE=topsecret-3 NOTARY_DELEGATION_PASSPHRASE=topsecret-4 NOTARY_AUTH=topsecret-5
has_not_run() { [ ! -e "$world/ran-docker-credential-x" ] || fail "a program of the current folder was run"; }

it "a credential helper of the current folder is not run, but said to be there"
for path in "" : . ./ bin ./bin ../checkout :/usr/bin:/bin .:/usr/bin:/bin /usr/bin::/bin /usr/bin:/bin: /usr/bin:.:/bin; do
  for command in "verify $registry/lib/app:1" "logout $registry"; do
    # shellcheck disable=SC2086
    PATH=$path expect_status 2 "$HALLMARK" $command
    one_line
    says "credential helper docker-credential-x is not in PATH: .*docker-credential-x is there, but nothing is run from a folder"
    has_not_run
  done
  # Nothing asks for the password before the registry does; nothing gets it afterwards.
  PATH=$path expect_status 2 "$HALLMARK" login -u alice -p s3cret "$registry"
  has_not_run
done
env -u PATH "$HALLMARK" verify "$registry/lib/app:1" >"$out" 2>"$err" && fail "it was found without PATH"
says "docker-credential-x is not in PATH"
has_not_run

it "nor is it where a part of PATH leads there by a link, through /proc or another mount of it"
ln -s /proc/self/cwd "$world/link"
ln -s /proc/self "$world/me"
ln -s "$world/link" "$world/far"
mkdir "$world/mount"
parts=("$world/link" "$world/me/cwd" "$world/link/bin" "$world/far/" "$world/me/fd/9" "$world/me/root/$world/checkout" //proc/self/cwd)
if mount -t proc proc "$world/mount" 2>/dev/null; then
  at_end() { umount "$world/mount"; }
  parts+=("$world/mount/self/cwd" "$world/mount/self/cwd/bin")
fi
for part in "${parts[@]}"; do
  PATH=$part:/usr/bin:/bin expect_status 2 "$HALLMARK" verify "$registry/lib/app:1" 9<.
  says "credential helper docker-credential-x is not in PATH: .*docker-credential-x is there, but nothing is run from a folder"
  has_not_run
done

it "nor is a runtime's program"
program "$world/bin/docker-credential-x"
make_image app
push_image app lib/app 1 --user alice:s3cret
for path in "$world/bin" "$world/bin:" ".:$world/bin" "$world/bin:../checkout"; do
  PATH=$path expect_status 1 "$HALLMARK" pull --to containerd "$registry/lib/app:1"
  says "ctr is not in PATH"
  [ ! -e "$world/ran-ctr" ] || fail "a program of the current folder was run"
done
says "\.\./checkout/ctr is there, but nothing is run from a folder that PATH does not name from the root"

it "the one of a folder from the root is run, and gets no passphrase and a PATH from the root"
rm "$world/ran-docker-credential-x"
PATH=.:$world/bin::/usr/bin:bin:/bin: expect_status 5 "$HALLMARK" verify "$registry/lib/app:none"
[ -e "$world/ran-docker-credential-x" ] || fail "the helper was not run"
! grep -q topsecret "$world/ran-docker-credential-x" || fail "it was told a passphrase"
grep -q '^DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE=$' "$world/parents" || fail "it did not read our environment"
! grep -q topsecret "$world/parents" || fail "it can read a passphrase where our environment is"
grep -q "PATH=['\"]$world/bin:/usr/bin:/bin['\"]" "$world/ran-docker-credential-x" || fail "PATH is $(grep PATH= "$world/ran-docker-credential-x")"
grep -q "DOCKER_CONFIG=" "$world/ran-docker-credential-x" || fail "it does not know docker's folder"

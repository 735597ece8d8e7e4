#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# hallmark completion: bash, zsh and fish complete commands, options, platforms and local names.
# shellcheck source=tests/integration/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../integration/lib.sh"
mkdir "$world/bin" "$world/root" && ln -s "$HALLMARK" "$world/bin/hallmark" && export PATH="$world/bin:$PATH"
tar -cf "$world/root.tar" -C "$world" root
for name in localhost:5000/lib/app:1 localhost:5000/lib/app:2 alpine:3; do
  expect_status 0 hallmark import "$world/root.tar" "$name"
done

# What bash offers for a line, one a line.
bash_offers() {
  bash --norc -c 'source <(hallmark completion bash); COMP_LINE=$1 COMP_POINT=${#1}; _hallmark 2>/dev/null
    ((${#COMPREPLY[@]} == 0)) || printf "%s\n" "${COMPREPLY[@]}"' - "$1"
}
fish_offers() { fish --no-config -c 'source (hallmark completion fish | psub); complete -C $argv[1]' "$1" | cut -f 1; }
offers() {
  local shell=$1 line=$2
  shift 2
  diff <(printf '%s\n' "$@") <("${shell}_offers" "$line") >&2 || fail "$shell offers something else for: $line"
}

it "bash completes commands and their groups"
offers bash "hallmark im" image images import
offers bash "hallmark image l" list load ls
offers bash "hallmark trust key lo" load
it "roles, key ids and repositories are completed where a command takes them"
offers bash "hallmark trust rotate t" targets timestamp
offers bash "hallmark trust rotate targets al" alpine
offers bash "hallmark trust rotate --threshold 2 s" snapshot
offers bash "hallmark trust status alp" alpine
offers bash "hallmark trust delegation add targets/" targets/releases
expect_status 0 env DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE=repopass1 "$HALLMARK" trust key generate --dir "$world" dora
dora=$(hallmark trust key ls -q)
offers bash "hallmark trust key export ${dora:0:7}" "$dora"
offers bash "hallmark trust rotate --key ${dora:0:7}" "$dora"
offers bash "hallmark trust delegation add targets/d" targets/dora
offers bash "hallmark trust signer add d" dora
offers bash "hallmark trust sign --role t" targets targets/releases targets/dora
offers bash "hallmark trust renew --role r" root
it "bash completes local names; what stands before a colon is not its to write again"
offers bash "hallmark rmi al" alpine:3
offers bash "hallmark rmi localhost:50" 5000/lib/app:1 5000/lib/app:2
offers bash "hallmark image inspect localhost:5000/lib/app:" 1 2
it "bash completes options and platforms"
offers bash "hallmark pull --plat" --platform
offers bash "hallmark pull --platform linux/arm6" linux/arm64
offers bash "hallmark pull --platform=linux/arm6" linux/arm64
it "a store that is named is the one that is looked at, and one that cannot be read offers nothing"
[ "$(HALLMARK_STORE=$world/none hallmark __complete rmi --store "$store" al)" = $'alpine:3\n:4' ]
[ "$(hallmark __complete rmi --store "$world/none" '')" = ":4" ]
[ "$(hallmark __complete version --store "$store" '')" = ":4" ]
mkdir "$world/odd" && echo '{' >"$world/odd/index.json"
expect_status 0 hallmark __complete rmi --store "$world/odd" ''
[ ! -s "$err" ]
HALLMARK_STORE="" expect_status 0 hallmark __complete rmi ''
[ "$(cat "$out")" = ":4" ]
it "options before the command and their values are understood, in any form, and belong to it"
for before in "--store $store" "--store=$store" "--policy $world/p.json --store $store" \
  "--insecure-policy-perms --store $store" "--store $world/none --store $store"; do
  # shellcheck disable=SC2086
  [ "$(HALLMARK_STORE=$world/none hallmark __complete $before rmi al)" = $'alpine:3\n:4' ] || fail "$before"
  # shellcheck disable=SC2086
  [ "$(hallmark __complete $before image l | cut -f 1 | tr '\n' ' ')" = "list load ls :4 " ] || fail "$before"
done
[ "$(hallmark __complete --store "$world/none" rmi '')" = ":4" ]
[ "$(hallmark __complete --store "$world/none" image inspect --store "$store" al)" = $'alpine:3\n:4' ]
[ "$(hallmark __complete --store '')" = ":0" ]
[ "$(hallmark __complete --registry '')" = ":4" ]
[ "$(hallmark __complete --regi | cut -f 1 | tr '\n' ' ')" = "--registry --registries-conf :4 " ]
offers bash "hallmark --store $store rmi al" alpine:3
offers bash "hallmark --store=$store image inspect localhost:5000/lib/app:" 1 2
offers bash "hallmark --policy $world/p.json im" image images import
it "names of files may stand where a file is read"
[ "$(hallmark __complete load -i '')" = ":0" ]
[ "$(hallmark __complete verify-bundle '')" = ":0" ]
it "whatever was typed, nothing fails"
for words in "" "''" "nope ''" "pull --nope ''" "trust nope ''" "help pu"; do
  # shellcheck disable=SC2086
  eval expect_status 0 hallmark __complete $words
done

command -v fish >/dev/null && command -v zsh >/dev/null || skip "no zsh or no fish; bash is tested"
it "fish completes the same"
offers fish "hallmark im" image images import
offers fish "hallmark rmi localhost:50" localhost:5000/lib/app:1 localhost:5000/lib/app:2
offers fish "hallmark --store $store rmi localhost:50" localhost:5000/lib/app:1 localhost:5000/lib/app:2
HALLMARK_STORE=$world/none offers fish "hallmark --store=$store rmi alp" alpine:3
it "zsh completes the same"
cat >"$world/zsh" <<'END'
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'PS1=; autoload -U compinit; compinit -u -D; source <(hallmark completion zsh); print READY-$((1+1))'
until [[ $seen = *READY-2* ]]; do zpty -r shell piece && seen+=$piece; done
zpty -n -w shell $'print -r -- "<" rmi hallmark ">"\C-u'
zpty -w shell $'hallmark --store STORE inspect alp\t >/dev/null; fc -l -n -1; print DONE-$((1+1))'
until [[ $seen = *DONE-2* ]]; do zpty -r shell piece && seen+=$piece; done
print -r -- "$seen"
END
sed -i "s|STORE|$store|" "$world/zsh"
timeout 60 env HALLMARK_STORE="$world/none" zsh -f "$world/zsh" >"$out" 2>"$err" </dev/null || fail "zsh does not come to an end"
prints "hallmark --store $store inspect alpine:3"

it "no other shell is known"
expect_status 2 hallmark completion tcsh
says "expected bash, zsh or fish"

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The manual page and the program say the same.
. "$(dirname "$0")/lib.sh"
manual=$tests/../docs/hallmark.1.md

it "the manual has a section for each command, and one for nothing else"
diff <(hallmark help | sed -n 's/^  \([a-z][a-z -]*[a-z]\)   *[A-Z].*/\1/p' | sort) \
  <(sed -n 's/^### //p' "$manual" | sed 's/, /\n/g' | sort) >&2 || fail "the commands differ"

it "the manual tells every option of every command"
sed -n 's/^### //p' "$manual" | sed 's/, /\n/g' | while read -r command; do
  case $command in version | help) continue ;; esac
  # shellcheck disable=SC2086
  hallmark $command --help >"$out"
  section=$(sed -n "/^### $command\$/,/^##/p" "$manual")
  # What says "the options of" another command has them.
  case $section in *"the options"*"of \`verify\`"*) section+=$(sed -n "/^### verify\$/,/^##/p" "$manual") ;; esac
  for option in $(grep -oE '^ +(-[a-z], )?--[a-z-]+' "$out" | grep -oE '[-]-[a-z-]+'); do
    case $option in --help | --store | --policy | --registry | --registries-conf | --token-server | --trust-server | --insecure-policy-perms) continue ;; esac
    grep -qF -- "$option" <<<"$section" || fail "the manual does not tell $option of $command"
  done
done

it "the manual tells every exit status that the program has"
for status in $(sed -n 's/^  [a-z]* = \([0-9]*\).*/\1/p' "$tests/../trust/error.h") 143; do
  grep -qE "^\| ([0-9]+, )?$status(, [0-9]+)? \|" "$manual" || fail "the manual does not tell exit status $status"
done

it "each manual page has a name, a description and an example; help and version have no options to give one of"
python3 "$tests/../scripts/make_man.py" "$world/man" 0 "$HALLMARK"
for page in "$world/man"/hallmark-*.1; do
  grep -A 2 '^.SH "NAME"' "$page" | grep -q ' \\- [A-Z]' || fail "${page##*/} has no name"
  sed -n '/^.SH "DESCRIPTION"/,/^.SH/p' "$page" | grep -q '[a-z]' || fail "${page##*/} has no description"
  case $page in */hallmark-help.1 | */hallmark-version.1) continue ;; esac
  grep -A 9 '^.SH "EXAMPLES"' "$page" | grep -q 'hallmark ' || fail "${page##*/} has no example"
done
[ "$(find "$world/man" -name 'hallmark-*.1' | wc -l)" = "$(sed -n 's/^### //p' "$manual" | wc -l)" ] || fail "pages are missing"

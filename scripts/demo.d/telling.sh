# SPDX-License-Identifier: Apache-2.0
# How a demo talks, sourced by each, with the harness of the tests: a private world that is gone at the end.
#
# shellcheck shell=bash
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
began=$SECONDS
# shellcheck source=tests/integration/lib.sh
. tests/integration/lib.sh
it "the demo" >/dev/null

bold="" plain=""
if [ -t 1 ]; then bold=$'\e[1m' plain=$'\e[0m'; fi
heading() { printf '\n%s%s%s\n\n' "$bold" "$1" "$plain"; }
tell() { printf '%s\n' "$@"; }
# shows COMMAND: prints it as it would be typed, runs it, and tells its exit status when that is not 0.
shows() {
  local status=0
  printf '$ %s\n' "$1"
  eval "$1" 2>&1 || status=$?
  [ $status = 0 ] || printf '(exit status %s)\n' $status
  shown=$status
}
must_be() { [ "$shown" = "$1" ] || fail "expected exit status $1, found $shown"; }
# ends TEXT
ends() { heading "$1 ($((SECONDS - began)) s)"; }

# SPDX-License-Identifier: Apache-2.0
# What a day with docker's commands needs, sourced after lib.sh by the tests named daily_*.sh: Docker Hub and Amazon ECR under
# their own names, with nginx in two versions, each for two platforms, so that every command line stands as people type it.
#
# shellcheck shell=bash disable=SC2034,SC2154
. "$(dirname "${BASH_SOURCE[0]}")/../kinds.sh"
ecr=123456789012.dkr.ecr.eu-central-1.amazonaws.com
case $(uname -m) in
  x86_64) machine=amd64 ;;
  aarch64) machine=arm64 ;;
  *) skip "the images of these tests are for amd64 and arm64" ;;
esac
mkdir "$world/bin" "$world/work"
ln -s "$HALLMARK" "$world/bin/hallmark"
PATH=$world/bin:$PATH
cd "$world/work" || exit

# start_hub: nginx:1.25 and nginx:latest are one index, 3 hours old; nginx:1.24 is another, 2 days old.
start_hub() {
  local version platform makers=() one
  local -A age=([1.24]="2 days" [1.25]="3 hours")
  start_kinds registry-1.docker.io auth.docker.io production.cloudflare.docker.com "$ecr"
  for version in 1.24 1.25; do
    for platform in amd64 arm64; do
      make_image "$version-$platform" --small --format docker --platform "linux/$platform" --mark "nginx $version $platform" \
        --created "$(date -u -d "${age[$version]} ago 5 minutes ago" +%FT%TZ)" &
      makers+=("$!")
    done
  done
  for one in "${makers[@]}"; do wait "$one"; done
  for version in 1.24 1.25; do
    make_index "nginx-$version" "$version-amd64" "$version-arm64"
    push_image "nginx-$version" library/nginx "$version"
  done
  push_image nginx-1.25 library/nginx latest
  here=1.25-$machine
}
# typed STATUS LINE: as a person would, pipes and all.
typed() { expect_status "$1" bash -o pipefail -c "$2"; }
# Docker Hub tells anonymous people how many pulls are left, and hallmark that nobody vouches for an image.
without_notes() { grep -vE '^(registry-1\.docker\.io: .* pulls are left|no publisher was verified for)' "$1" || true; }
# printed TEXT...: standard output is exactly these lines. told TEXT...: so is standard error, but for the notes.
printed() { printf '%s\n' "$@" | diff - "$out" >&2 || fail "standard output is something else"; }
told() { without_notes "$err" | diff <([ $# = 0 ] || printf '%s\n' "$@") - >&2 || fail "standard error is something else"; }
silent() {
  prints_nothing
  [ ! -s "$err" ] || { show_output && fail "it is not silent"; }
}
# refused STATUS LINE REGEX: one error that is like this, and nothing on standard output.
refused() {
  typed "$1" "$2"
  prints_nothing
  one_line
  says "^hallmark: error: $3"
}
short() { local hex=${1#sha256:}; echo "${hex:0:12}"; }

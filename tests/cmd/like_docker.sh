#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What images, inspect and rmi print of an image is what a docker engine prints of the same image.
# shellcheck source=tests/integration/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../integration/lib.sh"

start_dockerd
start_registry plain
r=$registry

mkdir "$world/context"
echo content >"$world/context/file"
cat >"$world/context/Dockerfile" <<'END'
FROM scratch
COPY file /file
COPY file /folder/file
ENV A=b C="d <e> & \"f\""
EXPOSE 80/tcp 443/udp
VOLUME /data
WORKDIR /work
USER 1000
LABEL org.example.é="<&>" b="2"
HEALTHCHECK --interval=5s CMD ["/bin/true"]
STOPSIGNAL SIGINT
SHELL ["/bin/sh", "-e"]
ENTRYPOINT ["/bin/sh"]
CMD ["-c", "true"]
MAINTAINER somebody
ONBUILD RUN echo
END
DOCKER_BUILDKIT=0 docker build -q -t "$r/lib/rich:1" "$world/context" >/dev/null
for name in lib/rich:2 other/rich:1; do docker tag "$r/lib/rich:1" "$r/$name"; done
for name in lib/rich:1 lib/rich:2 other/rich:1; do docker push -q "$r/$name" >/dev/null; done
id=$(docker images -q --no-trunc "$r/lib/rich:1")
make_image plain --mark plain
push_image plain lib/plain 1
docker rmi -f "$id" >/dev/null

pull_both() {
  local name
  for name; do
    docker pull -q "$r/$name" >/dev/null
    expect_status 0 hallmark pull -q "$r/$name"
  done
}
# Whether both print the same, up to the seconds in between and to what is a matter of either: how much room files
# take, and in which order names of one image stand.
comparable() { sed -E 's/ +[0-9.]+[kMG]?B$//; s/(Less than a|[0-9]+) seconds? ago *$/moments ago/' | LC_ALL=C sort; }
same() {
  local try
  # An image that gets a second older between the two makes the column wider.
  for try in 1 2 3 4 5; do
    docker "$@" 2>/dev/null | comparable >"$world/docker.out"
    "$HALLMARK" "$@" 2>"$err" | comparable >"$out"
    ! diff "$world/docker.out" "$out" >"$world/difference" || return 0
  done
  cat "$world/difference" >&2
  fail "docker $* prints something else after $try tries"
}

pull_both lib/rich:1 lib/rich:2 other/rich:1 lib/plain:1

it "images prints the same table"
same images -q
same images "$r/lib/rich:1"
same images --digests "$r/*/rich"
same images --no-trunc "$r/lib/*:1"
same images "$r/lib/rich@$(docker images --digests --format '{{.Digest}}' "$r/lib/rich:1")"
same images nosuch

it "inspect prints the same JSON, but for docker's own storage"
# The text itself is compared, without what follows from how docker keeps layers and what no document says.
text_of() {
  jq --indent 4 'map(del(.GraphDriver, .Metadata, .Size, .VirtualSize))' "$1"
}
for name in "$id" "$r/lib/rich:2"; do
  docker image inspect "$name" >"$world/docker.json"
  expect_status 0 hallmark inspect "$name"
  diff <(text_of "$world/docker.json") <(text_of "$out") >&2 || fail "docker inspect prints something else"
done
docker image inspect "$r/lib/plain:1" >"$world/docker.json"
expect_status 0 hallmark inspect "$r/lib/plain:1"
# docker 20.10 fills in empty values where a document has no build container.
diff <(text_of "$world/docker.json" | jq 'map(del(.Container, .ContainerConfig))') <(text_of "$out" | jq .) >&2 ||
  fail "docker inspect prints something else"

it "rmi untags the same names"
untagged() {
  docker rmi "$@" 2>/dev/null | grep '^Untagged' >"$world/docker.out" || true
  "$HALLMARK" rmi "$@" 2>"$err" | grep '^Untagged' >"$out" || true
  diff "$world/docker.out" "$out" >&2 || fail "docker rmi $* untags other names"
}
untagged "$r/lib/rich:1"
untagged "${id:7:12}"
untagged "$r/lib/rich:2"
pull_both lib/rich:1
untagged -f "${id:7:12}"
pull_both "lib/plain@$(digest_of_image plain)"
untagged nosuch "$r/lib/plain:1"
same images

it "a group of commands tells what is in it"
for words in "trust" "trust --help" "trust key" "trust key -h" "help trust" "policy"; do
  # shellcheck disable=SC2086
  expect_status 0 hallmark $words
  prints "^Commands:"
done
prints "^  policy check  "
expect_status 2 hallmark --store
says "no command after --store"
it "help and version are told behind other options too"
expect_status 0 hallmark --store "$world/store" --help
prints "^Usage:  hallmark \[OPTIONS\] COMMAND$"
expect_status 0 hallmark --store "$world/store" --version
prints "^hallmark "
expect_status 0 hallmark --store "$world/store" --help images
prints "^Usage:  hallmark images "
it "but not where they are the value of another option, or where another is wrong"
for words in "--policy -v" "--nonsense --help" "--nonsense --version" "--policy -v pull x" \
  "--policy --help pull x" "--quiet --version images" "--store $world/store --version images"; do
  # shellcheck disable=SC2086
  expect_status 2 hallmark $words
  [ ! -s "$out" ] || fail "hallmark $words printed something"
done
expect_status 2 hallmark trust nothing
says "unknown command: trust nothing"

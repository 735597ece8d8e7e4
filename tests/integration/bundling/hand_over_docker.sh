#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the gate admitted is given to the real docker, and only that; docker then has just that image under the name.
. "$(dirname "$0")/../lib.sh"
start_registry plain
start_notary
start_dockerd
make_image app --folder /usr/share/doc/bash
make_image other --mark other
make_image foreign --platform linux/s390x --mark foreign
make_index multi app foreign
push_image app lib/app 1
push_image other lib/app unsigned
push_image multi lib/multi 1
sign app lib/app 1
export DOCKER_HOST=unix://$docker_socket
app=$registry/lib/app
ids() { docker images -aq --no-trunc | sort -u; }

it "a signed image is pulled and docker has it, under its name and with its id"
expect_status 0 with_trust hallmark pull --to docker "$app:1"
says "docker at $docker_socket: has $app:1"
[ "$(docker image inspect -f '{{.Id}}' "$app:1")" = "$(config_of app)" ]
[ "$(names_in_store)" = "$app:1 " ]
it "what is there already is not sent"
expect_status 0 with_trust hallmark pull --to docker "$app:1"
says "is already there"
it "a refused image never reaches docker"
before=$(ids)
expect_status 3 with_trust hallmark pull --to docker "$app:unsigned"
[ "$(ids)" = "$before" ]
it "another image that has the name in docker gives way to the one that was admitted"
expect_status 0 hallmark pull "$app:unsigned"
expect_status 0 hallmark save -o "$world/other.tar" "$app:unsigned"
docker load -q -i "$world/other.tar" >/dev/null
docker tag "$app:unsigned" "$app:1"
expect_status 0 with_trust hallmark pull --to docker "$app:1"
[ "$(docker image inspect -f '{{.Id}}' "$app:1")" = "$(config_of app)" ]
it "of an index docker gets this machine's image, or the one that was asked for"
expect_status 0 hallmark pull --all-platforms --to docker "$registry/lib/multi:1"
[ "$(docker image inspect -f '{{.Id}}' "$registry/lib/multi:1")" = "$(config_of app)" ]
expect_status 0 hallmark pull --platform linux/s390x --to docker "$registry/lib/multi:1"
[ "$(docker image inspect -f '{{.Id}}' "$registry/lib/multi:1")" = "$(config_of foreign)" ]
it "an image that is asked for by its digest has no name in docker, but is there"
docker rmi -f "$(config_of app)" >/dev/null
expect_status 0 with_trust hallmark pull --to docker "$app@$(digest_of_image app)"
[ "$(docker image inspect -f '{{.RepoTags}}' "$(config_of app)")" = "[]" ]
it "load hands over as well, and what it refuses stays away"
docker rmi -f "$(config_of other)" >/dev/null
before=$(ids)
expect_status 3 with_trust hallmark load --to docker -i "$world/other.tar"
[ "$(ids)" = "$before" ]
expect_status 0 hallmark load --to docker -i "$world/other.tar"
[ "$(docker image inspect -f '{{.Id}}' "$app:unsigned")" = "$(config_of other)" ]

it "docker's context says where docker is: the one that was chosen, or that of DOCKER_CONTEXT"
context() { env -u DOCKER_HOST "$docker_program" context "$@" >/dev/null; }
without_host() { with_trust env -u DOCKER_HOST "$@"; }
context create here --docker "host=unix://$docker_socket"
context create away --docker "host=unix://$world/nobody.sock"
context create far --docker "host=tcp://localhost:2375"
expect_status 0 without_host DOCKER_CONTEXT=here "$HALLMARK" pull --to docker "$app:1"
says "docker at $docker_socket: "
context use here
expect_status 0 without_host "$HALLMARK" pull --to docker "$app:1"
says "docker at $docker_socket: "
expect_status 7 without_host DOCKER_CONTEXT=away "$HALLMARK" pull --to docker "$app:1"
says "docker at $world/nobody.sock: "
expect_status 2 without_host DOCKER_CONTEXT=far "$HALLMARK" pull --to docker "$app:1"
says "docker context far: expected unix:///PATH, found tcp://localhost:2375$"
expect_status 2 without_host DOCKER_CONTEXT=gone "$HALLMARK" pull --to docker "$app:1"
says "docker has no context \"gone\": "
one_line
echo '{"Name": "away", "Endpoints": []}' >"$(grep -l '"away"' "$DOCKER_CONFIG"/contexts/meta/*/meta.json)"
expect_status 2 without_host DOCKER_CONTEXT=away "$HALLMARK" pull --to docker "$app:1"
one_line
says "^hallmark: error: $DOCKER_CONFIG/contexts/meta/[0-9a-f]{64}/meta.json: "
[ "$(grep -o meta.json "$err" | wc -l)" = 1 ]
echo '{"Name": "away", "Endpoints": {}}' >"$(grep -l '"away"' "$DOCKER_CONFIG"/contexts/meta/*/meta.json)"
expect_status 2 without_host DOCKER_CONTEXT=away "$HALLMARK" pull --to docker "$app:1"
says "/meta.json: the context has no endpoint of docker$"
echo '{"Name": "away", "Endpoints": {"docker": {"Host": "unix:///a\u0000b"}}}' \
  >"$(grep -l '"away"' "$DOCKER_CONFIG"/contexts/meta/*/meta.json)"
expect_status 2 without_host DOCKER_CONTEXT=away "$HALLMARK" pull --to docker "$app:1"
expect_status 0 env DOCKER_CONTEXT=gone "DOCKER_HOST=unix://$docker_socket" "$HALLMARK" pull --to docker "$app:1"
context use default

it "an engine that is away is status 7, and the image stays in the store"
rm -rf "$store"
DOCKER_HOST=unix://$world/nobody.sock expect_status 7 with_trust hallmark pull --to docker "$app:1"
one_line
says "$app:1 is in the local store, but not handed over: docker at $world/nobody.sock: it cannot be reached: "
says "^hint: .*DOCKER_HOST or DOCKER_CONTEXT names another one$"
it "each of its errors names the engine once: no socket, a path that is too long"
: >"$world/file"
for place in "$world" "$world/file"; do
  DOCKER_HOST=unix://$place expect_status 7 with_trust hallmark pull --to docker "$app:1"
  one_line
  says "not handed over: docker at $place: expected a socket, found something else there$"
done
DOCKER_HOST=unix:///tmp/$(printf '%0120d' 0) expect_status 2 with_trust hallmark pull --to docker "$app:1"
says "DOCKER_HOST: expected the path of a socket, at most 107 bytes, found 125$"
[ "$(names_in_store)" = "$app:1 " ]
it "an engine on another machine is refused before anything happens"
rm -rf "$store"
DOCKER_HOST=tcp://localhost:2375 expect_status 2 hallmark pull --to docker "$app:1"
says "^hint: .*Unix socket"
expect_status 2 hallmark pull --to rkt "$app:1"
store_is_empty
it "an engine that says it has something else is not believed to have the image"
python3 "$tests/support/lying_engine.py" "$world/liar.sock" >"$world/liar.log" 2>&1 &
servers+=("$!")
for _ in $(seq 1200); do [ ! -S "$world/liar.sock" ] || break && sleep 0.05; done
DOCKER_HOST=unix://$world/liar.sock expect_status 4 with_trust hallmark pull --to docker "$app:1"
says "not handed over: docker at $world/liar.sock: expected $(config_of app) .*found sha256:0000"
one_line
DOCKER_HOST=unix://$world/liar.sock expect_status 1 hallmark pull --to docker "$app:unsigned"
says "not handed over: docker at $world/liar.sock: it does not take the image: no space left$"
says "^hint: its own log may say more"
one_line
[ "$(names_in_store)" = "$app:1 $app:unsigned " ]

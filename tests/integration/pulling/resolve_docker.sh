#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The real docker builds by a Dockerfile that was pinned, and takes what was pinned, not what the tag has become.
. "$(dirname "$0")/../lib.sh"
start_registry plain
start_notary
start_dockerd
make_image app --format docker
make_image other --format docker --mark other
make_image tools --format docker --mark tools
push_image app lib/app 1
push_image tools lib/tools latest
sign app lib/app 1
sign tools lib/tools latest
project=$world/project
mkdir "$project"
cat >"$project/Dockerfile" <<END
# a comment
FROM $registry/lib/\\
  # in the middle
app:1 AS base
END
# builds 0|1: docker builds, by its old builder or by BuildKit; prints the mark in the image.
builds() {
  DOCKER_BUILDKIT=$1 docker build --no-cache -t "built:$1" "$project" >"$world/build-$1.log" 2>&1
  docker save "built:$1" >"$world/built.tar"
  rm -rf "$world/built" && mkdir "$world/built"
  tar -C "$world/built" -xf "$world/built.tar"
  local layer
  jq -r '.[0].Layers[]' "$world/built/manifest.json" | while read -r layer; do
    tar -xOf "$world/built/$layer" etc/mark 2>/dev/null || true
  done | tail -n 1
}

it "a name that docker reads over two lines is read so here, and is not pinned in place"
expect_status 0 with_trust hallmark resolve --dockerfile "$project/Dockerfile"
[ "$(cat "$out")" = "$registry/lib/app@$(digest_of_image app)" ]
expect_status 2 with_trust hallmark resolve --rewrite "$project/Dockerfile"
[ "$(builds 0)" = hallmark ]
it "docker builds by the pinned file"
printf 'FROM %s:1 AS base\nFROM base\nCOPY --from=%s /etc/mark /etc/mark\n' "$registry/lib/app" "$registry/lib/tools" >"$project/Dockerfile"
expect_status 0 with_trust hallmark resolve --rewrite "$project/Dockerfile"
[ "$(builds 0)" = tools ]
it "and goes on to take what was pinned when the tag is moved"
push_image other lib/app 1
push_image other lib/tools latest
docker image prune -af >/dev/null
[ "$(builds 0)" = tools ]
it "so does BuildKit"
docker image prune -af >/dev/null
[ "$(builds 1)" = tools ]

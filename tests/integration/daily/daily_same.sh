#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A day with docker's commands, typed twice: to a real docker engine, and to hallmark in docker's place.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/daily.sh"
start_hub
start_notary
export no_proxy=localhost
start_dockerd
export DOCKER_CONTENT_TRUST_SERVER=$notary_server
cat >"$world/bin/docker" <<WRAPPER
#!/bin/sh
DOCKER_CONFIG=$world/docker-cli exec "$docker_program" -H "unix://$docker_socket" "\$@"
WRAPPER
chmod +x "$world/bin/docker"

# both FILTER LINE: typed with "docker" and with "hallmark"; FILTER is a command that drops from standard output what differs
# for a reason that docs/docker.md gives. Either both succeed or both fail.
both() {
  local one
  for one in docker hallmark; do
    echo 0 >"$world/$one.status"
    bash -o pipefail -c "${2//COMMAND/$one}" >"$world/$one.out" 2>"$world/$one.err" || echo 1 >"$world/$one.status"
  done
  if ! diff "$world/docker.status" "$world/hallmark.status" || ! diff <($1 <"$world/docker.out") <($1 <"$world/hallmark.out"); then
    cat "$world/docker.err" "$world/hallmark.err"
    fail "not the same: $2"
  fi >&2
}
# Progress, warnings and the first line go to standard error, the result to standard output.
result() { grep -E '^(Digest|Status): |^docker\.io/' || true; }
# Sizes are the bytes of the files there, and those of the tars here.
no_size() { sed -E 's/ +[0-9.]+k?B *$//; s/ +SIZE( +COMMENT)? *$//' | sort; }

it "pull nginx, nginx:1.25, again, with -q, for another platform, and what is not there"
both result 'COMMAND pull nginx'
both result 'COMMAND pull nginx'
both result 'COMMAND pull nginx:1.25'
both result 'COMMAND pull nginx:1.24'
both cat 'COMMAND pull -q nginx:1.25'
both result 'COMMAND pull nginx 2>&1 | cat'
both result 'COMMAND pull nginx:9'
both result 'COMMAND pull nosuch'
both result 'COMMAND pull --platform linux/riscv64 nginx:1.24'
both result 'COMMAND pull NGINX'

it "images, --no-trunc, --format, --filter"
both no_size 'COMMAND images'
both no_size 'COMMAND image ls --no-trunc'
both no_size 'COMMAND images --format "table {{.Repository}}\t{{.Tag}}\t{{.Size}}"'
both no_size 'COMMAND images --filter before=nginx:1.25'
both no_size 'COMMAND images --filter dangling=true'
both no_size 'COMMAND images --filter before=nosuch'
both no_size 'COMMAND images --filter nope=1'
both sort 'COMMAND images -q'

it "tag, login, push, rmi"
both cat 'COMMAND tag nginx:1.25 alice/nginx:1.25'
both cat "COMMAND tag nginx:1.25 $registry/nginx:1.25"
both cat "COMMAND tag nginx:1.25 $ecr/team/ecr:1.25"
both cat 'COMMAND tag nosuch alice/nosuch:1'
both cat 'echo wrong | COMMAND login -u alice --password-stdin'
both cat 'echo dckr_pat_secret | COMMAND login -u alice --password-stdin'
both cat "echo aws-password | COMMAND login --username AWS --password-stdin $ecr"
both no_size 'COMMAND images alice/nginx'
# docker sends one platform of what it pulled, hallmark the index that was signed: docs/docker.md.
expect_status 0 hallmark pull -q --all-platforms nginx:1.25
for name in alice/nginx "$registry/nginx" "$ecr/team/ecr"; do
  expect_status 0 hallmark tag nginx:1.25 "$name:1.25"
  both true "COMMAND push $name:1.25"
  both cat "COMMAND push -q $name:1.25"
done
both true 'COMMAND push alice/nosuch'
both cat 'COMMAND rmi nosuch'
both cat "COMMAND rmi $(short "$(config_of "$here")")"

it "history, manifest inspect, image inspect"
both no_size 'COMMAND history nginx'
both no_size 'COMMAND history --no-trunc nginx'
both cat 'COMMAND history nosuch'
both 'jq -S' 'COMMAND manifest inspect nginx:1.25'
both cat 'COMMAND manifest inspect nginx:9'
both 'jq .[].Descriptor' 'COMMAND manifest inspect -v nginx:1.25'
both 'jq .[]|{Id,RepoDigests,Config,RootFS,Created}' 'COMMAND image inspect nginx:1.24'
both cat 'COMMAND image inspect nosuch'

it "save and load, each of the other's archive"
both true 'COMMAND save -o COMMAND.tar nginx:1.24'
both true 'COMMAND save nginx:1.24 | gzip > COMMAND.tar.gz'
both cat 'COMMAND save -o no.tar nosuch'
both cat 'COMMAND save -o /nodir/no.tar nginx'
both sort 'COMMAND rmi nginx:1.24 | grep Untagged'
both cat 'COMMAND load -i hallmark.tar'
both cat 'COMMAND load < docker.tar.gz'
both cat 'COMMAND load < hallmark.tar.gz'
both cat 'COMMAND load -i nosuch.tar'
both no_size 'COMMAND images nginx'

it "image prune, -f, -a"
both true 'echo n | COMMAND image prune'
both cat 'COMMAND image prune -f'
both cat 'COMMAND image prune -a -f | grep -E "^(Deleted Images|untagged: [^@]*$)" | sort'
both cat 'COMMAND images'

it "DOCKER_CONTENT_TRUST=1 pull"
registry=docker.io sign nginx-1.25 library/nginx 1.25
both true 'DOCKER_CONTENT_TRUST=1 COMMAND pull nginx:1.25'
both true 'DOCKER_CONTENT_TRUST=1 COMMAND pull nginx:1.24'
both true 'DOCKER_CONTENT_TRUST=1 COMMAND pull app:1'
both no_size 'COMMAND images --format "{{.Repository}} {{.Tag}} {{.ID}}"'

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A day with docker's commands: tag, login, push and rmi, for a user of Docker Hub, a registry on a port, and Amazon ECR.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/daily.sh"
start_hub
port=$registry
expect_status 0 hallmark pull -q nginx:1.24
expect_status 0 hallmark pull -q --all-platforms nginx:1.25
new=$(config_of "$here") digest=$(digest_of_image nginx-1.25)

it "hallmark tag: a user, a port, a repository of Amazon ECR"
for line in "hallmark tag nginx:1.25 alice/nginx:1.25" "hallmark tag nginx:1.25 $port/nginx:1.25" \
  "hallmark image tag nginx:1.25 $ecr/team/ecr:1.25" "hallmark tag $(short "$new") alice/nginx:latest"; do
  typed 0 "$line"
  silent
done
typed 0 'hallmark images --format "{{.Repository}}:{{.Tag}} {{.ID}}"'
sort "$out" | diff <(printf "%s $(short "$new")\n" alice/nginx:1.25 alice/nginx:latest "$port/nginx:1.25" "$ecr/team/ecr:1.25" nginx:1.25 | sed \
  "\$a nginx:1.24 $(short "$(config_of "1.24-$machine")")" | sort) - || fail "other names"

it "hallmark tag refuses what is not there and what is no name"
remember_store
refused 5 'hallmark tag nosuch alice/nosuch:1' "no such image: nosuch:latest$"
refused 2 'hallmark tag nginx:1.25 Alice/nginx:1' "invalid reference format: .* must be lowercase"
refused 2 'hallmark tag nginx:1.25 "alice/x:y z"' ""
refused 2 'hallmark tag nginx:1.25' ""
store_is_untouched

it "hallmark push without a login is refused, and nothing is there afterwards"
refused 6 'hallmark push alice/nginx:1.25' "alice/nginx: .*access denied without credentials"
says "^hint: log in with: hallmark login "
[ ! -e "$registry_data/docker/registry/v2/repositories/alice" ] || fail "something was pushed"

it "hallmark login, with a wrong password and the right one"
refused 6 'echo wrong | hallmark login -u alice --password-stdin' "login to docker.io: .*incorrect username or password"
[ ! -e "$DOCKER_CONFIG/config.json" ] || fail "a wrong password was kept"
typed 0 'echo dckr_pat_secret | hallmark login -u alice --password-stdin'
printed "Login Succeeded"
typed 0 "echo aws-password | hallmark login --username AWS --password-stdin $ecr"
printed "Login Succeeded"
jq -e --arg ecr "$ecr" '.auths | keys == [$ecr, "https://index.docker.io/v1/"]' "$DOCKER_CONFIG/config.json" >/dev/null || fail "other keys"
[ "$(stat -c %a "$DOCKER_CONFIG/config.json")" = 600 ] || fail "others may read it"

it "hallmark push: to a user, to a port, to Amazon ECR"
tail_line="1.25: digest: $digest size: $(size_of_image nginx-1.25)"
pushes() {
  typed 0 "$1"
  printed "$tail_line"
  sed 1q "$err" | diff <(echo "The push refers to repository [$2]") - || fail "it does not say where"
  sed 1d "$err" | grep -vxE "[0-9a-f]{12}: $3" >"$world/others" || true
  [ "$(sed 1d "$err" | wc -l)" = 3 ] && [ ! -s "$world/others" ] || { show_output && fail "not three layers: $3"; }
}
pushes 'hallmark push alice/nginx:1.25' docker.io/alice/nginx "Mounted from library/nginx"
pushes "hallmark push $port/nginx:1.25" "$port/nginx" Pushed
pushes "hallmark push $port/nginx:1.25" "$port/nginx" "Layer already exists"
pushes "hallmark image push $ecr/team/ecr:1.25" "$ecr/team/ecr" Pushed
typed 0 'hallmark push -q alice/nginx:1.25'
printed docker.io/alice/nginx:1.25
for name in alice/nginx "$port/nginx" "$ecr/team/ecr"; do
  expect_status 0 hallmark --store "$world/other" pull --all-platforms "$name:1.25"
  prints "^Digest: $digest$"
done

it "hallmark push refuses what is not here, and an index of which a platform is missing"
refused 5 'hallmark push alice/nosuch' "An image does not exist locally with the tag: alice/nosuch:latest$"
expect_status 0 hallmark tag nginx:1.24 alice/partial:1
refused 5 'hallmark push alice/partial:1' "alice/partial:1: the index lists images that are not in the store: linux/"
says "^hint: pull it with --all-platforms$"
[ ! -e "$registry_data/docker/registry/v2/repositories/alice/partial" ] || fail "something was pushed"

it "hallmark rmi: names first, and bytes with the last of them"
typed 0 'hallmark rmi alice/nginx:latest'
printed "Untagged: alice/nginx:latest"
typed 0 'hallmark rmi alice/nginx:1.25 alice/partial:1'
printed "Untagged: alice/nginx:1.25" "Untagged: alice/nginx@$digest" "Untagged: alice/partial:1" \
  "Untagged: alice/partial@$(digest_of_image nginx-1.24)"
refused 1 "hallmark rmi $(short "$new")" ".*must be forced\) - image is referenced in multiple repositories$"
typed 0 "hallmark rmi $port/nginx:1.25 $ecr/team/ecr:1.25"
typed 0 'hallmark image rm nginx:1.25'
head -n 2 "$out" | diff <(printf '%s\n' "Untagged: nginx:1.25" "Untagged: nginx@$digest") - || fail "other names"
for part in amd64 arm64; do prints "^Deleted: $(config_of 1.25-$part)$" && prints "^Deleted: $(layer_of 1.25-$part 0)$"; done
! grep -q "$(layer_of "1.24-$machine" 1)" "$out" || fail "a layer went that another image needs"
[ "$(names_in_store)" = "nginx:1.24 " ] || fail "the store has: $(names_in_store)"
expect_status 0 hallmark check

it "hallmark rmi of what is not here is an error, and removes what is"
refused 5 'hallmark rmi nosuch' "no such image: nosuch:latest$"
typed 5 'hallmark rmi nosuch nginx:1.24'
prints "^Untagged: nginx:1.24$"
says "no such image: nosuch:latest"
[ -z "$(names_in_store)" ] || fail "the store has: $(names_in_store)"
[ -z "$(ls "$store/blobs/sha256")" ] || fail "blobs are left"

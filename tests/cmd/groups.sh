#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Docker's group names, and hallmark as a plugin of docker's command line.
# shellcheck source=tests/integration/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../integration/lib.sh"
start_registry plain
make_image app --mark app
push_image app lib/app 1
app=$registry/lib/app

it "the commands of the group are the commands"
expect_status 0 hallmark image pull -q "$app:1"
expect_status 0 hallmark image tag "$app:1" "$app:2"
expect_status 0 hallmark image push -q "$app:2"
expect_status 0 hallmark image ls -q
expect_status 0 hallmark image list -q
[ "$(sort -u "$out")" = "$(config_of app | cut -c 8-19)" ]
expect_status 0 hallmark image inspect "$app:1"
hallmark image save "$app:1" >"$world/app.tar"
expect_status 0 hallmark image rm "$app:1"
expect_status 0 hallmark image remove "$app:2"
expect_status 0 hallmark image load -i "$world/app.tar"
prints "^Loaded image: $app:1$"
tar -cf "$world/root.tar" -C /usr/share/doc bash
expect_status 0 hallmark image import "$world/root.tar" "$app:3"

it "a group lists what it has, and what it has not is refused"
expect_status 0 hallmark image
prints "^  image pull "
expect_status 0 hallmark image pull --help
prints "^Usage:  hallmark pull"
expect_status 0 hallmark help image rm
prints "^Usage:  hallmark rmi"
expect_status 2 hallmark image nope
expect_status 2 hallmark image pul x
says 'did you mean "hallmark image pull"'

it "docker finds it as a plugin, and says what it is"
command -v docker >/dev/null || skip "no docker"
plugins=$world/docker-config/cli-plugins
mkdir -p "$plugins" && ln -s "$HALLMARK" "$plugins/docker-hallmark"
plugged() { DOCKER_CONFIG=$world/docker-config command docker "$@"; }
expect_status 0 plugged help
prints "hallmark\* .*Content trust for container images"
expect_status 0 plugged hallmark version
prints "^hallmark [0-9]"

expect_status 0 plugged help hallmark
prints "^Usage:  hallmark"

it "its commands, outputs and exit statuses are the same then"
expect_status 0 plugged hallmark pull -q "$app:1"
expect_status 0 plugged hallmark images
prints "^$app  *1 "
expect_status 0 plugged hallmark image inspect "$app:1"
expect_status 5 plugged hallmark inspect "$app:nope"
expect_status 2 plugged hallmark nope
expect_status 0 plugged hallmark
prints "^Usage:  hallmark"

it "of docker's own options those that only say how much docker tells are taken, and --config is obeyed"
for options in -D --debug --debug=true "-l info" -linfo "--log-level debug" --log-level=warn "-Dl hallmark"; do
  # shellcheck disable=SC2086
  expect_status 0 "$plugins/docker-hallmark" $options hallmark images
  prints "^$app  *1 "
done
expect_status 0 plugged -D -l info hallmark images -q
mkdir "$world/other" && echo '{"imagesFormat": "<{{.Tag}}>"}' >"$world/other/config.json"
mkdir "$world/other/cli-plugins" && ln -s "$HALLMARK" "$world/other/cli-plugins/docker-hallmark"
for options in "--config $world/other" "-D --config=$world/other"; do
  # shellcheck disable=SC2086
  expect_status 0 plugged $options hallmark images
  prints "^<1>$"
done
expect_status 0 plugged -D help hallmark
prints "^Usage:  hallmark"

it "those that name an engine would be lost, and are refused with what there is instead"
for option in "-H tcp://127.0.0.1:2375" "--host=unix:///nowhere/docker.sock"; do
  # shellcheck disable=SC2086
  expect_status 2 plugged $option hallmark images
  one_line
  says "docker's own option --host means nothing"
  says "^hint: .*DOCKER_HOST=unix:///PATH.* --to docker"
done
for option in "-c default" "--context default"; do
  # shellcheck disable=SC2086
  expect_status 2 plugged $option hallmark images
  says "^hint: .*DOCKER_CONTEXT names the docker that --to docker"
done
for option in --tls --tlsverify "--tlscacert x" --tlskey=x; do
  # shellcheck disable=SC2086
  expect_status 2 "$plugins/docker-hallmark" $option hallmark images
  says "^hint: .*docker's engine"
done

expect_status 0 "$plugins/docker-hallmark" --tls=False --tlsverify=0 images -q

it "the plugin's program alone is hallmark"
expect_status 0 "$plugins/docker-hallmark" images -q
expect_status 0 "$plugins/docker-hallmark" --store "$store" images -q
expect_status 0 "$plugins/docker-hallmark" -D images -q
expect_status 0 "$plugins/docker-hallmark" rmi "$app:1"

it "docker's own options are understood before every command"
mkdir "$world/own"
echo '{"imagesFormat": "{{.ID}}"}' >"$world/own/config.json"
expect_status 0 hallmark -D --log-level debug --config "$world/own" images
expect_status 2 hallmark --config "$world/none" -H unix:///x images
says "docker's own option --host means nothing to hallmark"
expect_status 2 hallmark --nonsense x images
says "unknown flag before the command: --nonsense"

it "a command of docker's that hallmark has not is called so, and none of ours is offered for it"
for words in "run -it debian" ps "container ls" "build ." export; do
  # shellcheck disable=SC2086
  expect_status 2 hallmark $words
  says "unknown command: ${words%% *} is docker's"
  says "hint: hallmark keeps images and runs nothing; pull --to docker gives docker an image"
done
expect_status 2 hallmark pul x
says 'did you mean "hallmark pull"'

it "version and help are commands like others"
expect_status 0 hallmark version --help
prints "^Usage:  hallmark version"
expect_status 2 hallmark version nonsense
expect_status 0 hallmark help version
prints "^Usage:  hallmark version"
for words in "help help" "help --help" help --help; do
  # shellcheck disable=SC2086
  expect_status 0 hallmark $words
  prints "^Usage:  hallmark \[OPTIONS\] COMMAND"
done
for words in version --version -v; do
  expect_status 0 hallmark "$words"
  prints "^hallmark [0-9]"
done

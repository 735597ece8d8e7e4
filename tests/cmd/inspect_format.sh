#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# hallmark inspect --format: docker's templates on docker's fields.
# shellcheck source=tests/integration/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../integration/lib.sh"

start_registry plain
make_image one --mark one --small
make_image two --mark two --small
push_image one lib/app 1
push_image two lib/app 2
for name in lib/app:1 lib/app:2; do expect_status 0 hallmark pull -q "$registry/$name"; done
r=$registry id=$(config_of one)

# gives EXPECTED TEMPLATE
gives() {
  expect_status 0 hallmark inspect --format "$2" "$r/lib/app:1"
  [ "$(cat "$out")" = "$1" ] || { show_output && fail "expected $1"; }
}
it "fields, by docker's names and by Go's"
gives "$id" '{{.Id}}'
gives "$id" '{{.ID}}'
gives "linux/$(manifest_of one >/dev/null; jq -r .architecture "$world/image-one/blobs/sha256/${id#sha256:}")" '{{.Os}}/{{.Architecture}}'
gives "[$r/lib/app:1]" '{{.RepoTags}}'
gives "one" '{{.Config.Labels.mark}}'
gives "one" '{{index .Config.Labels "mark"}}'
gives '{"mark":"one"}' '{{json .Config.Labels}}'
gives "[PATH=/bin]" '{{.Config.Env}}'
gives "PATH=/bin" '{{range .Config.Env}}{{.}}{{end}}'
gives "/bin/sh" '{{join .Config.Cmd " "}}'
gives "2" '{{len .RootFS.Layers}}'
gives "20480" '{{.Size}}'

it "what is empty is empty as docker has it, also where the JSON leaves it out"
gives "[] map[] [] false <nil> |" '{{.Config.Entrypoint}} {{.Config.Volumes}} {{.Config.OnBuild}} {{.Config.Tty}} {{.Config.Healthcheck}} {{.Variant}}|'
gives "null null" '{{json .Config.Entrypoint}} {{json .Config.Volumes}}'
gives "<no value>|" '{{.Config.Labels.nope}}|{{index .Config.Labels "nope"}}'

it "json is the same JSON on one line"
expect_status 0 hallmark inspect "$r/lib/app:1"
jq -cS . "$out" >"$world/whole"
expect_status 0 hallmark inspect -f json "$r/lib/app:1"
[ "$(wc -l <"$out")" = 1 ] || fail "not one line"
jq -cS . "$out" | diff "$world/whole" - || fail "other JSON"
gives "$(jq -c '.[0].Config' "$out")" '{{json .Config}}'

it "several images are a line each; one that is missing is told"
expect_status 5 hallmark inspect -f '{{.Config.Labels.mark}}' "$r/lib/app:1" nosuch "$r/lib/app:2"
[ "$(cat "$out")" = "$(printf 'one\ntwo')" ] || fail "not both"
says 'no such image: nosuch:latest'

it "a field that no image has, and what is no template, are usage errors with a place"
for wrong in '{{.Nope}}' '{{.Config.Nope}}' '{{.Config.Healthcheck.Test}}' '{{.Id' '{{call .Id}}' '{{template "x"}}'; do
  expect_status 2 hallmark inspect -f "$wrong" "$r/lib/app:1"
  says '^hallmark: error: template: 1:[0-9]+: '
  one_line
  prints_nothing
done

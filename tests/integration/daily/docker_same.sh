#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Formats, filters, histories and templates beside a docker engine that has the same images. docs/docker.md lists what
# is not the same, and why.
# shellcheck source=tests/integration/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

start_dockerd
start_registry plain
r=$registry
mkdir "$world/context"
echo content >"$world/context/file"
cat >"$world/context/Dockerfile" <<'END'
FROM scratch
COPY file /file
COPY file /folder/another
ENV LONG="a very long value that does not fit into the column of the commands" SHORT=1
LABEL org.example.name="rich" org.example.odd="<&>"
HEALTHCHECK --interval=5s CMD ["/bin/true"]
ENTRYPOINT ["/bin/sh"]
CMD ["-c", "true"]
END
DOCKER_BUILDKIT=0 docker build -q -t "$r/lib/rich:1" "$world/context" >/dev/null
docker push -q "$r/lib/rich:1" >/dev/null
docker rmi -f "$(docker images -q "$r/lib/rich:1")" >/dev/null
make_image old --format docker --mark old --created 2025-03-04T05:06:07Z
make_image newer --format docker --mark newer
push_image old lib/app 1
push_image old lib/app moved
push_image newer other/app 2
for name in lib/rich:1 lib/app:1 lib/app:moved other/app:2; do
  docker pull -q "$r/$name" >/dev/null
  expect_status 0 hallmark pull -q "$r/$name"
done
# An image loses its only tag.
make_image lost --format docker --mark lost --created 2025-01-01T00:00:00Z
push_image lost lost/app 1
docker pull -q "$r/lost/app:1" >/dev/null
expect_status 0 hallmark pull -q "$r/lost/app:1"
push_image newer lost/app 1
docker pull -q "$r/lost/app:1" >/dev/null
expect_status 0 hallmark pull -q "$r/lost/app:1"

# Both print the same, in whatever order; an image that gets older between the two is asked about again. Seconds pass
# while either starts: their number is left out.
rows_in_order() { sed -E 's/(Less than a second|1 second|[0-9]+ seconds|About a minute) ago/moments ago/' | LC_ALL=C sort; }
same() {
  for _ in 1 2 3 4 5; do
    docker "$@" 2>/dev/null | rows_in_order >"$world/docker.out"
    "$HALLMARK" "$@" 2>"$err" | rows_in_order >"$out"
    ! diff "$world/docker.out" "$out" >"$world/difference" || return 0
  done
  cat "$world/difference" "$err" >&2
  fail "docker $* prints something else"
}
same_in_order() {
  docker "$@" >"$world/docker.out" 2>/dev/null || true
  "$HALLMARK" "$@" >"$out" 2>"$err" || true
  diff "$world/docker.out" "$out" >&2 || { cat "$err" >&2 && fail "docker $* prints something else"; }
}
rows='{{.Repository}} {{.Tag}} {{.ID}} {{.CreatedAt}} {{.CreatedSince}}'

it "images: templates and tables of one's own"
same images --format "$rows"
same images --no-trunc --format "$rows"
same images --format '{{.Tag}} {{.Digest}}' "$r/lib/app"
same images --format 'table {{.Repository}}\t{{.Tag}}\t{{.ID}}'
same images --format 'table {{lower .Tag}} {{.ID}}\t{{.CreatedSince}}\t{{truncate .Repository 5}}'
same images --format 'table {{.Tag}}' --digests "$r/other/app"
same images --format '{{html .Repository}} {{urlquery .Repository ":" .Tag}} {{js .Tag "<&=>"}}'
same images --format '{{if eq .Tag "2"}}{{.Repository}}{{else}}-{{end}}'
same images --format '{{range $i, $p := split .Repository "/"}}{{$i}}={{$p | upper | printf "%-8s|"}}{{end}}'
same images -q --no-trunc
it "images: the JSON of a row, but for sizes"
for flags in "" "--digests" "--no-trunc"; do
  # shellcheck disable=SC2086
  docker images $flags --format '{{json .}}' | jq -cS 'del(.Size, .VirtualSize, .CreatedSince)' | sort >"$world/docker.out"
  # shellcheck disable=SC2086
  expect_status 0 hallmark images $flags --format '{{json .}}'
  jq -cS 'del(.Size, .VirtualSize, .CreatedSince)' "$out" | sort | diff "$world/docker.out" - >&2 || fail "another row"
done
it "images: newest first"
for command in docker hallmark; do $command images --format '{{.CreatedAt}}' | uniq >"$world/$command.order"; done
diff "$world/docker.order" "$world/hallmark.order" || fail "another order"

it "images: filters"
for filter in "before=$r/other/app:2" "since=$r/lib/app:1" "before=$(config_of newer | cut -c8-19)" label=mark label=mark=old \
  label=org.example.name=rich label=nope dangling=true "reference=$r/lib/*" 'reference=*/*/app:2' reference=nothing; do
  same images -f "$filter" --format "$rows"
done
same images -f label=mark -f label=mark=newer --format "$rows"
same images -f "reference=$r/lib/*" -f "reference=$r/other/*" --format "$rows"
same images -f "since=$r/lib/app:1" -f "reference=$r/lib/*" --format "$rows"
for wrong in nope=1 dangling=maybe since=nosuch dangling; do
  for command in docker hallmark; do ! $command images -f "$wrong" >"$out" 2>&1 || fail "$command takes $wrong"; done
done

it "history: steps, ids, times and commands; sizes where a layer is none"
steps='{{.ID}}|{{.CreatedAt}}|{{.CreatedBy}}|{{.Comment}}'
for name in "$r/lib/rich:1" "$r/lib/app:1"; do
  same_in_order history --format "$steps" "$name"
  same_in_order history --no-trunc --format "$steps" "$name"
  same_in_order history -q "$name"
  same_in_order history -q --no-trunc "$name"
  same_in_order history --format 'table {{.ID}}\t{{.CreatedBy}}' "$name"
  same_in_order history --human=false --format '{{.CreatedSince}}' "$name"
done
same history --format '{{.CreatedSince}}' "$r/lib/app:1"
for command in docker hallmark; do $command history --human=false --format '{{if eq .Size "0"}}0{{else}}layer{{end}}' "$r/lib/rich:1" >"$world/$command.sizes"; done
diff "$world/docker.sizes" "$world/hallmark.sizes" || fail "other steps have layers"
for command in docker hallmark; do
  $command history "$r/lib/rich:1" | sed -n 1p | tr -s ' ' >"$world/$command.header"
done
diff "$world/docker.header" "$world/hallmark.header" || fail "other columns"

it "inspect: templates do what Go's do"
while read -r template; do
  same_in_order inspect -f "$template" "$r/lib/rich:1" "$r/lib/app:1"
done <<'END'
{{.Id}} {{.Os}}/{{.Architecture}} {{.RepoTags}} {{.RepoDigests}}
{{.Created}} [{{.Parent}}] [{{.Author}}] [{{.Variant}}] [{{.OsVersion}}]
{{.Config.Env}} {{.Config.Cmd}} {{.Config.Entrypoint}} {{.Config.Volumes}} {{.Config.Tty}}
{{json .Config.Labels}} {{json .Config.Cmd}} {{json .Config.Volumes}} {{json .RootFS}}
{{.Config.Labels}} {{.Config.Labels.nope}} {{index .Config.Labels "nope"}}|
{{index .Config.Labels "org.example.name"}} {{with index .Config.Labels "mark"}}marked {{.}}{{else}}no mark{{end}}
{{range $k, $v := .Config.Labels}}{{$k}}={{$v}};{{end}}
{{range $i, $e := .Config.Env}}{{if $i}}, {{end}}{{$e}}{{else}}none{{end}}
{{with .Config.Healthcheck}}{{.Test}}{{else}}never{{end}}
{{len .RepoTags}} {{len .Config.Env}} {{len .RootFS.Layers}} {{slice .Id 0 10}} {{index .RootFS.Layers 0}}
{{join .Config.Env ","}} {{join .Config.Cmd " "}} {{upper .Os}} {{title .Os}} {{lower "ABC"}} [{{pad .Os 2 3}}] {{truncate .ID 9}}
{{printf "%s %q %v %d %5d|%-9s|%.3s" .Os .Os .Config.Env 42 7 .Os .Id}} {{printf "%d" .Os}} {{printf "%s"}}
{{printf "a" 1}} {{print 1 2 "a" "b" 3}} {{println .Os}}
{{eq .Os "linux"}} {{ne .Os "linux"}} {{lt 1 2}} {{gt "b" "a"}} {{and .Os .Parent}}| {{or .Parent .Os}} {{not .Parent}}
{{if .Parent}}1{{else if eq .Os "linux"}}2{{else}}3{{end}} {{$x := .Os}}{{$x}} {{/* nothing */}}  {{- " trimmed" -}}  {{"\u00e4\t"}}{{`raw\n`}}
{{$last := ""}}{{range .Config.Env}}{{$last = .}}{{end}}{{$last}} {{(index .RootFS.Layers 0) | len}} {{.Id | printf "%s-%s" "x"}}
{{eq 1 2 3 1}} {{index .Id 0}} {{$.Os}} {{range .Config.Cmd}}{{$.Os}}{{.}} {{end}}
END
for wrong in '{{.Nope}}' '{{.Config.Nope}}' '{{.Id' '{{nope}}' '{{if .Id}}' '{{end}}' '{{index .RepoTags 99}}' '{{eq 1 "1"}}' '{{lower 1}}' '{{$x}}' \
  '{{.Os.Nope}}' '{{1 | 2}}' '{{}}' '{{range .Size}}{{end}}' '{{slice .Id 9 3}}'; do
  for command in docker hallmark; do ! $command inspect -f "$wrong" "$r/lib/app:1" >"$out" 2>&1 || fail "$command takes $wrong"; done
done

it "prune: the same image dangles, and the same is untagged"
for command in docker hallmark; do

  $command image prune -f | sed -n 's/^untagged: //p' | sort >"$world/$command.pruned"
done
diff "$world/docker.pruned" "$world/hallmark.pruned" || fail "something else was untagged"
[ -s "$world/docker.pruned" ] || fail "nothing dangled"
same images --format "$rows"
for command in docker hallmark; do
  echo n | $command image prune 2>&1 | sed -n 1p >"$world/$command.asked"
done
diff "$world/docker.asked" "$world/hallmark.asked" || fail "it asks in other words"

it "an image that docker saved and that is pulled afterwards has one row in both, whatever manifest it came with"
name=$r/lib/rich:1
id=$(docker images -q "$name")
rows_of() { "$1" images --format '{{.ID}} {{.Repository}} {{.Tag}}' | grep "^$id"; }
docker save -o "$world/rich.tar" "$name"
for command in docker hallmark; do
  $command rmi -f "$id" >/dev/null 2>&1
  $command load -q -i "$world/rich.tar" >/dev/null 2>&1
  $command pull -q "$name" >/dev/null 2>&1
done
diff <(rows_of docker) <(rows_of hallmark) || fail "hallmark lists something else"
[ "$(rows_of hallmark)" = "$id $r/lib/rich 1" ]
[ -z "$(hallmark images -q -f dangling=true "$r/lib/rich")" ]
it "what only the other manifest holds is shown with digests, is not pruned beside the tag, and is after it"
[ "$(hallmark images --digests "$r/lib/rich" | grep -c "$id")" = 2 ]
made=$(hallmark images --format '{{.Tag}} {{.Digest}}' --digests "$r/lib/rich" | sed -n 's/^<none> //p')
hallmark image prune -f >/dev/null
expect_status 0 hallmark inspect "$r/lib/rich@$made"
expect_status 0 hallmark check
expect_status 0 hallmark rmi "$name"
[ "$(rows_of hallmark)" = "$id $r/lib/rich <none>" ]
expect_status 0 hallmark image prune -f
prints "^untagged: $r/lib/rich@$made$"
[ -z "$(rows_of hallmark || true)" ]

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Names for builds and manifests are pinned to what trust and policy admit, and nothing else is printed or written.
. "$(dirname "$0")/../lib.sh"
start_registry plain
start_notary
make_image app
make_image other --mark other
make_image arm --platform linux/arm64 --mark arm
make_index multi app arm
push_image app lib/app 1
push_image app lib/app latest
push_image multi lib/multi 1
push_image other lib/app unsigned
sign app lib/app 1
sign app lib/app latest
sign multi lib/multi 1
cat >"$world/policy.json" <<END
{"hallmark": 1,
 "stores": {"dct": {"kind": "tuf", "server": "$notary_server", "caFile": "$world/ca.crt",
                    "pins": [{"gun": "$registry/lib/app", "rootKeyIds": ["$(root_key_id lib/app)"]},
                             {"gun": "$registry/lib/multi", "rootKeyIds": ["$(root_key_id lib/multi)"]}]}},
 "default": [{"type": "reject"}],
 "transports": {"docker": {"$registry/lib": [{"type": "tuf", "store": "dct"}]}}}
END
export HALLMARK_POLICY=$world/policy.json
app=$registry/lib/app pin=$(digest_of_image app) other=$(digest_of_image other)
project=$world/project
mkdir "$project"

it "a signed name is printed with its digest, and nothing is committed"
expect_status 0 hallmark resolve "$app:1"
[ "$(cat "$out")" = "$app@$pin" ]
store_is_empty
it "an unsigned name is refused, and nothing is printed"
expect_status 3 hallmark resolve "$app:unsigned"
prints_nothing
one_line
it "of several names all are tried, and only those that are admitted are printed"
expect_status 3 hallmark resolve "$app:unsigned" "$app:1" "$registry/no/where:1"
[ "$(cat "$out")" = "$app@$pin" ]
it "an index is pinned as a whole, with --platform one of its manifests"
expect_status 0 hallmark resolve "$registry/lib/multi:1"
prints "^$registry/lib/multi@$(digest_of_image multi)$"
expect_status 0 hallmark resolve --platform linux/arm64 "$registry/lib/multi:1"
prints "^$registry/lib/multi@$(digest_of_image arm)$"
expect_status 5 hallmark resolve --platform linux/s390x "$registry/lib/multi:1"
prints_nothing
it "an image without an index that is for another platform is not printed for this one"
expect_status 0 hallmark resolve --platform linux/amd64 "$app:1"
[ "$(cat "$out")" = "$app@$pin" ]
expect_status 5 hallmark resolve --platform linux/arm64 "$app:1"
prints_nothing
says "wanted linux/arm64, the image is for linux/amd64"
expect_status 5 hallmark resolve --json --platform linux/arm64 "$app:1"
[ "$(jq -r .decision "$out")" = error ]
echo "FROM --platform=linux/arm64 $app:1" >"$project/Dockerfile"
expect_status 5 hallmark resolve --dockerfile "$project/Dockerfile"
prints_nothing
it "the records are verify's"
expect_status 3 hallmark resolve --json "$app:1" "$app:unsigned"
[ "$(jq -r '.decision' "$out" | tr '\n' ' ')" = "$(for tag in 1 unsigned; do hallmark verify --json "$app:$tag" 2>/dev/null | jq -r .decision; done | tr '\n' ' ')" ]

it "the images of a Dockerfile are printed once, in their order"
cat >"$project/Dockerfile" <<END
# syntax=$app:latest
ARG TAG=1
FROM --platform=\$BUILDPLATFORM $app:\${TAG} AS build
RUN <<EOF
an image: $app:unsigned
EOF
FROM $registry/lib/multi:1
COPY --from=build /x /y
COPY --from=$app:1 /x /y
END
expect_status 0 hallmark resolve --dockerfile "$project/Dockerfile"
[ "$(cat "$out")" = "$app@$pin
$registry/lib/multi@$(digest_of_image multi)" ]
it "a value from --build-arg is judged"
expect_status 3 hallmark resolve --dockerfile "$project/Dockerfile" --build-arg TAG=unsigned
says "Dockerfile: line 3: .*unsigned"
it "a frontend that only a build argument names is refused"
expect_status 2 hallmark resolve --dockerfile "$project/Dockerfile" --build-arg "BUILDKIT_SYNTAX=$app:unsigned"
prints_nothing
says "BUILDKIT_SYNTAX"
BUILDKIT_SYNTAX="$app:unsigned" expect_status 2 hallmark resolve --dockerfile "$project/Dockerfile" --build-arg BUILDKIT_SYNTAX
it "a value that is missing is refused with its line"
sed -i 's/=1$//' "$project/Dockerfile"
expect_status 2 hallmark resolve --dockerfile "$project/Dockerfile"
prints_nothing
says "line 3: the variable TAG has no value"

it "a Dockerfile is pinned in place: nothing but the names changes, through a link, its mode kept"
printf '# a comment\r\nFROM %s:1   AS x # y\r\n\r\nFROM %s\r\nRUN --mount=from=%s:1,target=/m true' "$app" "$app" "$app" >"$project/real"
chmod 640 "$project/real"
mkdir "$project/links"
ln -s ../real "$project/links/Dockerfile"
sed -i 's/ # y//' "$project/real"
expect_status 0 hallmark resolve --rewrite "$project/links/Dockerfile"
[ -L "$project/links/Dockerfile" ]
[ "$(stat -c %a "$project/real")" = 640 ]
printf '# a comment\r\nFROM %s:1@%s   AS x\r\n\r\nFROM %s:latest@%s\r\nRUN --mount=from=%s:1@%s,target=/m true' \
  "$app" "$pin" "$app" "$pin" "$app" "$pin" | cmp - "$project/real"
it "a second run changes nothing"
before=$(stat -c %i.%Y.%Z "$project/real")
expect_status 0 hallmark resolve --rewrite "$project/links/Dockerfile"
says "nothing to pin; every image has its digest"
[ "$(stat -c %i.%Y.%Z "$project/real")" = "$before" ]
it "a pin that is not what is signed is refused"
sed -i "s/$pin/$other/" "$project/real"
expect_status 3 hallmark resolve --rewrite "$project/links/Dockerfile"
says "nothing was written"

it "a compose file is pinned, and the pinned name is pulled"
cat >"$project/compose.yml" <<END
services:
  web:
    image: "$app:1"  # the app
    command: |
      image: $app:unsigned
  all: { ports: ["80:80"] }
  other:
    image: $registry/lib/multi:1
  brackets: {image: $app:1, command: [x]}
END
cp "$project/compose.yml" "$project/before.yml"
expect_status 0 hallmark resolve --rewrite "$project/compose.yml"
[ "$(diff "$project/before.yml" "$project/compose.yml" | grep -c '^>')" = 3 ]
grep -qxF "    image: \"$app:1@$pin\"  # the app" "$project/compose.yml"
grep -qxF "  brackets: {image: $app:1@$pin, command: [x]}" "$project/compose.yml"
expect_status 0 hallmark pull -q "$(sed -n 's/.*image: "\(.*\)".*/\1/p' "$project/compose.yml")"
it "the build's own tool takes the pinned names"
skopeo inspect --tls-verify=false "docker://$app@$pin" >/dev/null

# refused_file STATUS FILE OPTIONS...: the file stays as it is, byte for byte, and no other file is left beside it.
refused_file() {
  local status=$1 file=$2 before names
  shift 2
  before=$(sha256sum "$file") names=$(ls -A "$project")
  expect_status "$status" hallmark resolve --rewrite "$file" "$@"
  [ "$(sha256sum "$file")" = "$before" ] || fail "$file was changed"
  [ "$(ls -A "$project")" = "$names" ] || fail "something was left behind"
}
it "one refused image, and the file stays as it is"
printf 'FROM %s:1\nFROM %s:unsigned\n' "$app" "$app" >"$project/one.Dockerfile"
refused_file 3 "$project/one.Dockerfile"
says "one.Dockerfile: line 2: "
it "all places that cannot be pinned are told at once, and nobody is asked"
printf 'a:\n  image: %s:1\nb: {image: [x]}\nc:\n  image: %s:${TAG}\nd: {image: "%s:${T:-1}-x"}\n' "$app" "$app" "$app" >"$project/one.yaml"
refused_file 2 "$project/one.yaml"
prints_nothing
says "one.yaml: line 3: "
says "one.yaml: line 5: .*variable TAG"
says "one.yaml: line 6: .*only a part of its tag"
says "nothing was written"
printf 'ARG T=1\nFROM %s:$T-x\nFROM %s:$NO\n' "$app" "$app" >"$project/one.Dockerfile"
refused_file 2 "$project/one.Dockerfile"
says "line 2: .*only a part of its tag"
says "line 3: the variable NO has no value"
it "two images that end in one value cannot be pinned there"
printf 'ARG T=1\nFROM %s:$T\nFROM %s/lib/multi:$T\n' "$app" "$registry" >"$project/one.Dockerfile"
refused_file 2 "$project/one.Dockerfile"
says "lines 2 and 3: .*are two images"
it "a variable is pinned where it is defined, and heredocs are text"
printf 'ARG T=1\nFROM %s:${T}\nCOPY <<CMD /x\nFROM %s:unsigned\nCMD\n' "$app" "$app" >"$project/var.Dockerfile"
expect_status 0 hallmark resolve --rewrite "$project/var.Dockerfile"
grep -qx "ARG T=1@$pin" "$project/var.Dockerfile"
[ "$(grep -c sha256 "$project/var.Dockerfile")" = 1 ]
expect_status 0 hallmark resolve --rewrite "$project/var.Dockerfile"
says "nothing to pin"
it "--check judges a file without writing it, and says what is not pinned"
cat >"$project/values.yaml" <<END
image: {repository: $app, tag: "1"}
sidecar:
  image: &side \${IMAGE:-$app:latest}
other: {image: *side}
volumes: [{image: {reference: $registry/lib/multi:1}}, {image: null}]
services:
  built: {image: $app:unsigned, build: .}
END
cp "$project/values.yaml" "$project/before.yml"
refused_file 3 "$project/values.yaml" --check
says "values.yaml: line 1: $app:1 is not pinned: $pin"
says "4 of 4 images do not have their digest"
it "--diff prints what would change"
expect_status 0 hallmark resolve --rewrite "$project/values.yaml" --diff
cp "$out" "$world/changes"
cmp "$project/before.yml" "$project/values.yaml"
says "line 7: left as it is: the image is built here"
it "standard input is pinned to standard output"
expect_status 0 hallmark resolve --rewrite - <"$project/before.yml"
cp "$out" "$world/piped.yaml"
it "and the file is what both said"
expect_status 0 hallmark resolve --rewrite "$project/values.yaml"
cmp "$world/piped.yaml" "$project/values.yaml"
(cd "$project" && patch -s -o "$world/patched" before.yml "$world/changes" && cmp "$world/patched" values.yaml)
grep -qxF "image: {repository: $app, tag: \"1@$pin\"}" "$project/values.yaml"
grep -qxF "  image: &side \${IMAGE:-$app:latest@$pin}" "$project/values.yaml"
grep -qxF "  built: {image: $app:unsigned, build: .}" "$project/values.yaml"
expect_status 0 hallmark resolve --rewrite "$project/values.yaml" --check
it "--update follows a tag that has moved"
sed -i "s/1@$pin/1@$other/" "$project/values.yaml"
refused_file 3 "$project/values.yaml"
refused_file 3 "$project/values.yaml" --update --check
says "has moved: $pin"
expect_status 0 hallmark resolve --rewrite "$project/values.yaml" --update
cmp "$world/piped.yaml" "$project/values.yaml"
it "flags that belong to files are refused beside names, and two on one output"
expect_status 2 hallmark resolve --check "$app:1"
expect_status 2 hallmark resolve --rewrite "$project/values.yaml" --check --diff
expect_status 2 hallmark resolve --rewrite "$project/values.yaml" --json --diff
it "--keep-tag prints the tag beside the digest, and pull takes that under a policy that asks for a tag"
expect_status 0 hallmark resolve --keep-tag "$app:1"
[ "$(cat "$out")" = "$app:1@$pin" ]
jq --arg lib "$registry/lib" '.transports.docker[$lib] += [{"type": "gates", "reference": {"tagPattern": "^[0-9]+$"}}]' "$HALLMARK_POLICY" >"$world/tags.json"
HALLMARK_POLICY=$world/tags.json expect_status 0 hallmark pull -q "$(cat "$out")"
HALLMARK_POLICY=$world/tags.json expect_status 3 hallmark pull -q "$app@$pin"
it "a registry that is away is no refusal, and the file stays"
away=localhost:$(free_port)
echo "FROM $away/lib/app:1" >"$project/one.Dockerfile"
jq --arg away "$away" '.transports.docker[$away] = [{"type": "insecureAcceptAnything"}]' "$HALLMARK_POLICY" >"$world/open.json"
HALLMARK_POLICY=$world/open.json refused_file 7 "$project/one.Dockerfile"
it "a file of another name is asked about, and read as a Dockerfile when it is said to be one"
printf 'FROM %s:1\n' "$app" >"$project/build.txt"
refused_file 2 "$project/build.txt"
says "^hint: .*--dockerfile"
expect_status 0 hallmark resolve --rewrite "$project/build.txt" --dockerfile "$project/build.txt"
[ "$(cat "$project/build.txt")" = "FROM $app:1@$pin" ]
it "under a policy in the form of containers-policy.json a pin that keeps its tag is judged by its digest"
echo '{"default": [{"type": "insecureAcceptAnything"}]}' >"$world/containers.json"
printf 'FROM %s:1\n' "$app" >"$project/one.Dockerfile"
expect_status 0 hallmark resolve --policy "$world/containers.json" --rewrite "$project/one.Dockerfile"
[ "$(cat "$project/one.Dockerfile")" = "FROM $app:1@$pin" ]
HALLMARK_POLICY=$world/containers.json expect_status 0 hallmark resolve --rewrite "$project/one.Dockerfile"
says "nothing to pin"
it "a file without images is fine, and it is said"
echo "a: b" >"$project/empty.yml"
expect_status 0 hallmark resolve --rewrite "$project/empty.yml"
says "nothing to pin"
prints_nothing

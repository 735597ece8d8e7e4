#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Gates look at the image itself: after somebody trusted has vouched for it, and before its layers come.
. "$(dirname "$0")/../lib.sh"
start_registry plain
start_notary
mkdir -p "$world/root/etc"
echo one >"$world/root/etc/mark"
tar -C "$world/root" -cf "$world/small.tar" etc
seq 1 1500000 >"$world/root/etc/numbers"
tar -C "$world/root" -cf "$world/large.tar" etc

# The publisher's machine has a store of its own and no policy.
outer() { HALLMARK_STORE=$world/outer hallmark "$@"; }
# publish TAG TAR [CHANGE...]: into lib/app of the registry, unsigned.
publish() {
  local tag=$1 tar=$2 change changes=()
  shift 2
  for change in "$@"; do changes+=(--change "$change"); done
  outer import "${changes[@]}" "$tar" "$registry/lib/app:$tag" >/dev/null 2>"$err"
  outer push -q "$registry/lib/app:$tag" >/dev/null 2>"$err"
}
digest_of_tag() { outer inspect "$registry/lib/app:$1" | jq -r '.[0].RepoDigests[0]' | cut -d@ -f2; }
publish good "$world/small.tar" 'USER 1000' 'LABEL source=https://git.example/app' 'ENTRYPOINT ["/bin/app"]'
publish root "$world/small.tar" 'ENV AWS_SECRET_KEY=hunter2' 'EXPOSE 9999'
publish named "$world/small.tar" 'USER app'
publish bomb "$world/large.tar" 'USER 1000'

# policy GATES [MEMBERS]: lib/app must pass these gates.
export HALLMARK_POLICY=$world/policy.json
policy() {
  cat >"$HALLMARK_POLICY" <<POLICY
{"hallmark": 1, "default": [{"type": "reject"}]${2:+, $2},
 "transports": {"docker": {"$registry/lib": [{"type": "insecureAcceptAnything"}],
                           "$registry/lib/app": [{"type": "gates", $1}]}}}
POLICY
}
new_machine() { export HALLMARK_STORE=$world/inner.$RANDOM.$RANDOM && store=$HALLMARK_STORE; }
# refused CODE COMMAND...: with exit status 3, the code, and nothing left.
refused() {
  local code=$1
  shift
  remember_store
  expect_status 3 "$@"
  one_line
  says "$code"
  store_is_untouched
}

it "what the config says is read, and root is refused"
policy '"config": {"nonRoot": true, "labels": {"source": {"regex": "^https://git\\.example/.*$"}}, "requireEntrypoint": true}'
new_machine
expect_status 0 hallmark pull "$registry/lib/app:good"
says "no publisher was verified"
refused USER_ROOT hallmark pull "$registry/lib/app:root"
says "fail  gates.config.nonRoot"
says "CONFIG_LABEL"
says "CONFIG_ENTRYPOINT"
refused USER_NAME hallmark pull "$registry/lib/app:named"
policy '"config": {"nonRoot": true, "users": ["app"]}'
expect_status 0 hallmark pull "$registry/lib/app:named"

it "verify and policy explain say the same, and fetch no layers"
start_faults "http://$registry" none@any
gated=${fault[none@any]}
sed -i "s,$registry,$gated,g" "$HALLMARK_POLICY"
expect_status 0 hallmark verify "$gated/lib/app:named"
expect_status 3 hallmark verify --json "$gated/lib/app:root"
jq -e '.decision == "deny" and (.codes | index("USER_ROOT")) and .requirements[0].children[0].code == "USER_ROOT"' "$out" >/dev/null
expect_status 0 hallmark policy explain "$gated/lib/app:root"
prints "USER_ROOT"
[ "$(grep -c /blobs/ "$world/faults.log")" = 3 ] || fail "more than the three configs were fetched"
it "a refused image costs its config and no layer"
: >"$world/faults.log"
new_machine
refused USER_ROOT hallmark pull "$gated/lib/app:root"
[ "$(grep -c /blobs/ "$world/faults.log")" = 1 ] || fail "more than the config was fetched"
it "a config that was judged is not fetched again"
: >"$world/faults.log"
expect_status 0 hallmark pull "$gated/lib/app:named"
[ "$(grep -c 'GET.*/blobs/' "$world/faults.log")" = 2 ] || fail "expected one config and one layer"

it "the config of an image that nobody trusts is not fetched"
cat >"$HALLMARK_POLICY" <<END
{"hallmark": 1, "stores": {"dct": {"kind": "tuf", "server": "$notary_server", "caFile": "$world/ca.crt",
   "pins": [{"gun": "$gated/lib/*", "rootKeyIds": ["$(printf 'a%.0s' {1..64})"]}]}},
 "default": [{"type": "tuf", "store": "dct"}, {"type": "gates", "config": {"nonRoot": true}}]}
END
: >"$world/faults.log"
expect_status 3 hallmark pull "$gated/lib/app:good"
! grep -q /blobs/ "$world/faults.log" || fail "a blob of an image that nobody signed was fetched"
it "a refused tag is refused before anything is fetched"
policy '"reference": {"forbidTags": ["latest"]}, "config": {"nonRoot": true}'
sed -i "s,$registry,$gated,g" "$HALLMARK_POLICY"
: >"$world/faults.log"
refused REFERENCE_TAG hallmark pull "$gated/lib/app"
[ ! -s "$world/faults.log" ] || fail "the registry was asked"

it "a secret in a variable is refused by name, and its value is not told"
policy '"config": {"forbidEnv": ["^AWS_SECRET.*$"], "maxPort": 1024}'
refused CONFIG_ENV hallmark pull "$registry/lib/app:root"
says "CONFIG_PORT"
says_not "hunter2"

it "layers that inflate beyond the limit are stopped, wherever they come from"
outer save -o "$world/bomb.tar" "$registry/lib/app:bomb"
outer save -o "$world/good.tar" "$registry/lib/app:good"
outer save -o "$world/root.tar" "$registry/lib/app:root"
policy '"size": {"maxUncompressed": "1MiB"}'
new_machine
expect_status 0 hallmark pull "$registry/lib/app:good"
refused SIZE_UNCOMPRESSED hallmark pull "$registry/lib/app:bomb"
refused SIZE_UNCOMPRESSED hallmark load -i "$world/bomb.tar"
refused SIZE_UNCOMPRESSED hallmark verify-bundle "$world/bomb.tar"
head -c -600000 "$world/bomb.tar" >"$world/cut.tar"
refused SIZE_UNCOMPRESSED hallmark load -i "$world/cut.tar"
refused SIZE_UNCOMPRESSED hallmark import "$world/large.tar" "$registry/lib/app:made"
expect_status 0 hallmark import "$world/large.tar" "$registry/lib/free:large"
refused SIZE_UNCOMPRESSED hallmark tag "$registry/lib/free:large" "$registry/lib/app:large"
expect_status 0 hallmark load -i "$world/good.tar"
it "an image that is there already is held to a limit that came later"
policy '"size": {"maxUncompressed": "8B"}'
refused SIZE_UNCOMPRESSED hallmark pull "$registry/lib/app:good"

it "load, verify-bundle, tag and import ask the same gates"
policy '"config": {"nonRoot": true}'
new_machine
expect_status 0 hallmark load -i "$world/good.tar"
prints "^Loaded image: $registry/lib/app:good$"
refused USER_ROOT hallmark load -i "$world/root.tar"
refused USER_ROOT hallmark verify-bundle "$world/root.tar"
expect_status 0 hallmark verify-bundle "$world/good.tar"
refused USER_ROOT hallmark import "$world/small.tar" "$registry/lib/app:made"
expect_status 0 hallmark import --change 'USER 7' "$world/small.tar" "$registry/lib/app:made"
expect_status 0 hallmark import "$world/small.tar" "$registry/lib/free:made"
refused USER_ROOT hallmark tag "$registry/lib/free:made" "$registry/lib/app:tagged"
expect_status 0 hallmark tag "$registry/lib/app:made" "$registry/lib/app:tagged"

# docker_archive NAME FILE: as docker saves it, without a manifest of the image.
docker_archive() {
  python3 - "$world/outer" "$registry/lib/app:$1" "$2" <<'PYTHON'
import io, json, pathlib, sys, tarfile
store, name, target = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
blob = lambda digest: (store / "blobs" / digest.replace(":", "/")).read_bytes()
root = next(m for m in json.loads((store / "index.json").read_text())["manifests"]
            if name in m.get("annotations", {}).values())
manifest = json.loads(blob(root["digest"]))
files = {manifest["config"]["digest"][7:] + ".json": blob(manifest["config"]["digest"])}
layers = []
for layer in manifest["layers"]:
    layers.append(layer["digest"][7:] + "/layer.tar")
    files[layers[-1]] = blob(layer["digest"])
files["manifest.json"] = json.dumps([{"Config": next(iter(files)), "RepoTags": [name], "Layers": layers}]).encode()
with tarfile.open(target, "w") as tar:
    for path, data in files.items():
        info = tarfile.TarInfo(path)
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))
PYTHON
}
it "an archive that has no manifest passes gates like any other"
docker_archive good "$world/good-docker.tar"
docker_archive root "$world/root-docker.tar"
new_machine
expect_status 0 hallmark load -i "$world/good-docker.tar"
refused USER_ROOT hallmark load -i "$world/root-docker.tar"

it "every platform that would be stored must be listed"
make_image first --small --platform linux/amd64
make_image second --small --platform linux/s390x
make_index both first second
push_image both lib/app both
policy '"platforms": ["linux/amd64"]'
expect_status 0 hallmark pull --platform linux/amd64 "$registry/lib/app:both"
refused PLATFORM hallmark pull --all-platforms "$registry/lib/app:both"

it "a name that must be typed by digest is typed by digest"
policy '"reference": {"requireDigest": true}'
refused REFERENCE_NOT_PINNED hallmark pull "$registry/lib/app:good"
expect_status 0 hallmark pull "$registry/lib/app@$(digest_of_tag good)"

it "an exception admits one digest, says so, and is recorded before the image is visible"
log=$world/decisions.jsonl
exception() {
  echo "\"exceptions\": [{\"id\": \"ex-1\", \"scope\": \"$registry/lib/app\", \"digest\": \"$1\", \"waive\": [\"config\"],
        \"until\": \"$2\", \"reason\": \"hotfix INC-1\"}], \"audit\": {\"file\": \"$log\", \"required\": true}"
}
policy '"config": {"nonRoot": true}' "$(exception "$(digest_of_tag root)" 2999-01-01T00:00:00Z)"
new_machine
expect_status 0 hallmark pull "$registry/lib/app:root"
says "admitted by exception ex-1"
[ "$(stat -c %a "$log")" = 600 ]
[ "$(wc -l <"$log")" = 1 ]
jq -e '.decision == "allow-exception" and .exceptions[0].id == "ex-1" and .committed and .operation == "pull"' "$log" >/dev/null
refused USER_NAME hallmark pull "$registry/lib/app:named"
expect_status 0 hallmark load -i "$world/good.tar"
[ "$(jq -r '.operation + " " + .decision' "$log" | tr '\n' ,)" = "pull allow-exception,pull deny,load allow," ]
it "an exception that has ended admits nothing"
policy '"config": {"nonRoot": true}' "$(exception "$(digest_of_tag root)" 2020-01-01T00:00:00Z)"
new_machine
refused USER_ROOT hallmark pull "$registry/lib/app:root"

it "no record, no image"
new_machine
touch "$world/elsewhere"
ln -s "$world/elsewhere" "$world/link.jsonl"
for log in "$world/nowhere/decisions.jsonl" "$world/root" "$world/link.jsonl"; do
  policy '"config": {"nonRoot": true}' "$(exception "$(digest_of_tag root)" 2999-01-01T00:00:00Z)"
  expect_status 1 hallmark pull "$registry/lib/app:good"
  one_line
  says "nothing is stored"
  expect_status 1 hallmark load -i "$world/good.tar"
  expect_status 1 hallmark import --change 'USER 7' "$world/small.tar" "$registry/lib/app:made"
  store_is_empty
done
[ ! -s "$world/elsewhere" ] || fail "a link was followed"
policy '"config": {"nonRoot": true}' "\"audit\": {\"file\": \"$world/nowhere/decisions.jsonl\"}"
expect_status 0 hallmark pull "$registry/lib/app:good"
says "warning: the decision was not recorded"
new_machine
expect_status 0 hallmark pull -q "$registry/lib/app:good"
says "warning: the decision was not recorded"
it "a record that was cut off by a crash does not spoil the next one"
log=$world/cut.jsonl
printf '{"cut' >"$log"
policy '"config": {"nonRoot": true}' "\"audit\": {\"file\": \"$log\", \"required\": true}"
new_machine
expect_status 0 hallmark pull "$registry/lib/app:good"
tail -n 1 "$log" | jq -e '.decision == "allow"' >/dev/null

# breakable ALLOWED: two gates that can be waived.
glass=$world/glass.jsonl
breakable() {
  policy '"config": {"nonRoot": true}, "platforms": ["linux/s390x"]' "\"breakGlass\": {\"allow\": $1,
    \"reasonPattern\": \"^INC-[0-9]+: .+\$\", \"waivable\": [\"config\", \"platform\"], \"audit\": \"$glass\"}"
}
it "the glass is broken for a good reason, where the policy allows it, and leaves its own record"
breakable true
new_machine
refused USER_ROOT hallmark pull "$registry/lib/app:root"
refused USER_ROOT hallmark pull --break-glass "because" "$registry/lib/app:root"
says "break-glass waives nothing: the reason must be like"
expect_status 0 hallmark pull --break-glass "INC-7: production is down" "$registry/lib/app:root"
says "admitted by --break-glass: INC-7: production is down; waived: PLATFORM USER_ROOT"
jq -e '.decision == "allow-break-glass" and .breakGlass.reason == "INC-7: production is down"' "$glass" >/dev/null
expect_status 0 hallmark load --break-glass "INC-7: production is down" -i "$world/root.tar"
expect_status 0 hallmark tag --break-glass "INC-7: x" "$registry/lib/app:root" "$registry/lib/app:too"
[ "$(wc -l <"$glass")" = 3 ]
it "bars do not wipe away that the glass was broken"
new_machine
TERM=xterm timeout 60 python3 "$tests/support/screen.py" "$world" 30x120 end see:end -- \
  "$HALLMARK" pull --break-glass "INC-7: x" "$registry/lib/app:root" </dev/null
grep -q 'admitted by --break-glass: INC-7: x; waived: PLATFORM USER_ROOT' "$world/end.screen" ||
  { cat "$world/end.all" >&2 && fail "it is not to be seen"; }
rm "$glass"
mkdir "$glass"
new_machine
expect_status 1 hallmark pull --break-glass "INC-7: production is down" "$registry/lib/app:root"
store_is_empty
it "no glass opens what another list, or a policy without it, keeps shut"
rm -r "$glass"
refused REJECT hallmark pull --break-glass "INC-7: production is down" "$registry/other/app:root"
breakable false
refused USER_ROOT hallmark pull --break-glass "INC-7: production is down" "$registry/lib/app:root"
says "the policy does not allow it"

it "policy match tells what was looked for and what holds, with no server"
expect_status 0 hallmark policy match "$registry/lib/app/x:1"
prints "^no scope  docker \"$registry/lib/app/x:1\"$"
prints "^holds     docker \"$registry/lib/app\"$"
prints "^requires  gates: platform .*; user not root$"
expect_status 0 hallmark policy match "elsewhere.example/a"
prints "^holds     default$"
prints "^requires  reject$"

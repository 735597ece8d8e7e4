#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A folder in the place of all registries and trust servers: what holds with the network holds there, without a server.
. "$(dirname "$0")/../lib.sh"
images=$world/images
app=reg.example/lib/app
tuf=$images/$app/_trust/tuf
export HALLMARK_REGISTRY=file://$images DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE=root-secret \
  DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE=repository-secret
make_image app --folder /usr/share/doc/bash
make_image good --mark good
make_image s390x --platform linux/s390x --mark s390x
make_index multi good s390x

trusting() { DOCKER_CONTENT_TRUST=1 "$@"; }
# Whoever pulls has a store of his own; the publisher's knows what was published.
reader() { HALLMARK_STORE=$world/reader trusting "$HALLMARK" "$@"; }
blob() { echo "$images/$app/blobs/sha256/${1#sha256:}"; }

it "a layout that another tool wrote is a repository of the folder, every byte as it was"
for image in app good multi; do
  mkdir -p "$images/seed.example"
  skopeo copy -q --all "oci:$world/image-$image" "oci:$images/seed.example/$image:1"
  expect_status 0 hallmark pull --all-platforms "seed.example/$image:1"
  prints "^Digest: $(digest_of_image $image)$"
done

it "what is pushed there, other tools read as it is"
expect_status 0 hallmark tag seed.example/app:1 $app:plain
expect_status 0 hallmark push $app:plain
prints "^plain: digest: $(digest_of_image app) size: $(size_of_image app)$"
expect_status 0 skopeo inspect "oci:$images/$app:plain"
[ "$(jq -r .Digest "$out")" = "$(digest_of_image app)" ]
expect_status 0 hallmark push $app:plain
says "Layer already exists$"
says_not "Pushed"

it "a push with content trust signs in the same folder, and a reader takes it"
for tag in 1 two; do
  expect_status 0 hallmark tag "seed.example/$([ $tag = 1 ] && echo app || echo good):1" $app:$tag
  [ $tag = 1 ] || expect_status 0 cp -a "$images/$app" "$world/first"
  expect_status 0 trusting hallmark push $app:$tag
done
expect_status 0 reader pull $app:1
prints "^Digest: $(digest_of_image app)$"
expect_status 0 reader verify $app:1
expect_status 0 reader trust inspect $app
[ "$(jq -r '[.[0].SignedTags[].SignedTag] | join(" ")' "$out")" = "1 two" ]
it "the publisher holds the keys of the timestamp and the snapshot, too"
expect_status 0 hallmark trust key ls
for role in root targets snapshot timestamp; do prints "^$role +"; done

it "what lies in the folder is signed without pulling it, an index as an index"
expect_status 0 hallmark tag seed.example/multi:1 $app:multi
expect_status 0 hallmark push $app:multi
expect_status 3 reader pull $app:multi
expect_status 0 trusting hallmark trust sign $app:multi
expect_status 0 reader pull --all-platforms $app:multi
prints "^Digest: $(digest_of_image multi)$"

it "pull -a takes the signed tags where trust is asked, and all of them where it is not"
expect_status 0 reader pull -a -q $app
[ "$(HALLMARK_STORE=$world/reader names_in_store)" = "$app:1 $app:multi $app:two " ]
expect_status 0 env HALLMARK_STORE="$world/all" "$HALLMARK" pull -a -q $app
[ "$(HALLMARK_STORE=$world/all names_in_store)" = "$app:1 $app:multi $app:plain $app:two " ]
it "push -a takes all tags of the store, each signed"
for tag in a b c; do expect_status 0 hallmark tag seed.example/good:1 reg.example/lib/many:$tag; done
expect_status 0 trusting hallmark push -a reg.example/lib/many
expect_status 0 reader pull -a reg.example/lib/many

it "many who push and sign there at once lose nothing"
pushers=()
for number in 1 2 3 4; do
  expect_status 0 hallmark tag seed.example/good:1 $app:at-once-$number
  (trusting "$HALLMARK" push $app:at-once-$number >"$world/push-$number.log" 2>&1 || echo $number >>"$world/push-failed") &
  pushers+=("$!")
done
wait "${pushers[@]}"
[ ! -e "$world/push-failed" ] || fail "failed: $(cat "$world/push-failed")"
for number in 1 2 3 4; do expect_status 0 reader pull $app:at-once-$number; done

it "a tag that is revoked there is not pulled any more, and the others are"
expect_status 0 trusting hallmark trust revoke $app:at-once-1
expect_status 3 reader pull $app:at-once-1
expect_status 0 reader pull $app:at-once-2

# refused STATUS NAME: to a reader who has nothing of it yet, and to one with an image that must stay as it is.
expect_status 0 env HALLMARK_STORE="$world/had" DOCKER_CONTENT_TRUST=1 "$HALLMARK" pull $app:two
refused() {
  rm -rf "$store"
  cp -a "$world/had" "$store"
  remember_store
  expect_status "$1" trusting hallmark pull "$2"
  one_line
  prints_nothing
  store_is_untouched
}
mv "$store" "$world/publisher-store"

it "an unsigned tag of a folder is refused"
refused 3 $app:plain
says "^DENY +$app:plain"
it "a digest that nobody signed is refused there, too"
refused 3 $app@"$(digest_of_image s390x)"

# bent FILE COMMAND...: with the file changed by the command, which gets its name, until mended is called.
bent() {
  damaged=$1
  rm -rf "$world/whole"
  cp -a "$damaged" "$world/whole"
  shift
  "$@" "$damaged"
}
mended() { rm -rf "$damaged" && cp -a "$world/whole" "$damaged"; }
longer() { echo >>"$1"; }
a_link() { mv "$1" "$world/elsewhere" && ln -s "$world/elsewhere" "$1"; }
a_pipe() { rm "$1" && mkfifo "$1"; }
a_folder() { rm "$1" && mkdir "$1"; }
a_word() { echo "nothing" >"$1"; }

it "other bytes in a layer, config or manifest of a folder are refused"
for digest in "$(layer_of app 0)" "$(layer_of app 1)" "$(config_of app)" "$(digest_of_image app)"; do
  bent "$(blob "$digest")" flip_byte
  refused 4 $app:1
  says "expected "
  mended
done
it "so are a layer that is too short and one that is too long"
for change in "truncate -s -1" "truncate -s 0" longer; do
  # shellcheck disable=SC2086
  bent "$(blob "$(layer_of app 1)")" $change
  refused 4 $app:1
  says "expected .*found "
  mended
done
it "a blob that is not there is not found, and neither is one whose place a link, a pipe or a folder has"
for change in rm a_link a_pipe a_folder; do
  bent "$(blob "$(layer_of app 1)")" $change
  refused 5 $app:1
  says "$(layer_of app 1)"
  mended
done

it "an index.json of a folder that is no index is damage, whatever is signed"
deep=$(printf '[%.0s' {1..200})
for text in '{' '[]' '{"schemaVersion":1,"manifests":[]}' '{"schemaVersion":2,"manifests":7}' \
  '{"schemaVersion":2,"schemaVersion":2,"manifests":[]}' "{\"schemaVersion\":2,\"manifests\":$deep"; do
  printf '%s' "$text" >"$world/index"
  bent "$images/$app/index.json" cp "$world/index"
  refused 4 $app:1
  says "is damaged"
  mended
done
it "so is one that is a link or a pipe"
for change in a_link a_pipe a_folder; do
  bent "$images/$app/index.json" $change
  refused 4 $app:1
  mended
done
it "an index.json that moves a tag has no say where trust has one"
bent "$images/$app/index.json" sed -i "s/$(digest_of_image app)/$(digest_of_image good)/"
expect_status 0 env HALLMARK_STORE="$world/moved" DOCKER_CONTENT_TRUST=1 "$HALLMARK" pull $app:1
prints "^Digest: $(digest_of_image app)$"
mended
it "an entry that calls a manifest an index is refused"
bent "$images/$app/index.json" sed -i 's/image\.manifest\.v1/image.index.v1/g'
refused 4 $app:1
mended
it "a layout of another version is none that is read"
bent "$images/$app/oci-layout" sed -i 's/1\.0\.0/2.0.0/'
refused 4 $app:1
mended

# distrusted: to a reader who remembers nothing; who does needs no file again that is as it was.
distrusted() {
  rm -rf "$store"
  expect_status 3 trusting hallmark pull $app:1
  one_line
  prints_nothing
  store_is_empty
}
it "trust data of a folder that somebody changed are refused"
for role in root targets snapshot timestamp; do
  bent "$tuf" true
  for file in "$tuf/$role".*json "$tuf"/*.$role.json; do [ ! -f "$file" ] || flip_byte "$file"; done
  distrusted
  mended
done
it "trust data of a folder that are not there, or are no files, are refused"
for change in rm a_link a_pipe a_folder a_word; do
  bent "$tuf/timestamp.json" $change
  distrusted
  mended
done
it "trust data of another repository are refused"
bent "$tuf" true
rm -r "$tuf" && cp -a "$images/reg.example/lib/many/_trust/tuf" "$tuf"
refused 3 $app:1
distrusted
mended
it "an older state of a folder is a rollback to whoever saw the newer one"
bent "$tuf" true
rm -r "$tuf" && cp -a "$world/first/_trust/tuf" "$tuf"
refused 3 $app:1
says "TUF_ROLLBACK"
mended
it "a timestamp of a folder that nobody renewed expires"
rm -rf "$store"
expect_status 3 trusting faketime '+15 days' "$HALLMARK" pull $app:1
store_is_empty
says "TUF_EXPIRED"
says "timestamp"
says "hint: its publisher signs it again by hallmark trust renew $app;"
says_not "server"
expect_status 3 trusting faketime '+15 days' "$HALLMARK" trust sign $app:1
says "hint: hallmark trust renew $app signs it again"

it "a folder that is not there is neither an empty registry nor a publisher who signed nothing"
mv "$images" "$world/away"
rm -rf "$store"
expect_status 2 trusting hallmark pull $app:1
one_line
says "cannot use $images as a registry"
expect_status 1 trusting hallmark trust inspect $app
says "$images, the directory of trust data, is not there"
[ ! -e "$images" ]
mv "$world/away" "$images"
it "a repository that is not in the folder is not found"
expect_status 5 hallmark pull reg.example/lib/none:1
expect_status 5 hallmark pull -a reg.example/lib/none
expect_status 3 trusting hallmark pull reg.example/lib/none:1

it "an address that is no folder's is a wrong command line"
for address in https://reg.example /srv file://host/srv file:///srv/../etc ''; do
  expect_status 2 hallmark --registry "$address" pull $app:1
  one_line
  says "^hallmark: error: --registry(: | is empty)"
done
expect_status 2 env HALLMARK_REGISTRY=http://reg.example "$HALLMARK" pull $app:1
says "^hallmark: error: HALLMARK_REGISTRY: "
expect_status 2 trusting hallmark --trust-server http://reg.example pull $app:1
one_line
it "the options outrank the variables"
expect_status 0 env HALLMARK_REGISTRY=file:///nowhere DOCKER_CONTENT_TRUST=1 \
  DOCKER_CONTENT_TRUST_SERVER=file:///nowhere "$HALLMARK" --registry "file://$images" pull $app:1 \
  --trust-server "file://$images"
it "a link in the folder does not lead a push elsewhere"
mkdir -p "$world/elsewhere-blobs" "$images/reg.example/lib/linked"
ln -s "$world/elsewhere-blobs" "$images/reg.example/lib/linked/blobs"
export HALLMARK_STORE=$world/publisher-store
expect_status 0 hallmark tag seed.example/good:1 reg.example/lib/linked:1
expect_status 1 hallmark push reg.example/lib/linked:1
one_line
[ -z "$(ls -A "$world/elsewhere-blobs")" ]
it "nor does a link above the repository, nor one in the trust directory"
mkdir "$world/elsewhere-host" "$world/elsewhere-trust"
ln -s "$world/elsewhere-host" "$images/linked.example"
expect_status 0 hallmark tag seed.example/good:1 linked.example/lib/app:1
expect_status 1 hallmark push linked.example/lib/app:1
says "$images/linked.example: expected a folder, found a link"
[ -z "$(ls -A "$world/elsewhere-host")" ]
expect_status 0 hallmark tag seed.example/good:1 led.example/lib/led:1
expect_status 0 hallmark push led.example/lib/led:1
for link in led.example led.example/lib/led/_trust led.example/lib/led/_trust/tuf; do
  rm -rf "$world/led" && mkdir -p "$(dirname "$world/led/$link")"
  ln -s "$world/elsewhere-trust" "$world/led/$link"
  expect_status 1 hallmark --trust-server "file://$world/led" trust sign led.example/lib/led:1
  one_line
  says "$world/led/$link: expected a folder, found a link"
done
expect_status 0 hallmark --trust-server "file://$world/leads" trust sign led.example/lib/led:1
ln -s "$world/elsewhere-trust" "$world/leads/led.example/lib/led/_trust/tuf/targets"
expect_status 0 hallmark trust key generate --dir "$world" led
expect_status 0 hallmark --trust-server "file://$world/leads" trust signer add --key "$world/led.pub" led led.example/lib/led
expect_status 1 hallmark --trust-server "file://$world/leads" trust sign led.example/lib/led:1
says "_trust/tuf/targets: expected a folder, found a link"
[ -z "$(ls -A "$world/elsewhere-trust")" ]

it "a delegate without the directory's snapshot and timestamp keys is told, and nothing is written"
trust=file://$world/delegated shared=delegated.example/lib/app
expect_status 0 hallmark tag seed.example/good:1 $shared:1
expect_status 0 hallmark push $shared:1
expect_status 0 hallmark --trust-server "$trust" trust signer add --key "$world/led.pub" led $shared
mkdir -p "$world/delegate/trust/private"
grep -l 'role: led' "$DOCKER_CONFIG/trust/private/"*.key | xargs -I '{}' cp '{}' "$world/delegate/trust/private/"
[ "$(ls "$world/delegate/trust/private" | wc -l)" = 1 ]
state() { find "$world/delegated" "$images/delegated.example" -type f -print0 | sort -z | xargs -0 sha256sum; }
state >"$world/before"
expect_status 0 hallmark tag seed.example/app:1 $shared:2
for command in "trust sign $shared:1" "push $shared:2"; do
  # shellcheck disable=SC2086
  expect_status 5 env DOCKER_CONFIG="$world/delegate" DOCKER_CONTENT_TRUST=1 "$HALLMARK" --trust-server "$trust" $command
  says "^hallmark: error: $shared: to sign snapshot, expected 1 of the keys [0-9a-f]*, found 0 in "
  says "^hint: a directory of trust data signs nothing itself: "
done
state | diff "$world/before" -
it "with them he signs"
for role in snapshot timestamp; do
  cp "$DOCKER_CONFIG/trust/private/$(jq -r .signed.roles.$role.keyids[0] "$world/delegated/$shared/_trust/tuf/root.json").key" \
    "$world/delegate/trust/private/"
done
expect_status 0 env DOCKER_CONFIG="$world/delegate" "$HALLMARK" --trust-server "$trust" trust sign $shared:1
expect_status 0 env HALLMARK_STORE="$world/delegated.store" DOCKER_CONTENT_TRUST=1 "$HALLMARK" --trust-server "$trust" pull $shared:1

it "a push that finds no room for a repository says where"
echo >"$images/file.example"
expect_status 0 hallmark tag seed.example/good:1 file.example/app:1
expect_status 1 hallmark push file.example/app:1
says "$images/file.example: expected a folder, found a link or something else"

it "a push that was killed outright leaves the old state or the new one, and goes when it is done again"
# Into a repository that is signed already, and into one that nobody has begun.
for delay in 0.01 0.03 0.06 0.1 0.15 0.2 0.3 0.5; do
  for name in $app:killed-$delay reg.example/lib/begun-$delay:1; do
    expect_status 0 hallmark tag seed.example/app:1 $name
    killed=0
    DOCKER_CONTENT_TRUST=1 timeout -s KILL $delay "$HALLMARK" push $name >"$out" 2>"$err" || killed=$?
    [ $killed = 0 ] || [ $killed = 137 ] || { show_output && fail "ended with $killed"; }
    seen=0
    HALLMARK_STORE=$world/watching trusting hallmark pull $name >"$out" 2>"$err" || seen=$?
    case $killed$seen in 00 | 1370 | 1373) ;; *) show_output && fail "killed after $delay s, a reader finds $seen" ;; esac
    # A tag that is there is signed, whoever asks.
    [ $seen = 0 ] || expect_status 5 env HALLMARK_STORE="$world/careless" "$HALLMARK" pull $name
    expect_status 0 env HALLMARK_STORE="$world/watching" DOCKER_CONTENT_TRUST=1 "$HALLMARK" pull $app:1
    expect_status 0 trusting hallmark push $name
    expect_status 0 env HALLMARK_STORE="$world/watching" DOCKER_CONTENT_TRUST=1 "$HALLMARK" pull $name
    [ -z "$(find "$images" -name 'unfinished-*')" ] || fail "killed after $delay s, something was left"
  done
done

it "a trust directory apart from the images, with the pins of a policy"
apart=file://$world/trust%20apart
expect_status 0 hallmark tag seed.example/good:1 reg.example/apart:1
expect_status 0 trusting hallmark --trust-server "$apart" push reg.example/apart:1
[ -f "$world/trust apart/reg.example/apart/_trust/tuf/timestamp.json" ]
[ ! -e "$images/reg.example/apart/_trust" ]
key=$(jq -r '.signed.roles.root.keyids[0]' "$world/trust apart/reg.example/apart/_trust/tuf/root.json")
# pinned KEY
pinned() {
  cat >"$world/policy.json" <<END
{"hallmark": 1, "default": [{"type": "reject"}],
 "stores": {"dct": {"kind": "tuf", "server": "$apart", "pins": [{"gun": "reg.example/*", "rootKeyIds": ["$1"]}]}},
 "transports": {"docker": {"reg.example": [{"type": "tuf", "store": "dct"}]}}}
END
}
export HALLMARK_STORE=$world/pinned-store
pinned "$key"
expect_status 0 hallmark --policy "$world/policy.json" pull reg.example/apart:1
it "another root key than the pinned one is refused in a directory as on a server"
pinned "$(printf a%.0s {1..64})"
rm -rf "$HALLMARK_STORE"
expect_status 3 hallmark --policy "$world/policy.json" pull reg.example/apart:1
says "TUF_ROOT_NOT_PINNED"

it "the folder can be served as it is: the real notary reads and verifies what hallmark signed there"
make_ca
ln -s . "$images/v2"
port=$(free_port)
cat >"$world/serve.py" <<'END'
import functools, http.server, ssl, sys
folder, port, certificate, key = sys.argv[1:]
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)),
                                         functools.partial(http.server.SimpleHTTPRequestHandler, directory=folder))
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
END
start file-server "$port" python3 "$world/serve.py" "$images" "$port" "$world/server.crt" "$world/server.key"
expect_status 0 notary -s "https://localhost:$port" -d "$world/notary" --tlscacert "$world/ca.crt" list $app
prints "^two +$(digest_of_image good | cut -d: -f2) +$(size_of_image good) +targets$"

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Files and folders that other users may write: what decides is refused from there, whatever path leads to it, and
# nothing that this program makes is open to others, whatever the umask says.
. "$(dirname "$0")/../integration/lib.sh"
start_registry htpasswd
secured=$registry/lib/app:1
start_registry plain
make_image app --small
push_image app lib/app 1
app=$registry/lib/app:1
lax='{"default": [{"type": "insecureAcceptAnything"}]}'
mkdir -m 777 "$world/open"
mkdir "$world/closed"
echo "$lax" >"$world/open/policy.json"
echo "$lax" >"$world/closed/policy.json"

# open_to_others COMMAND...: is refused, with the folder and what to do.
open_to_others() {
  expect_status 2 "$@"
  one_line
  says "$world/open[^ ]* can be written by others"
  says "^hint: .*chmod go-w"
}

it "a policy that others may exchange is refused, whatever path leads there"
ln -s "$world/open" "$world/closed/way"
ln -s ../open/policy.json "$world/closed/link.json"
for path in "$world/open/policy.json" "$world/closed/../open/policy.json" "$world/closed/way/policy.json" \
  "$world/closed/link.json" "/dev/fd/../../..$world/open/policy.json" "/proc/self/fd/../../..$world/open/policy.json" \
  "/proc/self/cwd/../open/policy.json" "/proc/self/root$world/open/policy.json" "//$world//open/./policy.json"; do
  (cd "$world/closed" && open_to_others "$HALLMARK" --policy "$path" policy match "$app")
done
(cd "$world/open" && open_to_others "$HALLMARK" --policy policy.json policy match "$app")
(cd "$world/closed" && open_to_others "$HALLMARK" --policy ../open/policy.json policy match "$app")

it "of what was opened before, the file itself is looked at"
chmod 666 "$world/closed/policy.json"
expect_status 2 hallmark --policy /dev/stdin policy match "$app" <"$world/closed/policy.json"
says "/dev/stdin can be written by others"
expect_status 2 hallmark --policy /dev/fd/7 policy match "$app" 7<"$world/closed/policy.json"
says "/dev/fd/7 can be written by others"
chmod 644 "$world/closed/policy.json"
expect_status 0 hallmark --policy /dev/stdin policy match "$app" <"$world/closed/policy.json"
expect_status 0 hallmark --policy /proc/self/fd/7 policy match "$app" 7<"$world/closed/policy.json"
expect_status 0 hallmark --policy <(echo "$lax") policy match "$app"

it "a registries.conf that others may write is told, and refused where it says something"
echo "# nothing" >"$world/open/registries.conf"
expect_status 0 hallmark --registries-conf "$world/open/registries.conf" pull -q "$app"
says "^warning: $world/open/registries.conf: $world/open can be written by others"
printf '[[registry]]\nlocation = "other.example"\nblocked = true\n' >"$world/open/registries.conf"
open_to_others "$HALLMARK" --registries-conf "$world/open/registries.conf" pull -q "$app"

it "a config.json that others may write is told, and refused where a helper, a secret, a header or a context is in it"
mkdir "$world/open/docker"
config() { echo "$1" >"$world/open/docker/config.json"; }
with_config() { env DOCKER_CONFIG="$world/open/docker" "$HALLMARK" "$@"; }
config '{}'
expect_status 0 with_config pull -q "$app"
says "^warning: $world/open/docker/config.json: $world/open can be written by others"
for said in '"credsStore": "evil"' "\"credHelpers\": {\"${secured%%/*}\": \"evil\"}" "\"auths\": {\"${secured%%/*}\": {\"auth\": \"YTpi\"}}" \
  '"HttpHeaders": {"X-Evil": "1"}'; do
  config "{$said}"
  open_to_others with_config pull -q "$secured"
done
config '{"currentContext": "evil"}'
open_to_others with_config pull -q --to docker "$app"
config '{}'
open_to_others with_config login -u a --password-stdin "$registry" <<<secret

it "certificates and authorities that others may write are refused"
make_ca
mkdir -p "$world/open/docker/tls/$registry"
cp "$world/ca.crt" "$world/open/docker/tls/$registry/ca.crt"
open_to_others with_config pull -q "$app"
rm -r "$world/open/docker/tls"
cp "$world/ca.crt" "$world/open/ca.crt"
open_to_others env SSL_CERT_FILE="$world/open/ca.crt" "$HALLMARK" pull -q "$app"
open_to_others env SSL_CERT_DIR="$world/closed:$world/open" "$HALLMARK" pull -q "$app"

it "so are authorities in a closed folder that others may write, or that lie elsewhere behind a link"
name=$(openssl x509 -hash -noout -in "$world/ca.crt").0
mkdir "$world/authorities"
with_authorities() { env SSL_CERT_DIR="$world/authorities" "$HALLMARK" pull -q "$app"; }
cp "$world/ca.crt" "$world/authorities/$name"
expect_status 0 with_authorities
chmod 666 "$world/authorities/$name"
expect_status 2 with_authorities
says "SSL_CERT_DIR: $world/authorities/$name can be written by others"
for target in "$world/open/ca.crt" "$world/open/nothing"; do
  ln -sf "$target" "$world/authorities/$name"
  open_to_others with_authorities
done
cp "$world/ca.crt" "$world/closed/ca.crt"
for target in ../closed/ca.crt ../closed/nothing; do
  ln -sf "$target" "$world/authorities/$name"
  expect_status 0 with_authorities
done

it "what is remembered of trust counts only where nobody else can write it"
start_notary
sign app lib/app 1
expect_status 0 with_trust hallmark pull -q "$app"
for folder in "$store/.hallmark" "$store/.hallmark/trust" "$store"; do
  chmod o+w "$folder"
  expect_status 2 with_trust hallmark verify "$app"
  one_line
  says "^hallmark: error: .*the remembered (trust data|bundles and times): $folder can be written by others"
  chmod o-w "$folder"
done
expect_status 0 with_trust hallmark verify "$app"
it "a store in which others can write the names is not used: nothing is read, signed, handed over or brought in"
for open in . index.json .hallmark; do
  chmod o+w "$store/$open"
  for words in images "inspect $app" "save -o $world/x.tar $app" "tag $app $registry/lib/app:2" "rmi $app" "pull -q $app" \
    "push $app" "push --disable-content-trust=false $app" "import $world/closed/policy.json $registry/lib/x:1" check "image prune -f"; do
    # shellcheck disable=SC2086
    expect_status 2 hallmark $words
    one_line
    says "the [a-z ]*: $(realpath "$store/$open") can be written by others"
  done
  chmod o-w "$store/$open"
done
expect_status 0 hallmark tag "$app" "$registry/lib/app:2"
mkdir -m 777 "$world/bare"
expect_status 2 hallmark --store "$world/bare" pull -q "$app"
says "the [a-z ]*: $world/bare can be written by others"
ln -s "$store" "$world/closed/store"
for path in "$world/closed/store" "$world/closed/store/"; do expect_status 0 hallmark --store "$path" inspect "$app"; done

it "a folder above the store that others can write is told"
mkdir -m 777 "$world/volume"
HALLMARK_STORE=$world/volume/store expect_status 0 with_trust hallmark pull -q "$app"
says "^warning: $world/volume can be written by others: who can, can exchange the store and all that it remembers$"
it "a store that is named from the current folder is looked at like any other"
(cd "$world/volume" && expect_status 0 with_trust hallmark --store here/ pull -q "$app" && says "^warning: $world/volume can be written by others")
HALLMARK_STORE=$world/fresh
mkdir -m 777 "$DOCKER_CONFIG/trust"
mkdir -p "$DOCKER_CONFIG/trust/tuf/$registry/lib"
cp -r "$world/publisher/tuf/$registry/lib/app" "$DOCKER_CONFIG/trust/tuf/$registry/lib/app"
expect_status 2 with_trust hallmark verify "$app"
says "the remembered trust data: $DOCKER_CONFIG/trust can be written by others"
chmod 755 "$DOCKER_CONFIG/trust"
remembered_root=$(find "$DOCKER_CONFIG/trust/tuf" -name root.json)
chmod 666 "$remembered_root"
expect_status 2 with_trust hallmark verify "$app"
says "the remembered trust data: $remembered_root can be written by others"
chmod 644 "$remembered_root"
expect_status 0 with_trust hallmark verify "$app"
HALLMARK_STORE=$store

it "so it is with the folder of keys"
export DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE=root-secret DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE=repository-secret
expect_status 0 hallmark trust key generate --dir "$world" dora
chmod o+w "$DOCKER_CONFIG/trust/private"
expect_status 2 hallmark trust key ls
says "key folder: $DOCKER_CONFIG/trust/private can be written by others"
chmod o-w "$DOCKER_CONFIG/trust/private"
expect_status 0 hallmark trust key ls

it "a private key that others can exchange signs nothing, and is not taken in"
openssl genpkey -algorithm ed25519 -out "$world/closed/key.pem" 2>/dev/null
chmod 600 "$world/closed/key.pem"
cp -p "$world/closed/key.pem" "$world/open/key.pem"
expect_status 0 hallmark save --sign "$world/closed/key.pem" -o "$world/signed.tar" "$app"
open_to_others "$HALLMARK" save --sign "$world/open/key.pem" -o "$world/x.tar" "$app"
open_to_others "$HALLMARK" save --sign "$world/closed/way/key.pem" -o "$world/x.tar" "$app"
open_to_others "$HALLMARK" trust key load "$world/open/key.pem"
[ ! -e "$world/x.tar" ] || fail "something was signed"

it "nothing that is made is open to others, whatever the umask says"
for mask in 000 002 022 077; do
  mkdir -m 755 "$world/made.$mask"
  (
    umask "$mask"
    export DOCKER_CONFIG=$world/made.$mask/new/docker HALLMARK_STORE=$world/made.$mask/state/store HALLMARK_POLICY=$world/made.policy
    echo '{"hallmark": 1, "default": [{"type": "reject"}], "transports": {"docker": {"'"${app%%/*}"'": [{"type": "insecureAcceptAnything"}]}}, "audit": {"file": "'"$world/made.$mask/audit"'"}}' >"$HALLMARK_POLICY"
    chmod 600 "$HALLMARK_POLICY"
    expect_status 0 hallmark login -u alice --password-stdin "${secured%%/*}" <<<s3cret
    expect_status 0 hallmark pull -q "$app"
    expect_status 0 hallmark save -o "$world/made.$mask/app.tar" "$app"
    expect_status 0 hallmark trust key generate --dir "$world/made.$mask" dora
    expect_status 0 hallmark --registry "file://$world/made.$mask/images" --trust-server "file://$world/made.$mask/trust" \
      push -q --disable-content-trust=false "$app"
  )
  open=$(find "$world/made.$mask" ! -type l -perm /022)
  [ -z "$open" ] || fail "umask $mask: open to others: $open"
  # Nobody else gets into a folder of mode 0700, whatever its files say.
  others=$(find "$world/made.$mask/new" ! -type l ! -path '*/docker/hallmark/*' -perm /077)
  [ -z "$others" ] || fail "umask $mask: open to others: $others"
done

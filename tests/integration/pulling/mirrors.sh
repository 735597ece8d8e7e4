#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Mirrors and places: registries.conf and docker's registry-mirrors say whom to ask, never what a name means.
. "$(dirname "$0")/../lib.sh"
start_registry plain
primary=$registry
make_image app --folder /usr/share/doc/bash
make_image other --mark other
push_image app lib/app 1
push_image app library/app 1
conf=$CONTAINERS_REGISTRIES_CONF
digest=$(digest_of_image app)

# A registry that fetches from the first one what it is asked for.
start_pull_through() {
  local port
  port=$(free_port)
  mirror=localhost:$port
  cat >"$world/mirror-$port.yml" <<YML
version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $world/mirror-$port}}
proxy: {remoteurl: "http://$primary"}
http: {addr: "127.0.0.1:$port"}
YML
  start "mirror-$port" "$port" docker-registry serve "$world/mirror-$port.yml"
}
# mirrors PREFIX LOCATION MIRROR...: as the only registry of registries.conf.
mirrors() {
  local one
  printf '[[registry]]\nprefix = "%s"\nlocation = "%s"\n' "$1" "$2" >"$conf"
  for one in "${@:3}"; do printf '[[registry.mirror]]\nlocation = "%s"\n' "$one" >>"$conf"; done
}
pulls() {
  rm -rf "$store"
  expect_status 0 hallmark pull -v "${1:-$primary/lib/app:1}"
  hallmark images --digests | grep -qF "$digest" || fail "another image came in"
}
asked() { grep -E "^(GET|HEAD) http://$1/v2/.* -> $2" "$err" >/dev/null || { show_output && fail "not asked of $1: $2"; }; }
not_asked() { ! grep -E "^[A-Z]+ http://$1/v2/$2" "$err" >/dev/null || { show_output && fail "$1 was asked: $2"; }; }

start_pull_through
it "blobs come from the mirror, the tag from the registry itself, and the name stays what it was"
mirrors "$primary" "$primary" "$mirror"
pulls
asked "$mirror" 200
not_asked "$mirror" "lib/app/manifests/1 "
not_asked "$primary" "lib/app/blobs/"
[ "$(names_in_store)" = "$primary/lib/app:1 " ] || fail "the store has: $(names_in_store)"
it "a manifest whose digest is known comes from the mirror"
pulls "$primary/lib/app@$digest"
not_asked "$primary" "lib/app/"

it "so does an image whose digest trust gives, whatever its tag is at the mirror"
start_notary
sign app lib/app 1
with_trust pulls
not_asked "$primary" "lib/app/"
not_asked "$mirror" "lib/app/manifests/1 "

it "what a mirror does not have is no reason to speak of"
start_registry plain
mirrors "$primary" "$primary" "$registry"
pulls
says_not "not asked any more"
asked "$primary" 200
it "a mirror that is down is said to be, once, and the next one asked"
closed=localhost:$(free_port)
mirrors "$primary" "$primary" "$closed" "$mirror"
pulls
[ "$(grep -c "mirror $closed/lib/app is not asked any more" "$err")" = 1 ] || { show_output && fail "not once"; }
asked "$mirror" 200
not_asked "$primary" "lib/app/blobs/"

it "where the registry cannot be reached, a mirror serves a tag whose digest the policy says, and the hint says why no other"
mirrors "$closed" "$closed" "$mirror"
rm -rf "$store"
expect_status 7 hallmark pull "$closed/lib/app:1"
says "no connection"
says "^hint: mirror $mirror/lib/app was not asked: .*NAME@DIGEST.*location = \"$mirror\" in registries.conf"
store_is_empty
cat >"$world/listed.json" <<END
{"hallmark": 1, "default": [{"type": "digest", "allow": ["$digest"]}]}
END
expect_status 0 hallmark --policy "$world/listed.json" pull -v "$closed/lib/app:1"
not_asked "$mirror" "lib/app/manifests/1 "
[ "$(names_in_store)" = "$closed/lib/app:1 " ] || fail "the store has: $(names_in_store)"
sed -i "s/$digest/sha256:$(printf 0%.0s $(seq 64))/" "$world/listed.json"
rm -rf "$store"
expect_status 7 hallmark --policy "$world/listed.json" pull "$closed/lib/app:1"
store_is_empty

start_faults "http://$primary" flip@layer flip@config flip@manifest longer@layer shorter@layer cut@layer endless@layer \
  status-500@layer status-429@layer status-401@any edit@manifest none@any
it "a mirror that lies about a blob costs a line, and the right bytes come from the registry"
for lie in flip@layer flip@config longer@layer shorter@layer endless@layer; do
  mirrors "$primary" "$primary" "${fault[$lie]}"
  pulls
  says "mirror ${fault[$lie]}/lib/app is not asked any more: .*"
done
it "so it is with a manifest by its digest"
for lie in flip@manifest edit@manifest; do
  mirrors "$primary" "$primary" "${fault[$lie]}"
  pulls "$primary/lib/app@$digest"
  says "mirror ${fault[$lie]}/lib/app is not asked any more: .*expected $digest"
done
it "a mirror that fails is not waited for"
for trouble in status-500@layer status-429@layer cut@layer status-401@any; do
  mirrors "$primary" "$primary" "${fault[$trouble]}"
  pulls
  says "mirror ${fault[$trouble]}/lib/app is not asked any more"
done
it "when the registry itself lies as well, nothing is committed"
start_faults "http://$primary" flip@layer
mirrors "$primary" "${fault[flip@layer]}" "${fault[cut@layer]}"
rm -rf "$store"
expect_status 4 hallmark pull "$primary/lib/app:1"
one_line
store_is_empty

it "a large layer that a mirror bends has gone out before it is known, and is fetched again elsewhere"
mkdir "$world/large"
head -c 9000000 /dev/urandom >"$world/large/noise"
make_image large --folder "$world/large"
registry=$primary registry_data=$world/registry-${primary#*:}
push_image large lib/large 1
mirrors "$primary" "$primary" "${fault[flip@layer]}"
start_faults "http://$primary" flip@layer cut-norange@layer
for lie in flip@layer cut-norange@layer; do
  mirrors "$primary" "$primary" "${fault[$lie]}"
  rm -rf "$store"
  expect_status 0 hallmark pull "$primary/lib/large:1"
  says "mirror ${fault[$lie]}/lib/large is not asked any more"
  hallmark check >"$out" || { show_output && fail "the store is damaged"; }
done

it "a location takes the place of the registry, under the name that was typed"
mirrors example.com/team "$primary/lib"
pulls example.com/team/app:1
asked "$primary" 200
[ "$(names_in_store)" = "example.com/team/app:1 " ] || fail "the store has: $(names_in_store)"
it "a policy looks at the name, not at the place"
cat >"$world/policy.json" <<END
{"default": [{"type": "reject"}],
 "transports": {"docker": {"example.com/team": [{"type": "insecureAcceptAnything"}]}}}
END
rm -rf "$store"
expect_status 0 hallmark --policy "$world/policy.json" pull example.com/team/app:1
expect_status 3 hallmark --policy "$world/policy.json" pull "$primary/lib/app:1"
it "what is pushed goes there too, and never to a mirror"
mirrors example.com/team "$primary/lib" "$mirror/lib"
hallmark tag example.com/team/app:1 example.com/team/app:2
expect_status 0 hallmark push example.com/team/app:2
expect_status 0 hallmark verify "$primary/lib/app:2"
it "the longest prefix counts, a name before a pattern"
cat >"$conf" <<END
[[registry]]
prefix = "example.com"
location = "$closed"
[[registry]]
prefix = "*.com"   # no name of this host itself
location = "$closed"
[[registry]]
prefix = "example.com/team"
location = "$primary/lib"
END
expect_status 2 hallmark pull example.com/team/app:1
says "registries.conf:4: .*\\*\\.DOMAIN"
sed -i 's/"\*\.com"/"*.example.com"/' "$conf"
pulls example.com/team/app:1

it "a registry that is blocked is refused with file and line, for reading and for writing"
printf '# ours\n\n[[registry]]\nlocation = "%s"\nblocked = true\n' "$primary" >"$conf"
expect_status 3 hallmark pull "$primary/lib/app:1"
one_line
says "blocked in $conf:3"
hallmark tag example.com/team/app:1 "$primary/lib/app:3"
expect_status 3 hallmark push "$primary/lib/app:3"
says "blocked in $conf:3"

it "what is not understood is refused with file and line"
refused() {
  printf '%b' "$1" >"$conf"
  expect_status 2 hallmark pull "$primary/lib/app:1"
  one_line
  says "$2"
}
refused '[registries.search]\nregistries = ["docker.io"]\n' "$conf:1: .*version 1"
refused '[[registry]]\nlocation = "a.example"\nmirrors = ["x"]\n' "$conf:3: key mirrors"
refused '[[registry]]\nlocation = "https://a.example"\n' "$conf:1: .*no place"
refused '[[registry]]\nlocation = "a"\n' "$conf:1: .*no place"
refused '[[registry]]\nprefix = "a.example"\n' "$conf:1: .*without a location"
refused '[[registry]]\nlocation = "a.example\n' "$conf:2: .*parsing string"
refused '[[registry]]\nlocation = "a.example"\nblocked = 1\n' "$conf:3: .*blocked"
rm "$conf"
expect_status 2 hallmark pull "$primary/lib/app:1"
says "$conf cannot be read"

it "the user's own file counts before the machine's, drop-ins after both, --registries-conf before all"
unset CONTAINERS_REGISTRIES_CONF
conf=$HOME/.config/containers/registries.conf
mkdir -p "$conf.d"
mirrors example.com/team "$closed"
cp "$conf" "$world/closed.conf"
mirrors example.com/team "$primary/lib"
printf 'unqualified-search-registries = ["quay.io"]\n[aliases]\n"app" = "quay.io/x/app"\n' >"$conf.d/000-names.conf"
pulls example.com/team/app:1
expect_status 7 hallmark --registries-conf "$world/closed.conf" pull example.com/team/app:1
cp "$world/closed.conf" "$conf.d/100-closed.conf"
expect_status 7 hallmark pull example.com/team/app:1

it "docker's registry-mirrors are for Docker Hub alone"
rm -r "$conf" "$conf.d"
mkdir -p "$XDG_CONFIG_HOME/docker"
mirrored() { echo "{\"registry-mirrors\": [\"$1\"]}" >"$XDG_CONFIG_HOME/docker/daemon.json"; }
mirrored "http://$mirror/"
pulls "app@$digest"
asked "$mirror" 200
[ "$(names_in_store)" = "app:<none> " ] || fail "the store has: $(names_in_store)"
pulls "$primary/lib/app:1"
not_asked "$mirror" ""
for wrong in "$mirror" "ftp://$mirror" "http://$mirror/path" "http://user:secret@$mirror"; do
  mirrored "$wrong"
  expect_status 2 hallmark pull "app@$digest"
  one_line
  says "daemon.json: registry-mirrors"
done
rm "$XDG_CONFIG_HOME/docker/daemon.json"

it "http to a mirror that is not on loopback needs its mark, and never carries a password"
conf=$HOME/.config/containers/registries.conf
start_registry htpasswd
push_image app lib/app 1 --user alice:s3cret
elsewhere=0.0.0.0:${registry#*:}
echo "{\"auths\": {\"$elsewhere\": {\"auth\": \"$(printf alice:s3cret | base64)\"}}}" >"$DOCKER_CONFIG/config.json"
mirrors "$primary" "$primary" "$elsewhere"
pulls
says "mirror $elsewhere/lib/app is not asked any more"
not_asked "$elsewhere" ""
echo 'insecure = true' >>"$conf"
pulls
says "mirror $elsewhere/lib/app is not asked any more: .*not sent over http"
it "a mirror gets the credentials that are stored for it, not those of the registry"
echo "{\"auths\": {\"$primary\": {\"auth\": \"$(printf alice:s3cret | base64)\"}}}" >"$DOCKER_CONFIG/config.json"
mirrors "$primary" "$primary" "$registry"
pulls
says "no credentials for $registry"
says "mirror $registry/lib/app is not asked any more"
echo "{\"auths\": {\"$registry\": {\"auth\": \"$(printf alice:s3cret | base64)\"}}}" >"$DOCKER_CONFIG/config.json"
pulls
asked "$registry" 200
not_asked "$primary" "lib/app/blobs/"

it "HttpHeaders are for the host that the name says, not for who stands in for it"
cat >"$world/listener.py" <<'PY'
import http.server, sys
class Listener(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        print(self.command, self.path, "secret:" + str(self.headers.get("X-Secret")), flush=True)
        self.send_error(404)
    do_HEAD = do_GET
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Listener).serve_forever()
PY
port=$(free_port)
start listener "$port" python3 "$world/listener.py" "$port"
echo '{"HttpHeaders": {"X-Secret": "header"}}' >"$DOCKER_CONFIG/config.json"
mirrors "$primary" "$primary" "localhost:$port"
pulls
grep -q "/blobs/.* secret:None" "$world/listener.log" || fail "the mirror was not asked"
mirrors "$primary" "localhost:$port"
expect_status 5 hallmark pull "$primary/lib/app:1"
rm "$conf"
expect_status 5 hallmark pull "localhost:$port/lib/app:1"
# First the mirror, then the other place, and at last the registry itself.
[ "$(grep -o "secret:.*" "$world/listener.log" | uniq | tr '\n' ' ')" = "secret:None secret:header " ] ||
  fail "the headers went where they should not"

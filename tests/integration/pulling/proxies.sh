#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A proxy on the way: who goes through it, what it says, and that its password is in no message. And the places where
# credentials, a home and a policy are looked for.
. "$(dirname "$0")/../lib.sh"
unset HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy
start_registry htpasswd
make_image app --mark app
push_image app lib/app 1 --user alice:s3cret
inner=$registry

# A proxy that tunnels nowhere (STATUS of CONNECT) and passes plain http on to the registry here, whatever the host.
cat >"$world/proxy.py" <<'PY'
import http.client, http.server, sys, urllib.parse
port, status, inner = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
class Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *words): pass
    def do_CONNECT(self):
        print("CONNECT", self.path, flush=True)
        self.send_response(status); self.send_header("Content-Length", "0"); self.end_headers()
        self.close_connection = True
    def do_GET(self):
        print(self.command, self.path, flush=True)
        url = urllib.parse.urlsplit(self.path)
        server = http.client.HTTPConnection(inner)
        passed = {n: v for n, v in self.headers.items() if n.lower() in ("accept", "authorization", "range")}
        server.request(self.command, url.path + ("?" + url.query if url.query else ""), headers=passed)
        answer = server.getresponse(); body = answer.read()
        self.send_response(answer.status)
        for name in ("Content-Type", "WWW-Authenticate", "Docker-Content-Digest"):
            if answer.headers[name]: self.send_header(name, answer.headers[name])
        self.send_header("Content-Length", answer.headers["Content-Length"] or str(len(body))); self.end_headers()
        if self.command != "HEAD": self.wfile.write(body)
    do_HEAD = do_GET
http.server.ThreadingHTTPServer(("127.0.0.1", port), Proxy).serve_forever()
PY
start_proxy() {
  local port
  port=$(free_port)
  proxy=127.0.0.1:$port
  start "proxy-$1" "$port" python3 "$world/proxy.py" "$port" "$1" "$inner"
  log=$world/proxy-$1.log
}
connects() { grep -c "^CONNECT $1" "$log" || true; }

it "no_proxy has ports, networks and what is below a name, as Go reads it"
start_proxy 502
for list in registry.invalid:5000 "x, .invalid" 127.0.0.0/8,invalid "*"; do
  expect_status 7 env "no_proxy=$list" "https_proxy=http://$proxy" "$HALLMARK" verify registry.invalid:5000/a:1
  says "host not found"
done
[ "$(connects "")" = 0 ] || fail "the proxy was asked: $(cat "$log")"
expect_status 7 env no_proxy=registry.invalid:443 "https_proxy=http://$proxy" "$HALLMARK" verify registry.invalid:5000/a:1
says "proxy $proxy does not reach registry.invalid:5000 \(HTTP 502\)"
[ "$(connects registry.invalid:5000)" = 5 ] || fail "it was asked $(connects "") times"

it "a proxy that refuses is named, at once, and its password is not"
for status in 407 403; do
  start_proxy "$status"
  expect_status 7 env "https_proxy=http://user:s3cret@$proxy" "$HALLMARK" verify -v registry.invalid/a:1
  says "^hallmark: error: .*proxy $proxy .*HTTP $status"
  says "^hint: https_proxy=http://USER:PASSWORD@HOST:PORT"
  says_not "s3cret"
  [ "$(connects registry.invalid:443)" = 1 ] || fail "it was asked $(connects "") times"
done
it "an address that cannot be used is status 2, and not repeated"
for address in 'http://user:s3#cret@proxy.invalid:3128' 'http://user:s3/cret@proxy.invalid' 'gopher://user:cret@proxy.invalid'; do
  expect_status 2 env "https_proxy=$address" "$HALLMARK" verify -v registry.invalid/a:1
  one_line
  says "https_proxy cannot be used"
  says_not cret
done

it "plain http goes through the proxy where no tunnel is to be had, and where no proxy is for https"
mkdir -p "$world/runtime/containers"
auth=$(printf alice:s3cret | base64)
echo "{\"auths\": {\"registry.invalid:5000/lib\": {\"auth\": \"$auth\"}}}" >"$world/runtime/containers/auth.json"
export XDG_RUNTIME_DIR=$world/runtime
for variables in "http_proxy=http://$proxy https_proxy=http://$proxy" "http_proxy=http://$proxy"; do
  rm -rf "$store"
  # shellcheck disable=SC2086
  expect_status 0 env $variables "$HALLMARK" pull --plain-http registry.invalid:5000/lib/app:1
done
it "without the flag nothing goes over http"
expect_status 7 env "http_proxy=http://$proxy" "$HALLMARK" pull registry.invalid:5000/lib/app:1

it "credentials are taken from auth.json, REGISTRY_AUTH_FILE and DOCKER_AUTH_CONFIG"
rm -rf "$store"
expect_status 6 hallmark verify "$registry/lib/app:1"
entry="{\"auths\": {\"$registry\": {\"auth\": \"$auth\"}}}"
echo "$entry" >"$world/runtime/containers/auth.json"
expect_status 0 hallmark verify "$registry/lib/app:1"
mv "$world/runtime/containers/auth.json" "$world/auth.json"
expect_status 6 hallmark verify "$registry/lib/app:1"
expect_status 0 env "REGISTRY_AUTH_FILE=$world/auth.json" "$HALLMARK" verify "$registry/lib/app:1"
expect_status 0 env "DOCKER_AUTH_CONFIG=$entry" "$HALLMARK" verify "$registry/lib/app:1"
expect_status 6 env DOCKER_AUTH_CONFIG= REGISTRY_AUTH_FILE= "$HALLMARK" verify "$registry/lib/app:1"
it "an empty config.json says nothing, and an empty name of a helper means the file"
printf '\n' >"$DOCKER_CONFIG/config.json"
expect_status 6 hallmark verify "$registry/lib/app:1"
echo "{\"credsStore\": \"broken\", \"credHelpers\": {\"$registry\": \"\"}, ${entry#\{}" >"$DOCKER_CONFIG/config.json"
expect_status 0 hallmark verify "$registry/lib/app:1"

it "without HOME the home is that of the list of users, and only looked into"
home=$(getent passwd "$(id -u)" | cut -d: -f6)
expect_status 0 env -u HOME -u XDG_CONFIG_HOME "$HALLMARK" pull "$registry/lib/app:1"
expect_status 7 env -u HOME -u XDG_CONFIG_HOME -u DOCKER_CONFIG "$HALLMARK" trust status registry.invalid/db
[ -d "$home" ] || fail "no home"
it "a policy of the containers tools is the user's own before the machine's"
mkdir -p "$HOME/.config/containers"
echo '{"default": [{"type": "reject"}]}' >"$HOME/.config/containers/policy.json"
expect_status 3 hallmark pull "$registry/lib/app:1"
says "$HOME/.config/containers/policy.json|REJECT"

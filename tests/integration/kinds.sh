# SPDX-License-Identifier: Apache-2.0
# The registries of the world on loopback, sourced after lib.sh by the tests named registries_*.sh. One real
# docker-registry (three doors to one storage) is behind all of them; registry_kinds.py has what is special about each.
#
# shellcheck shell=bash disable=SC2154

# door NAME AUTH: one more docker-registry on the same storage; its URL is ${door[NAME]}.
declare -A door=()
start_door() {
  local port
  port=$(free_port)
  cat >"$world/door-$1.yml" <<DOOR
version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $registry_data}, maintenance: {uploadpurging: {enabled: false}}}
auth: {$2}
http: {addr: "127.0.0.1:$port"}
DOOR
  start "door-$1" "$port" docker-registry serve "$world/door-$1.yml"
  door[$1]=http://localhost:$port
}

# start_kinds HOST...: with lib/app:1 and :2 in all of them, and a certificate for these hosts.
start_kinds() {
  local names="" one
  start_registry plain
  make_image app --folder /usr/share/doc/bash
  make_image next --mark next
  push_image app lib/app 1
  push_image next lib/app 2
  push_image app library/app 1
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$world/signer.key" \
    -out "$world/signer.crt" -days 36500 -subj "/CN=token signer" 2>/dev/null
  htpasswd -Bbn -C 4 AWS aws-password >"$world/htpasswd"
  htpasswd -Bbn -C 4 zot z0t >>"$world/htpasswd"
  start_door token "token: {realm: 'https://token.invalid/', service: svc, issuer: iss, rootcertbundle: $world/signer.crt}"
  start_door basic "htpasswd: {realm: basic-realm, path: $world/htpasswd}"
  make_ca
  for one in "$@"; do names+=",DNS:$one"; done
  echo "subjectAltName=${names#,}" >"$world/kinds.ext"
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$world/kinds.key" -out "$world/kinds.csr" \
    -subj "/CN=the world" 2>/dev/null
  openssl x509 -req -in "$world/kinds.csr" -CA "$world/ca.crt" -CAkey "$world/ca.key" -CAcreateserial -days 36500 \
    -extfile "$world/kinds.ext" -out "$world/kinds.crt" 2>/dev/null
  python3 "$tests/support/registry_kinds.py" --token "${door[token]}" --basic "${door[basic]}" \
    --open "http://$registry" --certificate "$world/kinds.crt" --key "$world/kinds.key" --signer "$world/signer.crt" \
    --signer-key "$world/signer.key" >"$world/kinds.port" 2>>"$world/kinds.log" &
  servers+=("$!")
  for _ in $(seq 1200); do
    grep -q '^ready' "$world/kinds.port" && break
    sleep 0.05
  done
  https_proxy=http://localhost:$(cut -d' ' -f2 "$world/kinds.port")
  SSL_CERT_FILE=$world/ca.crt
  export https_proxy SSL_CERT_FILE
}

log_in() { printf '%s' "$3" | "$HALLMARK" login --username "$2" --password-stdin "$1"; }
log_out() { rm -f "$DOCKER_CONFIG/config.json"; }
forget() { : >"$world/kinds.log"; }
was_asked() { grep -E -- "$1" "$world/kinds.log" >/dev/null || fail "no request: $1"; }
was_not_asked() { ! grep -E -- "$1" "$world/kinds.log" || fail "a request: $1"; }

# whole_round HOST USER PASSWORD REPOSITORY: a wrong password, the right one; pull, list, push, and pull what was pushed.
whole_round() {
  local host=$1 user=$2 password=$3 repository=$4
  rm -rf "$store"
  log_out
  expect_status 6 log_in "$host" "$user" "${password}x"
  one_line
  [ ! -e "$DOCKER_CONFIG/config.json" ] || fail "a wrong password was kept"
  expect_status 6 hallmark pull "$host/lib/app:1"
  one_line
  expect_status 0 log_in "$host" "$user" "$password"
  prints "^Login Succeeded$"
  expect_status 0 hallmark pull --all-tags "$host/lib/app"
  [ "$(names_in_store)" = "$host/lib/app:1 $host/lib/app:2 " ] || fail "the store has: $(names_in_store)"
  hallmark tag "$host/lib/app:1" "$host/$repository:new"
  expect_status 0 hallmark push "$host/$repository:new"
  expect_status 0 hallmark verify "$host/$repository@$(digest_of_image app)"
}

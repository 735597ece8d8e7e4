# SPDX-License-Identifier: Apache-2.0
# The harness of the shell tests, sourced by each: a private world with real servers on loopback, gone at the end.
#
#   it "a tampered layer is refused"          names what the lines after it show; the first failure ends the test
#   expect_status 3 hallmark pull NAME        runs a command; $out and $err are files with what it printed
#   says REGEX, says_not REGEX                about standard error; prints REGEX about standard output
#   remember_store; store_is_untouched        the same files with the same bytes, and nothing left in quarantine
#
# shellcheck shell=bash disable=SC2034
set -euo pipefail
shopt -s inherit_errexit
umask 022  # policy files that a group may write are refused

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
HALLMARK=$(realpath "${HALLMARK:-$tests/../build/hallmark}")
export HALLMARK
[ -x "$HALLMARK" ] || { echo "no binary at $HALLMARK; say where it is with HALLMARK=" >&2 && exit 1; }

world=$(mktemp -d "${TMPDIR:-/tmp}/hallmark-test.XXXXXX")
servers=()
sentence="(set-up)"

# A person who never used docker here, and who has no proxy: nothing of the machine's own settings counts.
mkdir -p "$world/home" "$world/docker" "$world/tmp"
export HOME=$world/home DOCKER_CONFIG=$world/docker XDG_DATA_HOME=$world/data XDG_CONFIG_HOME=$world/config
export TMPDIR=$world/tmp HALLMARK_STORE=$world/store LC_ALL=C.UTF-8 TZ=UTC
for variable in "${!DOCKER_CONTENT_TRUST@}" http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy \
  HALLMARK_POLICY HALLMARK_REGISTRY HALLMARK_REQUIRE_PUBLISHER HALLMARK_TOKEN_SERVERS DOCKER_DEFAULT_PLATFORM SSL_CERT_FILE SSL_CERT_DIR; do
  unset "$variable"
done
# Debian's programs before all others: a wrapper that chooses the version of python3 takes ten times as long as it.
export PATH=/usr/bin:/bin:/usr/sbin:/sbin:$PATH
export CONTAINERS_REGISTRIES_CONF=$world/registries.conf
: >"$CONTAINERS_REGISTRIES_CONF"
store=$HALLMARK_STORE out=$world/out err=$world/err

clean_up() {
  status=$?
  set +e
  for server in "${servers[@]}"; do kill "$server" 2>/dev/null; done
  for server in "${servers[@]}"; do wait "$server" 2>/dev/null; done
  if declare -F at_end >/dev/null; then at_end; fi
  if [ $status -ne 0 ] && [ $status -ne 77 ] && [ -n "$sentence" ]; then
    echo "FAILED: $sentence (status $status)" >&2
    for log in "$world"/*.log; do [ -s "$log" ] && echo "--- ${log##*/}" >&2 && tail -n 12 "$log" >&2; done
  fi
  if [ -n "${HALLMARK_KEEP:-}" ]; then echo "kept: $world" >&2; else rm -rf "$world"; fi
  exit $status
}
trap clean_up EXIT
trap 'exit 143' INT TERM

it() {
  sentence=$1
  echo "- $1"
}

fail() {
  echo "$1" >&2
  exit 1
}

# For what this machine cannot do: counted by ctest as skipped, never as passed.
skip() {
  echo "SKIP: $1"
  exit 77
}

show_output() {
  sed 's/^/  out| /' "$out" >&2
  sed 's/^/  err| /' "$err" >&2
}

hallmark() { "$HALLMARK" "$@"; }

expect_status() {
  local expected=$1 found=0
  shift
  "$@" >"$out" 2>"$err" || found=$?
  [ "$found" = "$expected" ] && return
  show_output
  fail "expected exit status $expected, found $found: $*"
}

says() { grep -qE -- "$1" "$err" || { show_output && fail "standard error does not say: $1"; }; }
says_not() { ! grep -qE -- "$1" "$err" || { show_output && fail "standard error says: $1"; }; }
prints() { grep -qE -- "$1" "$out" || { show_output && fail "standard output does not have: $1"; }; }
prints_nothing() { [ ! -s "$out" ] || { show_output && fail "standard output is not empty"; }; }
# A refusal is one line with its name, and at most one more with a hint.
one_line() {
  local lines hints
  lines=$(grep -c '^hallmark: error: ' "$err") || true
  hints=$(grep -c '^hint: ' "$err") || true
  if [ "$lines" != 1 ] || [ "$hints" -gt 1 ]; then show_output && fail "not one line and a hint"; fi
}

# REPOSITORY:TAG of all images, sorted, on one line.
names_in_store() { hallmark images | awk 'NR > 1 { print $1 ":" $2 }' | sort | tr '\n' ' '; }

# All files of the store with their bytes. What it learned about trust may grow even when an image is refused, and what
# it vouches for may become less.
state_of_store() {
  [ -d "$store" ] || return 0
  (cd "$store" && find . -type f ! -path './.hallmark/trust/*' ! -path './.hallmark/kept/*' ! -path ./.hallmark/verified ! -name '*lock*' -print0 | sort -z | xargs -0 -r sha256sum)
}
remember_store() { state_of_store >"$err.remembered"; }
store_is_untouched() {
  state_of_store | diff "$err.remembered" - >&2 || fail "the store was touched"
}
store_is_empty() {
  [ -z "$(state_of_store)" ] || { state_of_store >&2 && fail "the store is not empty"; }
}

# meanwhile COMMAND...: in the background, with a copy of the store and with $out and $err of its own. all_done waits for
# all of them and fails when one did. For what waits more than it works: retries of a server that is down.
jobs=()
first_job=0  # names are used once: a job must not find the store of an earlier one
meanwhile() {
  local name=job-$((first_job + ${#jobs[@]}))
  (
    HALLMARK_STORE=$world/$name.store
    store=$HALLMARK_STORE out=$world/$name.out err=$world/$name.err
    if [ -d "$world/store" ]; then cp -a "$world/store" "$store"; fi
    "$@"
  ) >"$world/$name.said" 2>&1 &
  jobs+=("$!")
}
all_done() {
  local number failed=""
  for number in "${!jobs[@]}"; do
    wait "${jobs[$number]}" || { failed+=" $number" && cat "$world/job-$((first_job + number)).said" >&2; }
  done
  first_job=$((first_job + ${#jobs[@]})) jobs=()
  [ -z "$failed" ] || fail "failed:$failed"
}

# free_port [PREFERRED]
free_port() {
  local port=${1:-$((RANDOM % 12000 + 20000))}
  while (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((RANDOM % 12000 + 20000)); done
  echo "$port"
}

# start NAME PORT COMMAND...: in the background, until PORT answers.
start() {
  local name=$1 port=$2 pid
  shift 2
  "$@" >"$world/$name.log" 2>&1 </dev/null &
  pid=$!
  servers+=("$pid")
  started=$pid
  for _ in $(seq 1200); do
    kill -0 "$pid" 2>/dev/null || { tail -n 3 "$world/$name.log" >&2 && fail "$name ended at its start"; }
    (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return
    sleep 0.05
  done
  fail "$name does not answer on port $port"
}

# A certificate authority of this test alone: $world/ca.crt, and a certificate for localhost.
make_ca() {
  [ ! -f "$world/ca.crt" ] || return 0
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$world/ca.key" -out "$world/ca.crt" \
    -days 36500 -subj "/CN=hallmark test CA" 2>/dev/null
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$world/server.key" \
    -out "$world/server.csr" -subj "/CN=localhost" 2>/dev/null
  printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\n' >"$world/server.ext"
  openssl x509 -req -in "$world/server.csr" -CA "$world/ca.crt" -CAkey "$world/ca.key" -CAcreateserial -days 36500 \
    -extfile "$world/server.ext" -out "$world/server.crt" 2>/dev/null
}

# trust_ca HOST:PORT: as a docker user would say that this CA counts for that server.
trust_ca() {
  mkdir -p "$DOCKER_CONFIG/tls/$1"
  cp "$world/ca.crt" "$DOCKER_CONFIG/tls/$1/ca.crt"
}

# start_registry [plain|tls|htpasswd|readonly [PORT]]: sets $registry (localhost:PORT) and $registry_data. User alice, password s3cret.
start_registry() {
  local kind=${1:-plain} port extra="" auth="" readonly=false
  port=$(free_port "${2:-}")
  registry=localhost:$port
  registry_data=$world/registry-$port
  if [ "$kind" = tls ]; then
    make_ca
    extra="tls: {certificate: $world/server.crt, key: $world/server.key}"
  elif [ "$kind" = readonly ]; then
    readonly=true
  elif [ "$kind" = htpasswd ]; then
    htpasswd -Bbn -C 4 alice s3cret >"$world/htpasswd"
    auth="auth: {htpasswd: {realm: test, path: $world/htpasswd}}"
  fi
  cat >"$world/registry-$port.yml" <<END
version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $registry_data}, maintenance: {uploadpurging: {enabled: false}, readonly: {enabled: $readonly}}}
$auth
http:
  addr: 127.0.0.1:$port
  $extra
END
  start "registry-$port" "$port" docker-registry serve "$world/registry-$port.yml"
}

# start_notary [PORT]: sets $notary_server (https://localhost:PORT), whose CA is trusted by this test's user.
start_notary() {
  local port
  port=$(free_port "${1:-}")
  make_ca
  notary_server=https://localhost:$port
  cat >"$world/notary-$port.json" <<END
{"server": {"http_addr": "127.0.0.1:$port", "tls_cert_file": "$world/server.crt", "tls_key_file": "$world/server.key"},
 "trust_service": {"type": "local", "hostname": "", "port": "", "key_algorithm": "ed25519"},
 "logging": {"level": "error"}, "storage": {"backend": "memory"}}
END
  start "notary-$port" "$port" notary-server -config "$world/notary-$port.json"
  trust_ca "localhost:$port"
}

# make_image NAME [OPTIONS of image.py make]: $world/image-NAME; make_index NAME PART...
make_image() {
  local name=$1
  shift
  python3 "$tests/support/image.py" make "$world/image-$name" "$@" >"$world/image-$name.root"
}
make_index() {
  local name=$1 parts=() part
  shift
  for part in "$@"; do parts+=("$world/image-$part"); done
  python3 "$tests/support/image.py" index "$world/image-$name" "${parts[@]}" >"$world/image-$name.root"
}
digest_of_image() { cut -d' ' -f1 "$world/image-$1.root"; }
size_of_image() { cut -d' ' -f2 "$world/image-$1.root"; }

# push_image NAME REPOSITORY TAG [OPTIONS of image.py push]: into $registry.
push_image() {
  local name=$1 repository=$2 tag=$3
  shift 3
  python3 "$tests/support/image.py" push "$world/image-$name" "$registry/$repository" "$tag" "$@" >/dev/null
}

# Where docker-registry keeps the bytes of a blob.
blob_file() {
  local hex=${1#sha256:}
  echo "$registry_data/docker/registry/v2/blobs/sha256/${hex:0:2}/$hex/data"
}
# layer_of NAME INDEX, config_of NAME: digests out of the manifest of an image.
manifest_of() {
  local digest
  digest=$(digest_of_image "$1")
  cat "$world/image-$1/blobs/sha256/${digest#sha256:}"
}
layer_of() { manifest_of "$1" | jq -r ".layers[$2].digest"; }
config_of() { manifest_of "$1" | jq -r .config.digest; }
# flip_byte FILE: one bit in the middle.
flip_byte() {
  python3 - "$1" <<'END'
import sys
with open(sys.argv[1], "r+b") as file:
    file.seek(0, 2)
    middle = file.tell() // 2
    file.seek(middle)
    old = file.read(1)[0]
    file.seek(middle)
    file.write(bytes([old ^ 1]))
END
}

# The publisher has a home of its own: what it knows is not what the puller knows.
publisher() {
  NOTARY_ROOT_PASSPHRASE=root-secret NOTARY_TARGETS_PASSPHRASE=targets-secret \
    NOTARY_SNAPSHOT_PASSPHRASE=snapshot-secret NOTARY_DELEGATION_PASSPHRASE=delegation-secret NOTARY_AUTH=Og== \
    notary -s "$notary_server" -d "$world/publisher" --tlscacert "$world/ca.crt" "$@" >>"$world/publisher.log" 2>&1
}
# sign NAME REPOSITORY TAG [ROLE]: the image's digest under the name $registry/REPOSITORY, made known first if it is not.
sign() {
  local name=$1 gun=$registry/$2 tag=$3 role=${4:-targets} digest
  [ -d "$world/publisher/tuf/$gun" ] || publisher init -p "$gun"
  digest=$(digest_of_image "$name")
  publisher addhash -p "$gun" "$tag" "$(size_of_image "$name")" --sha256 "${digest#sha256:}" -r "$role"
}
# add_delegation REPOSITORY ROLE: with a new key of which the publisher holds the private half.
add_delegation() {
  local gun=$registry/$1 file=$world/${2//\//-}
  [ -d "$world/publisher/tuf/$gun" ] || publisher init -p "$gun"
  openssl req -x509 -newkey rsa:2048 -nodes -keyout "$file.key" -out "$file.crt" -days 3650 -subj "/CN=signer" 2>/dev/null
  publisher key import "$file.key" --role "$2" --gun "$gun"
  publisher delegation add -p "$gun" "$2" "$file.crt" --all-paths
}
# The id of the root key as a policy pins it.
root_key_id() { jq -r '.signed.roles.root.keyids[0]' "$world/publisher/tuf/$registry/$1/metadata/root.json"; }

# with_trust COMMAND...: as someone who set docker's two variables.
with_trust() { DOCKER_CONTENT_TRUST=1 DOCKER_CONTENT_TRUST_SERVER=$notary_server "$@"; }

# person NAME: with a key, a key folder and a store of their own; the public key is $world/NAME.pub.
person() {
  mkdir -p "$world/$1.docker"
  cp -r "$DOCKER_CONFIG/tls" "$world/$1.docker/tls"
  as "$1" "$HALLMARK" trust key generate --dir "$world" "$1" >/dev/null
}
as() { DOCKER_CONFIG=$world/$1.docker HALLMARK_STORE=$world/$1.store "${@:2}"; }
key_of() { basename "$world/$1.docker/trust/private"/*.key .key; }

# break_library FILE, without_library COMMAND...: the loader finds a file of that name first, and cannot use it.
break_library() {
  mkdir "$world/broken"
  echo "no library" >"$world/broken/$1"
}
without_library() { LD_LIBRARY_PATH=$world/broken "$@"; }

# start_faults UPSTREAM-URL FAULT...: a proxy with one port for each fault; ${fault[NAME]} is its localhost:PORT.
declare -A fault=()
start_faults() {
  local upstream=$1 name port log=$world/faults-$RANDOM.ports tls=()
  shift
  case $upstream in https:*) tls=(--certificate "$world/server.crt" --key "$world/server.key") ;; esac
  python3 "$tests/support/faulty_server.py" "${tls[@]}" --upstream "$upstream" "$@" >"$log" 2>>"$world/faults.log" &
  servers+=("$!")
  started=$!
  for _ in $(seq 1200); do
    grep -q '^ready$' "$log" && break
    sleep 0.05
  done
  grep -q '^ready$' "$log" || fail "the faulty server did not start"
  while read -r name port; do
    [ "$name" = ready ] || fault[$name]=localhost:$port
  done <"$log"
}

# start_dockerd: a private docker engine; docker ARGUMENTS talks to it, with the client that $DOCKER_CLIENT names. Skips the test where no engine can run.
start_dockerd() {
  local reason
  [ "$(id -u)" = 0 ] || skip "a docker engine needs root"
  command -v dockerd >/dev/null || skip "no docker engine is installed (package docker.io)"
  docker_program=${DOCKER_CLIENT:-$(command -v /usr/bin/docker || command -v docker || true)}
  "$docker_program" trust --help >/dev/null 2>&1 || skip "this docker has no content trust any more"
  docker_socket=$world/docker.sock
  # It trusts the servers that were started before.
  mkdir -p "$world/docker-cli"
  [ ! -d "$DOCKER_CONFIG/tls" ] || cp -r "$DOCKER_CONFIG/tls" "$world/docker-cli/tls"
  dockerd --iptables=false --ip6tables=false --bridge=none --data-root "$world/docker-data" --exec-root \
    "$world/docker-exec" -H "unix://$docker_socket" --pidfile "$world/docker.pid" >"$world/dockerd.log" 2>&1 </dev/null &
  servers+=("$!")
  started=$!
  for _ in $(seq 600); do
    docker version >/dev/null 2>&1 && return
    kill -0 "$started" 2>/dev/null || break
    sleep 0.1
  done
  reason=$(grep -oE 'level=(fatal|error).*|failed to .*' "$world/dockerd.log" | tail -n 1)
  skip "the docker engine does not start here: ${reason:-no answer in 30 seconds}"
}
docker() {
  DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE=root-secret DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE=targets-secret \
    DOCKER_CONFIG=$world/docker-cli "$docker_program" -H "unix://$docker_socket" "$@"
}

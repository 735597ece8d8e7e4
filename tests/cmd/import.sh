#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# import makes an image of a root file system: docker's members, the tar's own bytes, the same bytes each time, and
# only under a name that the policy admits.
. "$(dirname "$0")/../integration/lib.sh"
start_registry plain

root=$world/root
mkdir -p "$root/etc" "$root/bin"
seq 20000 >"$root/etc/numbers"
head -c 300000 /dev/urandom >"$root/bin/program"
ln -s program "$root/bin/link"
# Two blocks of zeros end it, and no record is filled, so that cuts can be told.
tar -C "$root" -b 1 -cf "$world/root.tar" .
diff_id=sha256:$(sha256sum "$world/root.tar" | cut -d' ' -f1)
changes=(-c 'CMD ["/bin/program","a b"]' -c 'ENV PATH=/bin A="x y"' -c 'ENV B $PATH:/b' -c 'USER nobody:users'
  -c 'LABEL k=v "q r"="s t"' -c 'WORKDIR srv' -c 'WORKDIR data' -c 'EXPOSE 80 53/udp 90-91' -c 'VOLUME /v /w'
  -c 'ENTRYPOINT /bin/program -y' -m 'made here')
cat >"$world/policy.json" <<POLICY
{"hallmark": 1, "default": [{"type": "reject"}],
 "transports": {"docker": {"$registry": [{"type": "insecureAcceptAnything"}],
                           "example.com/free": [{"type": "insecureAcceptAnything"}]}}}
POLICY
export HALLMARK_POLICY=$world/policy.json
free=example.com/free/base

blob() { cat "$store/blobs/sha256/${1#sha256:}"; }
config_in_store() { hallmark inspect "$1" >"$world/inspect.json" && blob "$(jq -r '.[0].Id' "$world/inspect.json")"; }

it "an image is made and its id printed; its one layer is the tar"
expect_status 0 hallmark import "${changes[@]}" "$world/root.tar" "$free:1"
[ "$(cat "$out")" = "$(hallmark images --no-trunc -q "$free:1")" ]
[ "$(config_in_store "$free:1" | jq -c .rootfs.diff_ids)" = "[\"$diff_id\"]" ]
manifest=$(jq -r '.manifests[0].digest' "$store/index.json")
layer=$(blob "$manifest" | jq -r '.layers[0].digest')
blob "$layer" | gzip -dc | cmp - "$world/root.tar"
expect_status 0 hallmark check

it "compressed input makes the same layer; standard input is read"
gzip -k "$world/root.tar"
xz -k "$world/root.tar"
bzip2 -k "$world/root.tar"
zstd -q -k "$world/root.tar"
export SOURCE_DATE_EPOCH=1700000000
expect_status 0 hallmark import "$world/root.tar" "$free:plain"
id=$(cat "$out")
for suffix in gz xz bz2 zst; do
  expect_status 0 hallmark import "$world/root.tar.$suffix" "$free:$suffix"
  [ "$(cat "$out")" = "$id" ] || fail "$suffix made another image"
done
slowly() { head -c 1000 "$world/root.tar" && sleep 0.1 && tail -c +1001 "$world/root.tar"; }
expect_status 0 hallmark import - "$free:stdin" < <(slowly)
[ "$(cat "$out")" = "$id" ]
[ "$(config_in_store "$free:stdin" | jq -r .created)" = 2023-11-14T22:13:20Z ]

it "with SOURCE_DATE_EPOCH two stores get the same bytes"
expect_status 0 hallmark --store "$world/one" import "${changes[@]}" "$world/root.tar" "$free:1"
expect_status 0 faketime -f +3d "$HALLMARK" --store "$world/two" import "${changes[@]}" "$world/root.tar.gz" "$free:1"
diff -r "$world/one/blobs" "$world/two/blobs"
# When each of them admitted it is its own.
made() { jq -S 'del(.manifests[].annotations["vnd.hallmark.grounds"])' "$world/$1/index.json"; }
diff <(made one) <(made two)
unset SOURCE_DATE_EPOCH

it "the platform is this machine's or the one that is named"
expect_status 0 hallmark import --platform linux/arm64 "$world/root.tar" "$free:arm"
[ "$(config_in_store "$free:arm" | jq -r .architecture)" = arm64 ]

remember_store
refused() {
  local status=$1
  shift
  expect_status "$status" "$@"
  one_line
  prints_nothing
  store_is_untouched
}

it "a tar that was cut is refused wherever the cut is, and leaves nothing"
size=$(stat -c %s "$world/root.tar")
for cut in 511 512 600 $((size / 2)) $((size - 1024)); do
  head -c "$cut" "$world/root.tar" >"$world/cut.tar"
  refused 4 hallmark import "$world/cut.tar" "$free:cut"
done
for suffix in gz xz bz2 zst; do
  half=$(($(stat -c %s "$world/root.tar.$suffix") / 2))
  head -c "$half" "$world/root.tar.$suffix" >"$world/cut.tar"
  refused 4 hallmark import "$world/cut.tar" "$free:cut"
done

it "what is no tar, is compressed twice or goes on after its end is refused, and leaves nothing"
: >"$world/empty"
refused 4 hallmark import "$world/empty" "$free:x"
seq 10000 >"$world/text"
refused 4 hallmark import "$world/text" "$free:x"
gzip -c "$world/root.tar.gz" >"$world/twice.gz"
refused 4 hallmark import "$world/twice.gz" "$free:x"
says "compressed twice"
cat "$world/root.tar" "$world/root.tar" >"$world/two.tar"
refused 4 hallmark import "$world/two.tar" "$free:x"
says "end mark"
python3 -m zipfile -c "$world/text.zip" "$world/text"
refused 4 hallmark import "$world/text.zip" "$free:x"

it "what the usual writers make of a root file system is taken, in each of their formats"
mkdir -p "$world/all/etc/ssl" "$world/all/a/$(printf 'long%.0s' {1..30})"
echo one >"$world/all/etc/one"
ln "$world/all/etc/one" "$world/all/etc/two"
ln -s "F\u0151tanúsítvány.pem" "$world/all/etc/ssl/Főtanúsítvány"
ln -s "../$(printf 'long%.0s' {1..30})/end" "$world/all/etc/far"
echo "long" >"$world/all/a/$(printf 'long%.0s' {1..30})/file"
mkfifo "$world/all/etc/pipe"
touch -d 1969-12-31T23:59:58.5Z "$world/all/etc/old"
for format in gnu oldgnu posix ustar v7; do
  tar -C "$world/all" --format=$format --sort=name --numeric-owner -cf "$world/all.tar" . 2>"$world/tar.log" || true
  expect_status 0 hallmark import "$world/all.tar" "$free:$format"
done
python3 - "$world" <<'PY'
import sys, tarfile
for name, format in (("pax", tarfile.PAX_FORMAT), ("gnu", tarfile.GNU_FORMAT)):
    with tarfile.open(f"{sys.argv[1]}/python.{name}.tar", "w", format=format) as tar:
        tar.add(f"{sys.argv[1]}/all", "")
PY
for format in pax gnu; do expect_status 0 hallmark import "$world/python.$format.tar" "$free:python.$format"; done
remember_store

it "a header that readers do not agree about is refused, and leaves nothing"
python3 - "$world" <<'PY'
import sys, tarfile
def tar_with(name, change):
    entry = tarfile.TarInfo("etc/passwd")
    block = bytearray(entry.tobuf(tarfile.USTAR_FORMAT))
    change(block)
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    open(f"{sys.argv[1]}/{name}.tar", "wb").write(bytes(block) + bytes(1024))
def star(block):
    block[345:349], block[508:512] = b"root", b"tar\0"
def old(block):
    block[257:265] = bytes(8)
    block[345:349] = b"root"
tar_with("star", star)
tar_with("old", old)
PY
for kind in star old; do
  refused 4 hallmark import "$world/$kind.tar" "$free:x"
  says "E_ARCHIVE_HEADER"
done

it "input without end is refused in bounded time and memory, and leaves nothing"
refused 4 hallmark import - "$free:x" < <(cat "$world/root.tar" /dev/zero 2>"$world/cat.log")
# A file of zeros that claims 900 GiB: it would inflate a thousandfold wherever it is pulled.
python3 - >"$world/huge.head" <<'PY'
import sys, tarfile
entry = tarfile.TarInfo("zeros")
entry.size = 900 << 30
sys.stdout.buffer.write(entry.tobuf(tarfile.GNU_FORMAT))
PY
refused 4 python3 "$tests/../bench/measure.py" run "$world/peak" peak "$HALLMARK" import - "$free:x" < <(cat "$world/huge.head" /dev/zero 2>"$world/cat.log")
most=64
! ldd "$HALLMARK" | grep libasan >/dev/null || most=1024 # which keeps what was freed
jq -se --argjson most $most 'all(.peak < $most)' "$world/peak" >/dev/null || fail "too much memory: $(cat "$world/peak")"

# import_and_wait: $importing reads what does not end meanwhile, and has come to its quarantine.
import_and_wait() {
  mkfifo "$world/pipe.$1"
  # Its reader may end before it has fed all.
  { head -c 200000 "$world/root.tar" || true; exec sleep 600; } >"$world/pipe.$1" &
  feeding=$!
  servers+=("$feeding")
  "$HALLMARK" import - "$free:x" <"$world/pipe.$1" >"$out" 2>"$err" &
  importing=$!
  for _ in $(seq 1200); do
    [ -z "$(find "$store/.hallmark" -name unnamed-0)" ] || return 0
    sleep 0.05
  done
  fail "it does not wait in quarantine"
}

it "an interrupted import ends at once and leaves nothing"
remember_store
import_and_wait interrupted
kill -TERM "$importing"
status=0
wait "$importing" || status=$?
kill -0 "$feeding" || fail "it ended with its input"
[ "$status" = 143 ] || fail "ended with $status"
says interrupted
store_is_untouched

it "an import that was killed outright leaves at most quarantine, which the next one sweeps"
import_and_wait killed
kill -KILL "$importing"
wait "$importing" 2>/dev/null || true
refused 4 hallmark import "$world/text" "$free:x"
[ -z "$(find "$store/.hallmark" -name unnamed-0)" ]

it "the policy decides about the name before anything is read"
refused 3 hallmark import /nowhere/at/all "example.com/other:1"
refused 3 hallmark import "$world/root.tar" "example.com/other:1"

it "what cannot be meant is a matter of usage"
refused 2 hallmark import "$world/root.tar"
says "name is needed"
refused 2 hallmark import "$world/root.tar" "Bad/Name"
refused 2 hallmark import "$world/root.tar" "$free@$diff_id"
refused 2 hallmark import "https://example.com/root.tar" "$free:x"
refused 2 hallmark import -c 'RUN rm -rf /' "$world/root.tar" "$free:x"
refused 2 hallmark import --platform windows/amd64 "$world/root.tar" "$free:x"
SOURCE_DATE_EPOCH=soon refused 2 hallmark import "$world/root.tar" "$free:x"
refused 1 hallmark import "$world/nothing.tar" "$free:x"
refused 1 hallmark import "$root" "$free:x"

it "skopeo reads it, pushes it to a registry, and the pulled image is the same one"
expect_status 0 skopeo inspect "oci:$store:$free:1"
prints "$layer"
expect_status 0 skopeo copy -q --insecure-policy --dest-tls-verify=false --preserve-digests "oci:$store:$free:1" "docker://$registry/base:1"
expect_status 0 hallmark --store "$world/pulled" pull "$registry/base:1"
[ "$(hallmark --store "$world/pulled" images --no-trunc -q)" = "$(hallmark images --no-trunc -q "$free:1")" ]
expect_status 0 hallmark --store "$world/pulled" check

it "docker makes of the same tar and the same changes an image with the same members"
start_dockerd
id=$(docker import "${changes[@]}" "$world/root.tar" base:1)
docker save -o "$world/saved.tar" base:1
tar -C "$world" -xf "$world/saved.tar" "${id#sha256:}.json"
members='{architecture, os, rootfs, comments: [.history[].comment], layers: (.history | length),
  config: (.config | {User, ExposedPorts, Env, Entrypoint, Cmd, Volumes, WorkingDir, Labels})}'
jq -S "$members" "$world/${id#sha256:}.json" >"$world/docker.json"
config_in_store "$free:1" | jq -S "$members" | diff "$world/docker.json" -

it "docker pulls what was pushed: id and layer are the same there"
docker pull "$registry/base:1" >"$world/docker-pull.log" 2>&1
[ "$(docker image inspect -f '{{.Id}}' "$registry/base:1")" = "$(hallmark images --no-trunc -q "$free:1")" ]
[ "$(docker image inspect -f '{{index .RootFS.Layers 0}}' "$registry/base:1")" = "$diff_id" ]
sentence=""

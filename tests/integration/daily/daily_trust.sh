#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A day with docker's commands: DOCKER_CONTENT_TRUST=1 and pull, of a name of Docker Hub that a real trust server knows.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/daily.sh"
start_hub
start_notary
notary_process=$started
export no_proxy=localhost DOCKER_CONTENT_TRUST_SERVER=$notary_server
on_hub() { registry=docker.io "$@"; }
on_hub sign nginx-1.25 library/nginx 1.25
digest=$(digest_of_image nginx-1.25)
# turned_down STATUS LINE REGEX: refused, and the store is as it was.
turned_down() {
  remember_store
  refused "$@"
  store_is_untouched
}

it "DOCKER_CONTENT_TRUST=1 hallmark pull of what nobody signed is refused before a registry is asked"
forget
turned_down 3 'DOCKER_CONTENT_TRUST=1 hallmark pull nginx' \
  'nginx:latest: No valid trust data for latest: not signed in docker.io/library/nginx by targets/releases or targets \(TUF_NO_TARGET\)$'
says "^hint: ask the publisher to sign the tag, or pull a tag that is signed$"
turned_down 3 'DOCKER_CONTENT_TRUST=1 hallmark pull -q nginx:1.24' 'nginx:1.24: No valid trust data for 1.24: '
turned_down 3 'DOCKER_CONTENT_TRUST=1 hallmark pull app:1' \
  'app:1: remote trust data does not exist for docker.io/library/app: .*\(TUF_NO_TRUST_DATA\)$'
store_is_empty
was_not_asked "^registry-1.docker.io"

it "DOCKER_CONTENT_TRUST=1 hallmark pull nginx:1.25 pulls what was signed, and says whom it believed first"
rm -rf "$store"
typed 0 'DOCKER_CONTENT_TRUST=1 hallmark pull nginx:1.25'
printed "Digest: $digest" "Status: Downloaded newer image for nginx:1.25" "docker.io/library/nginx:1.25"
says "^warning: first use of docker.io/library/nginx: .*\"rootKeyIds\": \[\"$(on_hub root_key_id library/nginx)\"\]"
says_not "no publisher was verified"
typed 0 'DOCKER_CONTENT_TRUST=1 hallmark pull nginx:1.25'
printed "Digest: $digest" "Status: Image is up to date for nginx:1.25" "docker.io/library/nginx:1.25"
told "1.25: Pulling from library/nginx"
typed 0 'hallmark images --trust --format "{{.Repository}}:{{.Tag}} {{.Trust}}"'
prints "^nginx:1.25 tuf: targets, "

it "all spellings of the name are one, in trust as well"
for name in library/nginx:1.25 docker.io/nginx:1.25 docker.io/library/nginx:1.25 index.docker.io/library/nginx:1.25; do
  typed 0 "DOCKER_CONTENT_TRUST=1 hallmark image pull -q $name"
  printed docker.io/library/nginx:1.25
done
it "DOCKER_CONTENT_TRUST=1 hallmark pull -a nginx: the tags that are signed"
typed 0 'DOCKER_CONTENT_TRUST=1 hallmark pull -a nginx'
printed "Digest: $digest" "Status: Image is up to date for nginx:1.25" docker.io/library/nginx
[ "$(names_in_store)" = "nginx:1.25 " ] || fail "the store has: $(names_in_store)"

it "a tag that moved in the registry still means what was signed"
push_image nginx-1.24 library/nginx 1.25
rm -rf "$store/blobs" "$store/index.json"
typed 0 'DOCKER_CONTENT_TRUST=1 hallmark pull nginx:1.25'
prints "^Digest: $digest$"
typed 0 'hallmark --store "$HOME/other" pull nginx:1.25'
prints "^Digest: $(digest_of_image nginx-1.24)$"

it "who signed other bytes than the registry has is not believed, whatever the registry says"
file=$(blob_file "$(digest_of_image "$here")")
cp "$file" "$world/manifest"
flip_byte "$file"
rm -rf "$store/blobs" "$store/index.json"
turned_down 4 'DOCKER_CONTENT_TRUST=1 hallmark pull nginx:1.25' ".*$(digest_of_image "$here")"
cp "$world/manifest" "$file"

it "a trust server that is down is no licence to pull what is not known, and the flag is the person's own"
kill "$notary_process"
wait "$notary_process" || true
rm -rf "$store"
turned_down 7 'DOCKER_CONTENT_TRUST=1 hallmark pull nginx:1.25' ".*error contacting notary server: localhost:[0-9]+: no connection"
typed 0 'DOCKER_CONTENT_TRUST=1 hallmark pull --disable-content-trust nginx:1.25'
prints "^Digest: $(digest_of_image nginx-1.24)$"
says "^no publisher was verified for nginx:1.25: "

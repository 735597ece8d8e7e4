#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Answers that are complete to look at and end otherwise than they say: none of them is an answer, to no command.
. "$(dirname "$0")/../integration/lib.sh"
start_registry plain
start_notary
make_image app --small
make_image other --small --mark other
push_image app lib/app 1
push_image other lib/app 2
sign app lib/app 1
gun=$registry/lib/app subject=$(digest_of_image app)
start_faults "http://$registry" unended@manifest reset@manifest unended@tags reset@tags unended@list reset@list
whole=$registry cut=${fault[unended@manifest]}
start_faults "$notary_server" unended@root unended@timestamp reset@root
# lost COMMAND...: 7, one line, and nothing of it in the store.
lost() {
  expect_status 7 "$@"
  one_line
  prints_nothing
  store_is_empty
}

it "a manifest that is cut after its last byte is no manifest, by tag and by digest"
for fault in unended@manifest reset@manifest; do
  meanwhile lost hallmark pull "${fault[$fault]}/lib/app:1"
  meanwhile lost hallmark pull "${fault[$fault]}/lib/app@$subject"
  meanwhile lost hallmark resolve "${fault[$fault]}/lib/app:1"
done
meanwhile lost hallmark manifest inspect "$cut/lib/app:1"
it "a list of tags that is cut is no shorter list"
meanwhile lost hallmark pull -a "${fault[unended@tags]}/lib/app"
meanwhile lost hallmark pull -a "${fault[reset@tags]}/lib/app"
it "a refusal that is cut says of nothing that it is not there"
meanwhile lost hallmark pull "$cut/lib/app:none"
all_done

it "trust data that are cut are not there in no way: neither found nor missing"
for role in unended@root unended@timestamp reset@root; do
  trust_ca "${fault[$role]}"
  meanwhile lost env DOCKER_CONTENT_TRUST=1 DOCKER_CONTENT_TRUST_SERVER="https://${fault[$role]}" "$HALLMARK" pull "$gun:1"
done
unsigned=$registry/lib/unsigned
push_image app lib/unsigned 1
meanwhile lost env DOCKER_CONTENT_TRUST=1 DOCKER_CONTENT_TRUST_SERVER="https://${fault[unended@root]}" "$HALLMARK" pull "$unsigned:1"
all_done
expect_status 3 with_trust hallmark pull "$unsigned:1"

it "a list of referrers that is cut, or a refusal of it, is told by save as what is missing"
for list in unended@list reset@list; do
  name=${fault[$list]}/lib/app
  expect_status 0 hallmark pull "$name:1"
  expect_status 0 hallmark save -o "$world/saved.tar" "$name:1"
  says "warning: ${fault[$list]} cannot be asked: signatures and other referrers that it has, of $name "
done
it "a registry that answers to its end is believed"
expect_status 0 hallmark pull -a "$whole/lib/app"
expect_status 0 hallmark save -o "$world/saved.tar" "$whole/lib/app:1"
says_not warning

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A registry that says yes to a push and does something else: what it shows afterwards is what counts.
. "$(dirname "$0")/../integration/lib.sh"
start_registry plain
start_notary
for image in one two; do
  make_image $image --small --mark $image
  push_image $image lib/work $image
  expect_status 0 hallmark pull "$registry/lib/work:$image"
done
export DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE=root-secret DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE=repository-secret
start_faults "http://$registry" swallow@manifest swallow@tag moved-late@manifest
name_it() { expect_status 0 hallmark tag "$registry/lib/work:$1" "$2"; }
never_signed() {
  [ "$(curl -s -o /dev/null -w '%{http_code}' --cacert "$world/ca.crt" "$notary_server/v2/$1/_trust/tuf/root.json")" = 404 ]
}
# not_kept STATUS COMMAND...
not_kept() {
  expect_status "$@"
  one_line
  prints_nothing
}

it "an image that is not kept is not signed, and a push without a signature tells it as well"
gun=${fault[swallow@manifest]}/lib/app
name_it one "$gun:1"
not_kept 7 with_trust hallmark push "$gun:1"
says "$gun@$(digest_of_image one): .*expected $(digest_of_image one), found nothing"
says "hint: .*nothing was signed and no tag was given"
never_signed "$gun"
name_it two "$gun:2"
not_kept 7 hallmark push "$gun:2"
says_not "signed,"

it "a tag that is not kept is told with what stands where, and the same push goes on"
gun=${fault[swallow@tag]}/lib/app
name_it one "$gun:1"
not_kept 7 with_trust hallmark push "$gun:1"
says "$gun:1: .*expected $(digest_of_image one), found nothing"
says "hint: .*it is signed, but the registry does not show the image under the tag; push again"

it "a tag that shows another image after a push is told with both digests"
push_image two lib/app 1
not_kept 4 with_trust hallmark push "$gun:1"
says "$gun:1: .*expected $(digest_of_image one), found $(digest_of_image two)"
says "hint: .*it is signed, but the registry does not show the image under the tag; push again"
not_kept 4 hallmark push "$gun:1"
says_not "signed"

it "of several tags each is looked at: those that are kept are pushed, the others told"
name_it two "$gun:1"
name_it one "$gun:2"
expect_status 7 hallmark push -a "$gun"
prints "1: digest: $(digest_of_image two)"
says "$gun:2: .*found nothing"

it "a tag that another one of the same push has moved is told at the end"
push_image two lib/late other
late=${fault[moved-late@manifest]}/lib/late
name_it one "$late:1"
expect_status 0 hallmark push "$late:1"
name_it one "$late:2"
expect_status 0 hallmark rmi "$late:1"
expect_status 4 hallmark push -a "$late"
says "$late:2: the registry took it, and now shows another: expected $(digest_of_image one), found $(digest_of_image two)"

it "trust sign --local is a push, and looked at as one"
name_it one "$gun:3"
not_kept 7 with_trust hallmark trust sign --local "$gun:3"

it "a registry that keeps what it takes is believed"
name_it one "$registry/lib/kept:1"
expect_status 0 with_trust hallmark push "$registry/lib/kept:1"
expect_status 0 with_trust hallmark pull "$registry/lib/kept:1"

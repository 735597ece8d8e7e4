#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The registries that one runs oneself: Harbor, Nexus, Artifactory, zot.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../kinds.sh"
harbor=harbor.example.org nexus=nexus.example:8082 plain_nexus=nexus.example:8083
artifactory=team.jfrog.example zot=zot.example.net
start_kinds "$harbor" nexus.example "$artifactory" "$zot"

it "Harbor: a robot's name has a dollar"
# shellcheck disable=SC2016
whole_round "$harbor" 'robot$ci' R0bot team/harbor
was_asked "^$harbor GET /service/token\?service=harbor-registry"
it "what a project's rules forbid is told in its words, and what is not there is not found"
expect_status 7 hallmark pull "$harbor/prod/app:1"
one_line
says "The image is not signed in Notary. \(PROJECTPOLICYVIOLATION, HTTP 412\)"
expect_status 5 hallmark pull "$harbor/lib/app:none"
one_line
says "artifact none not found"

it "Nexus: a token that says nothing to anybody else"
whole_round "$nexus" deploy n3xus team/nexus
was_asked "^$nexus GET /v2/token\?service="
it "a list of no tags is a list"
expect_status 5 hallmark pull -a "$nexus/team/empty"
one_line
says "no tags for $nexus/team/empty"
it "without tokens, the password by itself"
whole_round "$plain_nexus" deploy n3xus team/nexus-basic
was_not_asked "^$plain_nexus GET /v2/token"

it "Artifactory: its token server has a long path, and lists have digests among the tags"
whole_round "$artifactory" ci@example.org AKCp team/artifactory
was_asked "^$artifactory GET /artifactory/api/docker/oci/v2/token\?service=$artifactory"
it "what is not there is said to be not allowed; a form is refused"
expect_status 6 hallmark pull "$artifactory/lib/app:none"
one_line
says "token of ci@example.org does not allow it: The client does not have permission for manifest"
echo "{\"auths\": {\"$artifactory\": {\"identitytoken\": \"x\"}}}" >"$DOCKER_CONFIG/config.json"
expect_status 6 hallmark pull "$artifactory/lib/app:1"
one_line
says "identity token stored in .* was refused"
was_asked "^$artifactory POST /artifactory/.* 401$"

it "zot: OCI images only, and it says so"
whole_round "$zot" zot z0t team/zot
make_image docker --format docker
push_image docker lib/docker 1
expect_status 0 env -u SSL_CERT_FILE "$HALLMARK" pull "$registry/lib/docker:1"
hallmark tag "$registry/lib/docker:1" "$zot/team/zot:docker"
expect_status 7 hallmark push "$zot/team/zot:docker"
one_line
says "manifest invalid.*415"
says "application/vnd.docker.distribution.manifest.v2\+json"
it "it lists what refers to an image"
expect_status 0 hallmark save -o "$world/bundle" "$zot/lib/app:1"
was_asked "^$zot GET /v2/lib/app/referrers/$(digest_of_image app) 200"

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The registries beside source code and builds: GitHub's, GitLab's, Quay.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../kinds.sh"
start_kinds ghcr.io pkg-containers.githubusercontent.com registry.gitlab.example gitlab.example quay.io \
  registry.apart.example login.elsewhere.example

it "GitHub: any user with a token; blobs lie elsewhere"
whole_round ghcr.io octo ghp_token team/github
was_asked "^ghcr.io GET /token\?service=ghcr.io&scope=repository%3Ateam%2Fgithub%3Apull%2Cpush 200 Authorization$"
was_asked "^pkg-containers.githubusercontent.com GET .* 200$"
was_not_asked "^pkg-containers.* Authorization"
it "what is not there, or not for this user, is denied by its token server, in its words"
expect_status 6 hallmark pull ghcr.io/secret/app:1
one_line
says "requested access to the resource is denied"
it "what refers to an image is found by its tag where there is no list of it"
subject=$(digest_of_image app)
expect_status 0 hallmark save -o "$world/bundle" ghcr.io/lib/app:1
was_asked "^ghcr.io GET /v2/lib/app/referrers/$subject 404"
was_asked "^ghcr.io GET /v2/lib/app/manifests/${subject/:/-} 404"

it "GitLab: tokens come from another host and port, and run out while a blob is on its way"
whole_round registry.gitlab.example gitlab-ci-token job-token group/project/image
was_asked "^gitlab.example:8443 GET /jwt/auth\?service=container_registry"
was_not_asked "^gitlab.example:8443 POST"
was_asked "^registry.gitlab.example GET /v2/lib/app/blobs/sha256:[0-9a-f]+ 401 Authorization Range$"
was_asked "^registry.gitlab.example GET /v2/lib/app/blobs/sha256:[0-9a-f]+ 206 Authorization Range$"
it "which is above the registry: it is told the first time, and goes on"
log_out
rm -rf "$DOCKER_CONFIG/hallmark"
expect_status 0 log_in registry.gitlab.example gitlab-ci-token job-token
says "^warning: registry.gitlab.example names https://gitlab.example:8443 as its token server: it gets the password of gitlab-ci-token; it never got it before"
expect_status 0 hallmark pull registry.gitlab.example/lib/app:1
says_not "token server"
it "and while one is sent"
make_image third --mark third
push_image third third/app 1
expect_status 0 env -u SSL_CERT_FILE "$HALLMARK" pull "$registry/third/app:1"
hallmark tag "$registry/third/app:1" registry.gitlab.example/group/other:1
expect_status 0 hallmark push registry.gitlab.example/group/other:1
was_asked "^registry.gitlab.example PUT /v2/group/other/blobs/uploads/.* 401 Authorization$"

it "Quay: a robot's name has a plus; the list of tags has pages in a way of its own"
whole_round quay.io team+robot Q team/quay
was_asked "^quay.io GET /v2/lib/app/tags/list\?n=1&next_page=1 200 Authorization$"
was_not_asked "scope=[^ ]*delete"
it "what is not there is said to be not allowed"
expect_status 6 hallmark pull quay.io/lib/app:none
one_line
says "token of team\+robot does not allow it: .*not authorized"

it "elsewhere: what a job has stored goes to a foreign token server only when it is named, or met by a login"
log_in registry.apart.example alice s3cret 2>/dev/null
rm -rf "$DOCKER_CONFIG/hallmark"
forget
expect_status 6 hallmark pull registry.apart.example/lib/app:1
one_line
says "registry.apart.example names https://login.elsewhere.example as its token server: refused, it does not get the password of alice: it never got it before"
was_not_asked "^login.elsewhere.example"
HALLMARK_TOKEN_SERVERS=registry.apart.example=https://login.elsewhere.example/token expect_status 0 hallmark pull registry.apart.example/lib/app:1
was_asked "^login.elsewhere.example GET /token"
expect_status 0 hallmark pull registry.apart.example/lib/app:2
rm -rf "$DOCKER_CONFIG/hallmark"
expect_status 0 log_in registry.apart.example alice s3cret
says "names https://login.elsewhere.example as its token server: it gets the password of alice"
expect_status 0 hallmark pull registry.apart.example/lib/app:2
says_not "token server"

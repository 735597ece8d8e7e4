#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Docker Hub under its own names: two hosts more than the one that is typed, limits, and everything that has no host.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../kinds.sh"
start_kinds registry-1.docker.io auth.docker.io production.cloudflare.docker.com

it "Docker Hub: anybody pulls what is public, and is told when few pulls are left"
expect_status 0 hallmark pull app:1
says "registry-1.docker.io: 3 of 100 pulls are left.* 192.0.2.7"
[ "$(grep -c "pulls are left" "$err")" = 1 ] || fail "more than one line"
was_asked "^auth.docker.io GET /token\?service=registry.docker.io&scope=repository%3Alibrary%2Fapp%3Apull 200$"
it "its blobs lie elsewhere, where no token is shown"
was_asked "^production.cloudflare.docker.com GET /v2/library/app/blobs/sha256:.* 200$"
it "what is private or missing is one and the same to it, and both are said"
expect_status 6 hallmark pull team/secret:1
one_line
says "without credentials"
says "hint: log in with: hallmark login .*hide what is missing"
it "one login for all names of it, under docker's key"
expect_status 6 log_in docker.io alice wrong
says "incorrect username or password"
expect_status 0 log_in docker.io alice dckr_pat_secret
jq -e '.auths["https://index.docker.io/v1/"]' "$DOCKER_CONFIG/config.json" >/dev/null || fail "another key"
rm -rf "$store"
expect_status 0 hallmark pull -a registry-1.docker.io/lib/app
[ "$(names_in_store)" = "lib/app:1 lib/app:2 " ] || fail "the store has: $(names_in_store)"
says_not "pulls are left"
hallmark tag lib/app:1 team/hub:new
expect_status 0 hallmark push team/hub:new
it "a rate limit is waited for as it asks, and told in its words when it lasts"
expect_status 0 hallmark pull busy:1
says "You have reached your pull rate limit.*in 1.0 s"
meanwhile expect_status 7 hallmark pull limited:1
all_done
grep -q "limits the rate: .*429" "$world/job-0.err" || fail "not said"
it "HttpHeaders of docker's config go to the registry, not to the token server or the place of the blobs"
jq '.HttpHeaders = {"X-Test": "1", "User-Agent": "other"}' "$DOCKER_CONFIG/config.json" >"$world/config.new"
cp "$world/config.new" "$DOCKER_CONFIG/config.json"
forget
rm -rf "$store"
expect_status 0 hallmark pull lib/app:1
was_asked "^registry-1.docker.io GET .* X-Test$"
was_not_asked "^(auth|production).* X-Test$"
! grep "^registry-1" "$world/kinds.log" | grep -v "X-Test$" || fail "one went without"

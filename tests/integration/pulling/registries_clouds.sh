#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Amazon ECR, Google's registry and Azure's, under their own names.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../kinds.sh"
ecr=123456789012.dkr.ecr.eu-central-1.amazonaws.com google=europe-docker.pkg.dev azure=team.azurecr.io
start_kinds "$ecr" public.ecr.aws "$google" storage.googleapis.com "$azure" teamdata.blob.core.windows.net

it "Amazon ECR: the password for AWS is shown by itself, and tags come a thousand at a time"
whole_round "$ecr" AWS aws-password team/ecr
was_asked "tags/list\?n=1000 200"
it "a large blob goes in pieces where one is too large, though each is answered by 201"
head -c 2000000 /dev/urandom >"$world/noise"
mkdir "$world/folder" && mv "$world/noise" "$world/folder"
make_image large --folder "$world/folder"
push_image large lib/large 1
expect_status 0 env -u SSL_CERT_FILE "$HALLMARK" pull "$registry/lib/large:1"
hallmark tag "$registry/lib/large:1" "$ecr/team/ecr:large"
expect_status 0 hallmark push "$ecr/team/ecr:large"
was_asked "PATCH .* 201 Authorization"
it "a repository has to be there before, and a tag may be fixed: both in its own words"
hallmark tag "$ecr/lib/app:1" "$ecr/team/none:1"
expect_status 5 hallmark push "$ecr/team/none:1"
one_line
says "repository with name 'team/none' does not exist"
hallmark tag "$ecr/lib/app:1" "$ecr/team/fixed:old"
expect_status 7 hallmark push "$ecr/team/fixed:old"
one_line
says "cannot be overwritten because the tag is immutable"

it "Amazon's public gallery: anybody pulls with a token for nobody; who pushes has an account"
rm -rf "$store"
log_out
forget
expect_status 0 hallmark pull public.ecr.aws/lib/app:1
was_asked "^public.ecr.aws GET /token/\?service=public.ecr.aws&scope=repository%3Alib%2Fapp%3Apull 200$"
expect_status 6 hallmark pull public.ecr.aws/team/app:1
one_line
says "without credentials"
expect_status 6 log_in public.ecr.aws AWS aws-password
expect_status 0 log_in public.ecr.aws AWS public-password
hallmark tag public.ecr.aws/lib/app:1 public.ecr.aws/team/app:1
expect_status 0 hallmark push public.ecr.aws/team/app:1
expect_status 0 hallmark pull --all-tags public.ecr.aws/lib/app
[ "$(names_in_store)" = "public.ecr.aws/lib/app:1 public.ecr.aws/lib/app:2 public.ecr.aws/team/app:1 " ] ||
  fail "the store has: $(names_in_store)"

it "Google: a key file with its line breaks is a password, and the challenge names no service"
whole_round "$google" _json_key "$(printf '{\n  "type": "service_account",\n  "private_key": "-----BEGIN: KEY"\n}')" team/google
was_asked "^$google GET /v2/token\?scope="
was_asked "^storage.googleapis.com GET .* 200$"
was_not_asked "^$google PATCH"
it "an identity token, for which it has no form, is refused as such"
echo "{\"auths\": {\"$google\": {\"identitytoken\": \"x\"}}}" >"$DOCKER_CONFIG/config.json"
expect_status 6 hallmark pull "$google/lib/app:1"
one_line
says "identity token stored in .* was refused"

it "Azure: an access token is all there is, and its blobs lie where no token may be shown"
whole_round "$azure" 00000000-0000-0000-0000-000000000000 refresh-of-az team/azure
was_asked "^teamdata.blob.core.windows.net GET .* 200$"
was_not_asked "^teamdata.* Authorization"
it "an identity token comes from a helper and is exchanged by a form"
mkdir "$world/bin"
printf '%s\n' '#!/bin/sh' '[ "$1" = get ] || exit 1' \
  'printf '\''{"ServerURL":"%s","Username":"<token>","Secret":"%s"}'\'' "$(cat)" "$AZURE"' >"$world/bin/docker-credential-az"
chmod +x "$world/bin/docker-credential-az"
echo "{\"credHelpers\": {\"$azure\": \"az\"}}" >"$DOCKER_CONFIG/config.json"
rm -rf "$store"
forget
PATH=$world/bin:$PATH AZURE=refresh-of-az expect_status 0 hallmark pull "$azure/lib/app:1"
was_asked "^$azure POST /oauth2/token 200$"
PATH=$world/bin:$PATH AZURE=old expect_status 6 hallmark verify "$azure/lib/app:1"
one_line
says "identity token stored in credential helper docker-credential-az was refused"

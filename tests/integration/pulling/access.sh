#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# TLS and passwords: always checked, told apart, and never sent where they do not belong.
. "$(dirname "$0")/../lib.sh"
make_image app
start_registry tls
push_image app lib/app 1 --ca "$world/ca.crt"

it "a registry whose certificate nobody vouches for is a network failure, on loopback too"
expect_status 7 hallmark pull "$registry/lib/app:1"
one_line
says "certificate"
store_is_empty
it "and plain http is no way around it"
expect_status 7 hallmark pull --plain-http "$registry/lib/app:1"
store_is_empty
it "a CA in SSL_CERT_FILE is trusted besides, one in SSL_CERT_DIR in place of the system's"
SSL_CERT_FILE=$world/ca.crt expect_status 0 hallmark verify "$registry/lib/app:1"
mkdir "$world/authorities" "$world/none"
cp "$world/ca.crt" "$world/authorities"
openssl rehash "$world/authorities"
SSL_CERT_DIR=$world/none:$world/authorities expect_status 0 hallmark verify "$registry/lib/app:1"
SSL_CERT_DIR=$world/none expect_status 7 hallmark verify "$registry/lib/app:1"
SSL_CERT_FILE=$world/ca.key expect_status 2 hallmark verify "$registry/lib/app:1"
one_line
says "SSL_CERT_FILE: .*no PEM certificate"
SSL_CERT_FILE=$world/absent expect_status 1 hallmark verify "$registry/lib/app:1"
it "a CA in docker's folder makes it trusted"
trust_ca "$registry"
expect_status 0 hallmark pull "$registry/lib/app:1"
it "a certificate for another name does not count, whoever signed it"
trust_ca "other.localhost:${registry#*:}"
expect_status 7 hallmark pull "other.localhost:${registry#*:}/lib/app:1"
one_line

start_registry htpasswd
push_image app lib/app 1 --user alice:s3cret
it "a registry that wants a password refuses without one, and says where it was looked for"
expect_status 6 hallmark pull "$registry/lib/app:1"
one_line
says "$DOCKER_CONFIG|credentials"
it "a wrong password is told apart from none"
cat >"$DOCKER_CONFIG/config.json" <<END
{"auths": {"$registry": {"auth": "$(printf alice:wrong | base64)"}}}
END
expect_status 6 hallmark pull "$registry/lib/app:1"
! grep -q wrong "$err" || fail "the password was printed"
it "the password of docker's config.json is used"
cat >"$DOCKER_CONFIG/config.json" <<END
{"auths": {"$registry": {"auth": "$(printf alice:s3cret | base64)"}}, "HttpHeaders": {"X-Test": "1"}}
END
expect_status 0 hallmark pull -v "$registry/lib/app:1"
! grep -qE "s3cret|$(printf alice:s3cret | base64)" "$err" || fail "-v printed the password"
it "a credential helper is asked"
mkdir "$world/bin"
cat >"$world/bin/docker-credential-test" <<'END'
#!/bin/sh
[ "$1" = get ] && printf '{"ServerURL":"%s","Username":"alice","Secret":"s3cret"}' "$(cat)"
END
chmod +x "$world/bin/docker-credential-test"
echo "{\"credHelpers\": {\"$registry\": \"test\"}}" >"$DOCKER_CONFIG/config.json"
PATH=$world/bin:$PATH expect_status 0 hallmark pull "$registry/lib/app:1"
it "a config.json that cannot be read is a wrong setting"
echo '{"auths": ' >"$DOCKER_CONFIG/config.json"
expect_status 2 hallmark pull "$registry/lib/app:1"
one_line

it "plain http to a registry that is not on loopback is refused"
rm "$DOCKER_CONFIG/config.json"
start_registry plain
push_image app lib/app 1
elsewhere=0.0.0.0:${registry#*:}
rm -rf "$store"
expect_status 7 hallmark pull "$elsewhere/lib/app:1"
one_line
store_is_empty
it "unless docker's daemon.json marks it"
mkdir -p "$XDG_CONFIG_HOME/docker"
mark() { echo "{\"insecure-registries\": [$1]}" >"$XDG_CONFIG_HOME/docker/daemon.json"; }
mark '"other.example", "10.0.0.0/8"'
expect_status 7 hallmark pull "$elsewhere/lib/app:1"
mark "\"$elsewhere\""
expect_status 0 hallmark pull "$elsewhere/lib/app:1"
rm -rf "$store"
mark '"0.0.0.0/16"'
expect_status 0 hallmark pull "$elsewhere/lib/app:1"
it "and a daemon.json that cannot be read is a wrong setting"
mark '1'
expect_status 2 hallmark pull "$elsewhere/lib/app:1"
one_line
it "and it gets no password"
start_registry htpasswd
elsewhere=0.0.0.0:${registry#*:}
mark "\"$elsewhere\""
cat >"$DOCKER_CONFIG/config.json" <<END
{"auths": {"$elsewhere": {"auth": "$(printf alice:s3cret | base64)"}}}
END
expect_status 6 hallmark pull "$elsewhere/lib/app:1"
one_line
says "--plain-http"

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is special about each of the world's registries, for registry_kinds.py."""

import base64
import json
import re
import subprocess
import time
import urllib.parse
import uuid

INDEX = "application/vnd.oci.image.index.v1+json"
JSON = ("Content-Type", "application/json")
signer = signer_key = None  # files: whom docker-registry believes


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def jwt(user, access, seconds):
    """ES256, RFC 7518 section 3.4, with the certificate in the header as docker-registry wants it."""
    der = subprocess.run(["openssl", "x509", "-in", signer, "-outform", "der"], capture_output=True, check=True)
    now = int(time.time())
    head = {"typ": "JWT", "alg": "ES256", "x5c": [base64.b64encode(der.stdout).decode()]}
    claims = {"iss": "iss", "sub": user, "aud": "svc", "exp": now + seconds, "nbf": now - 5, "iat": now,
              "jti": str(uuid.uuid4()), "access": access}
    text = b64(json.dumps(head).encode()) + "." + b64(json.dumps(claims).encode())
    made = subprocess.run(["openssl", "dgst", "-sha256", "-sign", signer_key], input=text.encode(),
                          capture_output=True, check=True).stdout
    numbers, rest = [], made[2:]
    for _ in range(2):
        numbers.append(int.from_bytes(rest[2 : 2 + rest[1]], "big").to_bytes(32, "big"))
        rest = rest[2 + rest[1] :]
    return text + "." + b64(numbers[0] + numbers[1])


def errors(code, message, detail=None):
    return json.dumps({"errors": [{"code": code, "message": message, "detail": detail}]}).encode()


class Kind:
    """What all registries have in common; each one changes what is its own."""
    users = {}
    host = realm = service = None
    upstream = "token"
    cdn = None                  # where blobs are redirected to
    token_name = "token"
    anonymous = ()              # paths that everybody may pull
    post = 404                  # what the token server answers to a form

    def token(self, request, scopes, user):
        access = []
        for scope in scopes:
            kind, _, rest = scope.partition(":")
            name, _, actions = rest.rpartition(":")
            granted = actions.split(",") if user else ["pull"] if name.startswith(self.anonymous or "\0") else []
            access.append({"type": kind, "name": name, "actions": granted})
        return {self.token_name: jwt(user or "", access, 300), "expires_in": 300}

    def give_token(self, request):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(request.path).query)
        scopes = query.get("scope", [])
        if request.command == "POST":
            form = urllib.parse.parse_qs(request.body().decode())
            return self.exchange(request, form)
        user = request.user(self.users)
        if user is False:
            return request.answer(401, errors("UNAUTHORIZED", "incorrect username or password"), [JSON])
        return self.answer_token(request, scopes, user)

    def answer_token(self, request, scopes, user):
        request.answer(200, json.dumps(self.token(request, scopes, user)).encode(), [JSON])

    def exchange(self, request, form):
        request.answer(self.post, errors("UNSUPPORTED", "no such way to a token"), [JSON])

    def challenge(self, text):
        text = re.sub('realm="[^"]*"', f'realm="{self.realm}"', text)
        service = f'service="{self.service}",' if self.service else ""
        return re.sub('service="[^"]*",?', service, text)

    def before(self, request):
        """True when the answer was given without docker-registry."""
        return False

    def after(self, request, status, headers, body):
        return status, headers, body


class Hub(Kind):
    host, realm, service = "registry-1.docker.io", "https://auth.docker.io/token", "registry.docker.io"
    users = {"alice": "dckr_pat_secret"}
    cdn = "production.cloudflare.docker.com"
    anonymous = ("library/",)
    limited = 0

    def before(self, request):
        if request.command == "GET" and "/library/limited/manifests/" in request.path:
            request.answer(429, b"Too many requests\n", [("Retry-After", "1"), ("Content-Type", "text/plain")])
            return True
        if request.command == "GET" and "/library/busy/manifests/" in request.path:
            Hub.limited += 1
            if Hub.limited == 1:
                request.answer(429, errors("TOOMANYREQUESTS", "You have reached your pull rate limit."),
                               [JSON, ("Retry-After", "1")])
                return True
            request.path = request.path.replace("/library/busy/", "/library/app/")
        return False

    def after(self, request, status, headers, body):
        if "/manifests/" in request.path and status == 200:
            left = 3 if request.user_of_token() == "" else 180
            headers = headers + [("RateLimit-Limit", "100;w=21600"), ("RateLimit-Remaining", f"{left};w=21600"),
                                 ("Docker-RateLimit-Source", "192.0.2.7")]
        return status, headers, body


class Ecr(Kind):
    host, upstream = "123456789012.dkr.ecr.eu-central-1.amazonaws.com", "basic"
    repositories = ("lib/app", "team/ecr", "team/fixed")

    def challenge(self, text):
        return f'Basic realm="https://{self.host}/",service="ecr.amazonaws.com"'

    def before(self, request):
        path, query = urllib.parse.urlsplit(request.path)[2:4]
        if request.headers.get("Authorization") is None:
            return False
        size = int(urllib.parse.parse_qs(query).get("n", ["0"])[0])
        if size > 1000:
            request.answer(400, errors("UNSUPPORTED", "Invalid parameter at 'maxResults'"), [JSON])
            return True
        name = re.match("/v2/(.*)/(blobs|manifests|tags)/", path)
        if name and name.group(1) not in self.repositories:
            text = f"The repository with name '{name.group(1)}' does not exist in the registry with id '123456789012'"
            request.answer(404, errors("NAME_UNKNOWN", text), [JSON])
            return True
        if request.command == "PUT" and "/team/fixed/manifests/old" in path:
            text = "The image tag 'old' already exists in the 'team/fixed' repository and cannot be overwritten because"
            request.answer(400, errors("TAG_INVALID", text + " the tag is immutable."), [JSON])
            return True
        if request.command == "PUT" and "/blobs/uploads/" in path and request.size() > 1000000:
            request.body()
            request.answer(413, b"", [])
            return True
        return False

    def after(self, request, status, headers, body):
        return (201 if request.command == "PATCH" and status == 202 else status), headers, body


class EcrPublic(Kind):
    """Amazon's gallery: tokens, also for those who have no account, and no basic authentication."""
    host, realm, service = "public.ecr.aws", "https://public.ecr.aws/token/", "public.ecr.aws"
    users, anonymous = {"AWS": "public-password"}, ("lib/",)


class Google(Kind):
    host, realm = "europe-docker.pkg.dev", "https://europe-docker.pkg.dev/v2/token"
    users = {"_json_key": '{\n  "type": "service_account",\n  "private_key": "-----BEGIN: KEY"\n}'}
    cdn = "storage.googleapis.com"

    def before(self, request):
        if request.command == "PATCH":
            request.answer(400, errors("UNSUPPORTED", "chunked upload is not supported"), [JSON])
            return True
        return False

    def after(self, request, status, headers, body):
        if status == 401 and request.path != "/v2/":
            headers = [one for one in headers if one[0].lower() != "www-authenticate"]
        if request.path.partition("?")[0].endswith("/tags/list") and status == 200:
            body = json.dumps({**json.loads(body), "child": ["x"], "manifest": {"sha256:0": {"tag": ["y"]}}}).encode()
        return status, headers, body


class Azure(Kind):
    host, realm, service = "team.azurecr.io", "https://team.azurecr.io/oauth2/token", "team.azurecr.io"
    users = {"00000000-0000-0000-0000-000000000000": "refresh-of-az", "ci-token": "s3cret"}
    cdn, token_name = "teamdata.blob.core.windows.net", "access_token"

    def exchange(self, request, form):
        good = form.get("grant_type") == ["refresh_token"] and form.get("refresh_token") == ["refresh-of-az"]
        if not good or form.get("service") != [self.service]:
            return request.answer(400, errors("UNSUPPORTED", "the form is no refresh token of ours"), [JSON])
        return self.answer_token(request, form["scope"][0].split(" "), "az")


class GitHub(Kind):
    host, realm, service = "ghcr.io", "https://ghcr.io/token", "ghcr.io"
    users = {"octo": "ghp_token"}
    cdn, anonymous = "pkg-containers.githubusercontent.com", ("public/",)

    def answer_token(self, request, scopes, user):
        if any(":secret/" in scope for scope in scopes):
            return request.answer(403, errors("DENIED", "requested access to the resource is denied"), [JSON])
        return Kind.answer_token(self, request, scopes, user)


class Harbor(Kind):
    host, realm = "harbor.example.org", "https://harbor.example.org/service/token"
    service, users = "harbor-registry", {"robot$ci": "R0bot"}

    def after(self, request, status, headers, body):
        if "/prod/" in request.path and "/manifests/" in request.path and status != 401:
            text = "The image is not signed in Notary."
            return 412, [JSON], errors("PROJECTPOLICYVIOLATION", text)
        if status == 404 and "/manifests/" in request.path:
            return 404, [JSON], errors("NOT_FOUND", f"artifact {request.path.rsplit('/', 1)[1]} not found")
        return status, headers, body


class GitLab(Kind):
    host, realm = "registry.gitlab.example", "https://gitlab.example:8443/jwt/auth"
    service, post = "container_registry", 405
    users = {"gitlab-ci-token": "job-token"}
    dead, cut = set(), set()  # tokens that ran out before their time, which nobody foresees
    cut_path = None

    def before(self, request):
        # Whatever else has been asked for meanwhile: it is the rest of the blob that meets a token that ran out.
        if request.path == self.cut_path and request.headers.get("Range"):
            type(self).cut_path = None
            self.dead.add(request.headers.get("Authorization"))
        if request.headers.get("Authorization") in self.dead:
            head = f'Bearer realm="{self.realm}",service="{self.service}",error="invalid_token"'
            request.body()
            request.answer(401, errors("UNAUTHORIZED", "authentication required"), [JSON, ("WWW-Authenticate", head)])
            return True
        sends = request.command == "PUT" and "/blobs/uploads/" in request.path
        if sends and request.headers.get("Authorization") and "PUT" not in self.cut:
            self.cut.add("PUT")
            self.dead.add(request.headers.get("Authorization"))
            return self.before(request)
        return False

    def after(self, request, status, headers, body):
        """The first large blob is cut in the middle."""
        if request.command == "GET" and "/blobs/" in request.path and status == 200 and len(body) > 4000:
            if "GET" not in self.cut:
                self.cut.add("GET")
                type(self).cut_path = request.path
                request.cut = True
        return status, headers, body


class Apart(Kind):
    """Its token server has another name altogether."""
    host, realm, service = "registry.apart.example", "https://login.elsewhere.example/token", "apart"
    users = {"alice": "s3cret"}


class Nexus(Kind):
    """With the realm for bearer tokens: its own, which no one else can read."""
    host, realm = "nexus.example:8082", "https://nexus.example:8082/v2/token"
    service, upstream = "https://nexus.example:8082/v2/token", "open"
    users = {"deploy": "n3xus"}
    tokens = {}

    def token(self, request, scopes, user):
        token = f"DockerToken.{uuid.uuid4()}"
        self.tokens["Bearer " + token] = user
        return {"token": token}

    def refuse(self, request, head):
        request.body()
        request.answer(401, errors("UNAUTHORIZED", "access to the requested resource is not authorized"),
                       [JSON, ("WWW-Authenticate", head)])
        return True

    def before(self, request):
        if not self.tokens.get(request.headers.get("Authorization")):
            return self.refuse(request, f'Bearer realm="{self.realm}",service="{self.service}"')
        if request.path.startswith("/v2/team/empty/tags/list"):
            request.answer(200, b'{"name": "team/empty", "tags": null}', [JSON])
            return True
        return False


class NexusBasic(Nexus):
    host = "nexus.example:8083"

    def before(self, request):
        if not request.user(self.users):
            return self.refuse(request, 'BASIC realm="Sonatype Nexus Repository Manager"')
        return False


class Quay(Kind):
    host, realm, service = "quay.io", "https://quay.io/v2/auth", "quay.io"
    users = {"team+robot": "Q"}
    post = 405

    def answer_token(self, request, scopes, user):
        if any("delete" in scope or scope.count(":") != 2 for scope in scopes):
            return request.answer(400, errors("INVALID", "Unable to decode repository and actions"), [JSON])
        return Kind.answer_token(self, request, scopes, user)

    def after(self, request, status, headers, body):
        if status == 404 and "/manifests/" in request.path:
            return 401, [JSON], errors("UNAUTHORIZED", "access to the requested resource is not authorized")
        path, _, query = request.path.partition("?")
        if path.endswith("/tags/list") and status == 200:
            listed = json.loads(body)
            page = int(urllib.parse.parse_qs(query).get("next_page", ["0"])[0])
            tags = listed["tags"][page : page + 1]
            if page + 1 < len(listed["tags"]):
                headers = headers + [("Link", f'<{path}?n=1&next_page={page + 1}>; rel="next"')]
            body = json.dumps({**listed, "tags": tags}).encode()
        return status, headers, body


class Artifactory(Kind):
    host, realm = "team.jfrog.example", "https://team.jfrog.example/artifactory/api/docker/oci/v2/token"
    service, post, users = "team.jfrog.example", 401, {"ci@example.org": "AKCp"}

    def after(self, request, status, headers, body):
        if status == 404 and "/manifests/" in request.path:
            return 403, [JSON], errors("DENIED", "The client does not have permission for manifest")
        if request.path.partition("?")[0].endswith("/tags/list") and status == 200:
            listed = json.loads(body)
            body = json.dumps({**listed, "tags": listed["tags"] + ["sha256:" + "a" * 64]}).encode()
        return status, headers, body


class Zot(Kind):
    host, upstream = "zot.example.net", "basic"

    def challenge(self, text):
        return 'Basic realm="Authorization Required"'

    def before(self, request):
        if request.command == "PUT" and "/manifests/" in request.path:
            kind = request.headers.get("Content-Type", "")
            if "docker" in kind and request.headers.get("Authorization"):
                request.body()
                request.answer(415, errors("MANIFEST_INVALID", "manifest invalid", {"mediaType": kind}), [JSON])
                return True
        return False

    def after(self, request, status, headers, body):
        repository, found, subject = request.path.partition("/referrers/")
        if not found or status == 401:
            return status, headers, body
        status, _, body = request.ask(f"{repository}/manifests/{subject.replace(':', '-')}")
        listed = json.loads(body)["manifests"] if status == 200 else []
        return 200, [("Content-Type", INDEX)], json.dumps({"schemaVersion": 2, "manifests": listed}).encode()


KINDS = [kind() for kind in (Hub, Ecr, EcrPublic, Google, Azure, GitHub, Harbor, GitLab, Apart, Nexus, NexusBasic, Quay,
                              Artifactory, Zot)]

# SPDX-License-Identifier: Apache-2.0
"""Asks the schema and the program about the same policies.

usage: policy_schema.py SCHEMA FOLDER PROGRAM VECTORS
"""
import copy
import json
import os
import pathlib
import subprocess
import sys

import jsonschema

DIGEST = "sha256:" + "c7" * 32
# A public key in PEM, in base64.
KEY = ("LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0KTUZrd0V3WUhLb1pJemowQ0FRWUlLb1pJemowREFRY0RRZ0FFUFRoalNXdXJ0d253"
       "UnMvVTBRZ2t2cjZWdlAzdwpCTlFmVVNIQjYvZHNpMWNWbzJjUUVNQzllcldnSklZZTFIeExla21CbzViSUVGcytSK0prVXc5dmJR"
       "PT0KLS0tLS1FTkQgUFVCTElDIEtFWS0tLS0tCg==")
GATES = {
    "type": "gates", "id": "g",
    "reference": {"forbidTags": ["latest"], "tagPattern": "^v[0-9]+$", "requireDigest": False},
    "platforms": ["linux/amd64", "linux/arm/v7"],
    "mediaTypes": {"manifest": ["a"], "config": ["b"], "layer": ["c"]},
    "size": {"maxCompressed": "2GiB", "maxUncompressed": "8GiB", "maxLayer": "1B", "maxLayers": 80},
    "age": {"maxCreated": "P180D", "allowMissing": True},
    "config": {"nonRoot": True, "users": ["app"], "labels": {"a": {"equals": "x"}, "b": {"regex": "^.*$"}, "c": {"in": ["y"]}},
               "forbidEnv": ["^AWS_.*$"], "forbidVolumes": True, "requireEntrypoint": True, "maxPort": 9000},
}
GOOD = {
    "hallmark": 1,
    "metadata": {"name": "prod", "serial": 12, "expires": "2027-06-30T00:00:00Z", "comment": ""},
    "stores": {"dct": {"kind": "tuf", "server": "https://notary.acme.example", "roles": ["targets/releases", "targets"],
                       "pins": [{"gun": "registry.acme.example/*", "rootKeyIds": ["0d" * 32], "minRootVersion": 2,
                                 "wildcardCertificates": "refuse"}]},
               "courier": {"kind": "key", "key": {"data": KEY}, "hash": "sha256",
                           "validity": {"notBefore": "2026-01-01T00:00:00Z", "notAfter": "2027-01-01T00:00:00Z",
                                        "distrusted": False, "reason": ""}}},
    "freshness": {"mode": "bundleTime", "maxBundleAge": "P14D", "maxTransit": "P3D", "clockSkew": "PT10M",
                  "bundleSigners": ["courier"], "requireBundleSignature": True, "state": "/var/lib/hallmark/freshness.json"},
    "default": [{"type": "reject", "message": "no rule"}],
    "transports": {"docker": {"registry.acme.example/prod": [
        {"type": "tuf", "store": "dct", "id": "dct", "tagRequired": True, "roles": ["targets"]},
        {"type": "threshold", "k": 1, "distinct": "signer", "of": [{"type": "digest", "allow": [DIGEST]}, {"type": "reject"}]},
        {"type": "signedBy", "keyType": "GPGKeys", "keyPath": "/k", "signedIdentity": {"type": "matchRepository"}},
        {"type": "sigstoreSigned", "keyPaths": ["/k"], "signedIdentity": {
            "type": "remapIdentity", "prefix": "a.example/b", "signedPrefix": "c.example/d"}},
        {"type": "audit", "until": "2027-03-01T00:00:00Z", "requirements": [{"type": "insecureAcceptAnything"}]},
        GATES]}},
    "exceptions": [{"id": "ex-1", "scope": "registry.acme.example/prod/api", "digest": DIGEST, "waive": ["age", "size"],
                    "until": "2026-12-15T00:00:00Z", "reason": "hotfix INC-5521"}],
    "breakGlass": {"allow": True, "reasonPattern": "^INC.*$", "audit": "/var/log/glass", "waivable": ["config"]},
    "audit": {"file": "/var/log/decisions", "required": True},
    "requirePublisher": True,
}
LIST = "/transports/docker/registry.acme.example~1prod"
PIN = "/stores/dct/pins/0"
COURIER = "/stores/courier"
EXCEPTION = "/exceptions/0"
GATE = LIST + "/5"

# Where, and what is put there; None takes the member away.
WRONG = [
    ("/hallmark", 2), ("/hallmark", None), ("/default", None), ("/default", []), ("/x", 1), ("/metadata/x", 1),
    ("/metadata/serial", -1), ("/metadata/serial", "1"), ("/metadata/expires", "soon"), ("/metadata/name", ""),
    ("/stores/Upper", GOOD["stores"]["dct"]), ("/stores/dct/kind", "key"), ("/stores/dct/kind", "fulcio"),
    (COURIER + "/key", None), (COURIER + "/key", {}), (COURIER + "/hash", "sha512"), (COURIER + "/validity/notAfter", "soon"),
    (COURIER + "/validity/distrusted", 1), (COURIER + "/pins", []), (COURIER + "/kind", "tuf"),
    ("/freshness/maxBundleAge", None), ("/freshness/bundleSigners", None), ("/freshness/bundleSigners", []),
    ("/freshness/bundleSigners", ["courier", "courier"]), ("/freshness/mode", "sometimes"),
    ("/freshness/maxBundleAge", "14 days"), ("/freshness/requireBundleSignature", False), ("/freshness/state", "here"),
    ("/freshness/x", 1), ("/freshness", {"requireBundleSignature": True}), ("/freshness", {"maxTransit": "P1D"}),
    ("/freshness/clockSkew", 5),
    ("/stores/dct/pins", []), (PIN + "/rootKeyIds", None), (PIN + "/rootKeyIds", ["0D" * 32]), (PIN + "/minRootVersion", 0),
    (PIN + "/wildcardCertificates", "maybe"), (PIN + "/wildcardCertificates", True),
    ("/stores/dct/server", "http://notary.acme.example"), ("/stores/dct/roles", ["root"]), ("/stores/dct/x", 1),
    ("/transports/nowhere", {}), ("/limits", {}),
    (LIST + "/0/store", None), (LIST + "/0/type", "sigstore"), (LIST + "/0/x", 1), (LIST + "/0/id", "-a"),
    (LIST + "/1/k", 0), (LIST + "/1/of", []), (LIST + "/1/distinct", "key"), (LIST + "/1/of/0/allow", []),
    (LIST + "/1/of/0/allow", ["sha256:c7"]), (LIST + "/2/keyPath", None), (LIST + "/2/keyType", "X509Certificates"),
    (LIST + "/2/signedIdentity", {"type": "unbound"}), (LIST + "/3/keyPaths", []), (LIST + "/3/keyPath", "/k"),
    (LIST + "/4/requirements", None), (LIST + "/4/requirements", []), (LIST + "/4/until", "soon"),
    (LIST + "/4/requirements", [{"type": "nope"}]),
    (GATE + "/base", []), (GATE + "/content", {}), (GATE + "/vulnerabilities", {}), (GATE + "/x", 1),
    (GATE + "/reference", {}), (GATE + "/reference/forbidTags", []), (GATE + "/reference/forbidTags", ["a b"]),
    (GATE + "/reference/tagPattern", "v.*"), (GATE + "/reference/requireDigest", 1),
    (GATE + "/platforms", []), (GATE + "/platforms", ["linux"]), (GATE + "/platforms", ["Linux/amd64"]),
    (GATE + "/mediaTypes", {}), (GATE + "/mediaTypes/layer", []), (GATE + "/mediaTypes/x", ["a"]),
    (GATE + "/size", {}), (GATE + "/size/maxLayers", 0), (GATE + "/size/maxLayer", 5), (GATE + "/size/maxCompressed", "2GB"),
    (GATE + "/age/maxCreated", None), (GATE + "/age/maxCreated", "180 days"), (GATE + "/age/maxCreated", "P1Y"),
    (GATE + "/age/maxCreated", "PT"), (GATE + "/age/allowMissing", 1),
    (GATE + "/config", {}), (GATE + "/config/nonRoot", "true"), (GATE + "/config/users", []), (GATE + "/config/labels", {}),
    (GATE + "/config/labels/a", {}), (GATE + "/config/labels/a", {"equals": "x", "in": ["y"]}),
    (GATE + "/config/labels/a", {"in": []}), (GATE + "/config/forbidEnv", ["AWS"]), (GATE + "/config/forbidEnv", []),
    (GATE + "/config/maxPort", -1), (GATE + "/config/maxPort", 65536), (GATE + "/config/x", True),
    (EXCEPTION + "/id", None), (EXCEPTION + "/scope", ""), (EXCEPTION + "/digest", "sha256:c7"), (EXCEPTION + "/waive", []),
    (EXCEPTION + "/waive", ["tuf"]), (EXCEPTION + "/waive", ["vulnerabilities"]), (EXCEPTION + "/waive", ["age", "age"]),
    (EXCEPTION + "/until", None), (EXCEPTION + "/reason", "short"), (EXCEPTION + "/x", 1),
    ("/breakGlass/allow", None), ("/breakGlass/waivable", []), ("/breakGlass/waivable", ["freshness"]),
    ("/breakGlass/audit", "glass"), ("/breakGlass/reasonPattern", "INC"), ("/breakGlass/x", 1),
    ("/audit/file", "decisions"), ("/audit/file", None), ("/audit/required", 1), ("/audit/x", 1), ("/requirePublisher", "yes"),
]
# Gates that ask one thing each, and other good variations.
RIGHT = [("/metadata", None), ("/stores/other", {"kind": "tuf", "pins": [{"gun": "a.example", "rootKeyIds": ["ab" * 32]}]}),
         ("/audit", {}), ("/audit", {"required": False}), ("/breakGlass", {"allow": False}), ("/exceptions", []),
         (PIN + "/wildcardCertificates", "accept"), (PIN + "/wildcardCertificates", None),
         (LIST + "/4/until", None), (GATE + "/age/maxCreated", "P1DT12H"), (GATE + "/age/maxCreated", "P2W"),
         (GATE + "/age/maxCreated", "PT5M"), (EXCEPTION + "/digest", "sha512:" + "0a" * 64)]
RIGHT += [(GATE, {"type": "gates", name: GATES[name]}) for name in GATES if name not in ("type", "id")]


def changed(pointer, value):
    policy = copy.deepcopy(GOOD)
    place = policy
    *path, last = [part.replace("~1", "/") for part in pointer.split("/")[1:]]
    for part in path:
        place = place[int(part) if isinstance(place, list) else part]
    if isinstance(place, list):
        place[int(last)] = value
    elif value is None:
        del place[last]
    else:
        place[last] = value
    return policy


def main():
    schema, folder, program, vectors = json.loads(pathlib.Path(sys.argv[1]).read_text()), *sys.argv[2:]
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    file = pathlib.Path(folder) / "asked.json"
    environment = {**os.environ, "HALLMARK_POLICY": str(file)}
    faults = []

    def ask(what, policy, expected):
        by_schema = validator.is_valid(policy)
        file.write_text(json.dumps(policy))
        run = subprocess.run([program, "policy", "check"], env=environment, capture_output=True, text=True, check=False)
        if run.returncode not in (0, 2):
            faults.append(f"{what}: exit status {run.returncode}: {run.stderr}")
        elif (by_schema, run.returncode == 0) != (expected, expected):
            faults.append(f"{what}: expected {expected}, the schema says {by_schema}, the program {run.stderr or 'yes'}")

    ask("the good policy", GOOD, True)
    for pointer, value in RIGHT:
        ask(f"{pointer} {value}", changed(pointer, value), True)
    for pointer, value in WRONG:
        ask(f"{pointer} {value}", changed(pointer, value), False)
    for name, expected in (("ex1-prod.json", False), ("ex2-airgap.json", False), ("ex3-compat.json", True)):
        ask(name, json.loads((pathlib.Path(vectors) / name).read_text()), expected)
    print("\n".join(faults), file=sys.stderr)
    return 1 if faults else 0


sys.exit(main())

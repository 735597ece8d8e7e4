// SPDX-License-Identifier: Apache-2.0
#include "policy/file/schema.h"

#include "policy/systems.h"

namespace hallmark::policy {
namespace {

constexpr std::string_view kBeforeDefinitions =
    R"json({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "urn:hallmark:schema:policy:1",
  "title": "A policy for hallmark: what an image must prove before it is stored",
  "type": "object",
  "additionalProperties": false,
  "required": ["hallmark", "default"],
  "properties": {
    "hallmark": {"const": 1},
    "metadata": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 200},
        "serial": {"type": "integer", "minimum": 0},
        "expires": {"$ref": "#/$defs/time"},
        "comment": {"type": "string"}
      }
    },
    "stores": {
      "type": "object",
      "propertyNames": {"$ref": "#/$defs/name"},
      "additionalProperties": {"$ref": "#/$defs/store"}
    },
    "requirePublisher": {"type": "boolean"},
    "default": {"$ref": "#/$defs/requirements"},
    "transports": {
      "type": "object",
      "propertyNames": {
        "enum": ["atomic", "containers-storage", "dir", "docker", "docker-archive", "docker-daemon", "oci",
                 "oci-archive", "sif", "tarball"]
      },
      "additionalProperties": {"type": "object", "additionalProperties": {"$ref": "#/$defs/requirements"}}
    },
    "freshness": {"$ref": "#/$defs/freshness"},
    "exceptions": {"type": "array", "items": {"$ref": "#/$defs/exception"}},
    "breakGlass": {
      "type": "object",
      "additionalProperties": false,
      "required": ["allow"],
      "properties": {
        "allow": {"type": "boolean"},
        "reasonPattern": {"$ref": "#/$defs/expression"},
        "audit": {"$ref": "#/$defs/path"},
        "waivable": {"$ref": "#/$defs/groups"}
      }
    },
    "audit": {
      "type": "object",
      "additionalProperties": false,
      "properties": {"file": {"$ref": "#/$defs/path"}, "required": {"type": "boolean"}},
      "if": {"properties": {"required": {"const": true}}, "required": ["required"]},
      "then": {"required": ["file"]}
    }
  },
  "$defs": {
    "name": {"type": "string", "pattern": "^[a-z0-9][a-z0-9._-]{0,63}$"},
    "path": {"type": "string", "pattern": "^/."},
    "time": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"},
    "duration": {
      "type": "string",
      "pattern": "^P([0-9]+W|[0-9]+D|([0-9]+D)?T(?=[0-9])([0-9]+H)?([0-9]+M)?([0-9]+S)?)$"
    },
    "bytes": {"type": "string", "pattern": "^[0-9]+(B|KiB|MiB|GiB|TiB)$"},
    "digest": {
      "type": "string",
      "pattern": "^(sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$"
    },
    "hex64": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    "expression": {"type": "string", "pattern": "^\\^.*\\$$"},
    "texts": {"type": "array", "minItems": 1, "items": {"type": "string"}},
    "match": {
      "type": "object",
      "additionalProperties": false,
      "minProperties": 1,
      "maxProperties": 1,
      "properties": {
        "equals": {"type": "string"},
        "in": {"$ref": "#/$defs/texts"},
        "regex": {"$ref": "#/$defs/expression"}
      }
    },
    "groups": {
      "type": "array",
      "minItems": 1,
      "uniqueItems": true,
      "items": {"enum": ["age", "config", "mediaType", "platform", "reference", "size"]}
    },
    "material": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "path": {"$ref": "#/$defs/path"},
        "data": {"type": "string", "minLength": 1},
        "sha256": {"$ref": "#/$defs/hex64"}
      },
      "oneOf": [{"required": ["path"]}, {"required": ["data"]}]
    },
)json";

constexpr std::string_view kBeforeStores =
    R"json(    "store": {
      "type": "object",
      "oneOf": [
)json";

constexpr std::string_view kBeforeRequirements =
    R"json(        {
          "additionalProperties": false,
          "required": ["kind", "key"],
          "properties": {
            "kind": {"const": "key"},
            "key": {"$ref": "#/$defs/material"},
            "hash": {"const": "sha256"},
            "validity": {
              "type": "object",
              "additionalProperties": false,
              "properties": {"notBefore": {"$ref": "#/$defs/time"}, "notAfter": {"$ref": "#/$defs/time"},
                             "distrusted": {"type": "boolean"}, "reason": {"type": "string"}}
            }
          }
        }
      ]
    },
    "freshness": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "mode": {"enum": ["strict", "bundleTime"]},
        "maxBundleAge": {"$ref": "#/$defs/duration"},
        "maxTransit": {"$ref": "#/$defs/duration"},
        "clockSkew": {"$ref": "#/$defs/duration"},
        "bundleSigners": {
          "oneOf": [{"$ref": "#/$defs/name"},
                    {"type": "array", "minItems": 1, "uniqueItems": true, "items": {"$ref": "#/$defs/name"}}]
        },
        "requireBundleSignature": {"type": "boolean"},
        "state": {"$ref": "#/$defs/path"}
      },
      "if": {"properties": {"mode": {"const": "bundleTime"}}, "required": ["mode"]},
      "then": {"required": ["maxBundleAge", "bundleSigners"], "properties": {"requireBundleSignature": {"const": true}}},
      "else": {
        "if": {"properties": {"requireBundleSignature": {"const": true}}, "required": ["requireBundleSignature"]},
        "then": {"required": ["bundleSigners"]},
        "else": {"not": {
          "anyOf": [{"required": ["maxBundleAge"]}, {"required": ["maxTransit"]}, {"required": ["bundleSigners"]}]}}
      }
    },
    "pin": {
      "type": "object",
      "additionalProperties": false,
      "required": ["gun"],
      "properties": {
        "gun": {"type": "string", "minLength": 1},
        "rootKeyIds": {
          "type": "array",
          "minItems": 1,
          "uniqueItems": true,
          "items": {"$ref": "#/$defs/hex64"}
        },
        "root": {"$ref": "#/$defs/material"},
        "minRootVersion": {"type": "integer", "minimum": 1}, "wildcardCertificates": {"enum": ["accept", "refuse"]}
      },
      "anyOf": [{"required": ["rootKeyIds"]}, {"required": ["root"]}]
    },
    "exception": {
      "type": "object",
      "additionalProperties": false,
      "required": ["id", "scope", "digest", "waive", "until", "reason"],
      "properties": {
        "id": {"$ref": "#/$defs/name"},
        "scope": {"type": "string", "minLength": 1},
        "digest": {"$ref": "#/$defs/digest"},
        "waive": {"$ref": "#/$defs/groups"},
        "until": {"$ref": "#/$defs/time"},
        "reason": {"type": "string", "minLength": 8}
      }
    },
    "requirements": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/requirement"}},
    "requirement": {
      "type": "object",
      "required": ["type"],
      "properties": {"id": {"$ref": "#/$defs/name"}},
      "oneOf": [
        {"additionalProperties": false, "properties": {"type": {"const": "insecureAcceptAnything"}, "id": true}},
        {"additionalProperties": false,
         "properties": {"type": {"const": "reject"}, "id": true, "message": {"type": "string"}}},
)json";

constexpr std::string_view kRest =
    R"json(        {
          "additionalProperties": false,
          "required": ["k", "of"],
          "properties": {
            "type": {"const": "threshold"},
            "id": true,
            "k": {"type": "integer", "minimum": 1},
            "of": {"$ref": "#/$defs/requirements"},
            "distinct": {"enum": ["requirement", "signer"]}
          }
        },
        {
          "additionalProperties": false,
          "required": ["allow"],
          "properties": {
            "type": {"const": "digest"},
            "id": true,
            "allow": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/digest"}}
          }
        },
        {
          "additionalProperties": false,
          "required": ["requirements"],
          "properties": {
            "type": {"const": "audit"},
            "id": true,
            "requirements": {"$ref": "#/$defs/requirements"},
            "until": {"$ref": "#/$defs/time"}
          }
        },
        {"$ref": "#/$defs/gates"},
        {"$ref": "#/$defs/signedBy"},
        {"$ref": "#/$defs/sigstoreSigned"}
      ]
    },
    "gates": {
      "additionalProperties": false,
      "anyOf": [
        {"required": ["reference"]}, {"required": ["platforms"]}, {"required": ["mediaTypes"]},
        {"required": ["size"]}, {"required": ["age"]}, {"required": ["config"]}
      ],
      "properties": {
        "type": {"const": "gates"},
        "id": true,
        "reference": {
          "type": "object",
          "additionalProperties": false,
          "minProperties": 1,
          "properties": {
            "requireDigest": {"type": "boolean"},
            "forbidTags": {
              "type": "array",
              "minItems": 1,
              "items": {"type": "string", "pattern": "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$"}
            },
            "tagPattern": {"$ref": "#/$defs/expression"}
          }
        },
        "platforms": {
          "type": "array",
          "minItems": 1,
          "items": {"type": "string", "pattern": "^[a-z0-9]+/[a-z0-9_]+(/[a-z0-9]+)?$"}
        },
        "mediaTypes": {
          "type": "object",
          "additionalProperties": false,
          "minProperties": 1,
          "properties": {
            "manifest": {"$ref": "#/$defs/texts"},
            "config": {"$ref": "#/$defs/texts"},
            "layer": {"$ref": "#/$defs/texts"}
          }
        },
        "size": {
          "type": "object",
          "additionalProperties": false,
          "minProperties": 1,
          "properties": {
            "maxCompressed": {"$ref": "#/$defs/bytes"},
            "maxUncompressed": {"$ref": "#/$defs/bytes"},
            "maxLayer": {"$ref": "#/$defs/bytes"},
            "maxLayers": {"type": "integer", "minimum": 1}
          }
        },
        "age": {
          "type": "object",
          "additionalProperties": false,
          "required": ["maxCreated"],
          "properties": {"maxCreated": {"$ref": "#/$defs/duration"}, "allowMissing": {"type": "boolean"}}
        },
        "config": {
          "type": "object",
          "additionalProperties": false,
          "minProperties": 1,
          "properties": {
            "nonRoot": {"type": "boolean"},
            "users": {"$ref": "#/$defs/texts"},
            "labels": {
              "type": "object",
              "minProperties": 1,
              "additionalProperties": {"$ref": "#/$defs/match"}
            },
            "forbidEnv": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/expression"}},
            "forbidVolumes": {"type": "boolean"},
            "requireEntrypoint": {"type": "boolean"},
            "maxPort": {"type": "integer", "minimum": 0, "maximum": 65535}
          }
        }
      }
    },
    "signedBy": {
      "additionalProperties": false,
      "required": ["keyType"],
      "properties": {
        "type": {"const": "signedBy"},
        "id": true,
        "keyType": {"const": "GPGKeys"},
        "keyPath": {"type": "string", "minLength": 1},
        "keyPaths": {"$ref": "#/$defs/texts"},
        "keyData": {"type": "string", "minLength": 1},
        "signedIdentity": {"$ref": "#/$defs/signedIdentity"}
      },
      "oneOf": [{"required": ["keyPath"]}, {"required": ["keyPaths"]}, {"required": ["keyData"]}]
    },
    "sigstoreSigned": {
      "additionalProperties": false,
      "properties": {
        "type": {"const": "sigstoreSigned"},
        "id": true,
        "keyPath": {"type": "string", "minLength": 1},
        "keyPaths": {"$ref": "#/$defs/texts"},
        "keyData": {"type": "string", "minLength": 1},
        "keyDatas": {"$ref": "#/$defs/texts"},
        "fulcio": {"type": "object"},
        "pki": {"type": "object"},
        "rekorPublicKeyPath": {"type": "string"},
        "rekorPublicKeyPaths": {"$ref": "#/$defs/texts"},
        "rekorPublicKeyData": {"type": "string"},
        "rekorPublicKeyDatas": {"$ref": "#/$defs/texts"},
        "signedIdentity": {"$ref": "#/$defs/signedIdentity"}
      },
      "oneOf": [
        {"required": ["keyPath"]}, {"required": ["keyPaths"]}, {"required": ["keyData"]},
        {"required": ["keyDatas"]}, {"required": ["fulcio"]}, {"required": ["pki"]}
      ]
    },
    "signedIdentity": {
      "type": "object",
      "required": ["type"],
      "oneOf": [
        {
          "additionalProperties": false,
          "properties": {"type": {"enum": ["matchExact", "matchRepoDigestOrExact", "matchRepository"]}}
        },
        {
          "additionalProperties": false,
          "required": ["dockerReference"],
          "properties": {"type": {"const": "exactReference"}, "dockerReference": {"type": "string"}}
        },
        {
          "additionalProperties": false,
          "required": ["dockerRepository"],
          "properties": {"type": {"const": "exactRepository"}, "dockerRepository": {"type": "string"}}
        },
        {
          "additionalProperties": false,
          "required": ["prefix", "signedPrefix"],
)json"
    R"json(          "properties": {
            "type": {"const": "remapIdentity"},
            "prefix": {"type": "string"},
            "signedPrefix": {"type": "string"}
          }
        }
      ]
    }
  }
}
)json";

/// What all trust systems add at one place.
std::string added(std::string_view trust::Schema::*part) {
  std::string text;
  for (const trust::System* system : systems()) text += system->schema.*part;
  return text;
}

}  // namespace

std::string schema() {
  return std::string(kBeforeDefinitions) + added(&trust::Schema::definitions) + std::string(kBeforeStores) +
         added(&trust::Schema::stores) + std::string(kBeforeRequirements) + added(&trust::Schema::requirements) +
         std::string(kRest);
}

}  // namespace hallmark::policy

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The schema that policy schema prints and the reader of policies are of one mind.
. "$(dirname "$0")/../integration/lib.sh"
it "policy schema prints a JSON document"
expect_status 0 hallmark policy schema
jq -e '."$id" == "urn:hallmark:schema:policy:1"' "$out" >/dev/null
cp "$out" "$world/schema.json"
python3 -c 'import jsonschema' 2>/dev/null || skip "no python3-jsonschema is installed to read the schema with"

it "what the schema admits is read, and what it refuses is not"
python3 "$tests/cmd/policy_schema.py" "$world/schema.json" "$world" "$HALLMARK" "$tests/vectors/policy"

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every command of the guide does what the guide says.
. "$(dirname "$0")/lib.sh"
PATH=$(dirname "$HALLMARK"):$PATH
mkdir "$world/guide"

it "the guide to the air gap can be followed word by word"
env -u HALLMARK_STORE -u DOCKER_CONFIG HOME="$world/home" python3 "$tests/integration/guide.py" "$tests/../docs/airgap.md" "$world/guide" ||
  fail "see above"

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every command of the guides does what the guide says.
. "$(dirname "$0")/lib.sh"
PATH=$(dirname "$HALLMARK"):$PATH
# follow GUIDE
follow() {
  mkdir "$world/$1"
  env -u HALLMARK_STORE -u DOCKER_CONFIG HOME="$world/home" python3 "$tests/integration/guide.py" "$tests/../docs/$1.md" "$world/$1" ||
    fail "see above"
}

it "the guide to the air gap can be followed word by word"
follow airgap
it "so can the guide to pipelines"
follow ci

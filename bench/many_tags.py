#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Stages 100,000 tags for the notary client to sign and publish at once.

usage: many_tags.py CHANGELIST-FOLDER DIGEST SIZE [COUNT]
"""

import base64
import json
import pathlib
import sys

folder, digest, size = pathlib.Path(sys.argv[1]), sys.argv[2].removeprefix("sha256:"), int(sys.argv[3])
count = int(sys.argv[4]) if len(sys.argv) > 4 else 100000
folder.mkdir(parents=True, exist_ok=True)
target = {"length": size, "hashes": {"sha256": base64.b64encode(bytes.fromhex(digest)).decode()}}
data = base64.b64encode(json.dumps(target).encode()).decode()
for number in range(count):
    change = {"action": "create", "role": "targets", "type": "target", "path": f"tag-{number}", "data": data}
    (folder / f"{number:020d}_many.change").write_text(json.dumps(change))

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# replay.sh REPLAY TARGET CORPUS: one target over what the corpus has for it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
tar -xJf "$3/$2.tar.xz" -C "$folder"
"$1" "$2" "$folder" 2>"$folder.log" || { tail -n 3 "$folder.log" >&2 && rm -f "$folder.log" && exit 1; }
rm -f "$folder.log"

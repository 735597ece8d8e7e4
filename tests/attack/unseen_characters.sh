#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Characters that turn, hide or break what stands beside them on a terminal: they come from images, registries and
# archives, and are shown by their numbers.
. "$(dirname "$0")/../integration/lib.sh"
start_registry plain
mkdir "$world/rootfs" && echo hello >"$world/rootfs/file" && tar -C "$world/rootfs" -cf "$world/rootfs.tar" .
app=reg.example/lib/app:1
# One of each: turning (three kinds), of no width, joining, a soft hyphen, a mark of byte order, a tag, both separators.
unseen=$'\u202e\u2066\u061c\u200b\u200d\u00ad\ufeff\U000e0041\u2028\u2029'
expect_status 0 hallmark import -m "$unseen by hand" -c "LABEL k$unseen=\"${unseen}evil\"" -c "ENV E=$unseen" \
  -c "CMD [\"$unseen\"]" "$world/rootfs.tar" "$app"

# shows_no_unseen FILE...
shows_no_unseen() {
  python3 - "$@" <<'END' || { show_output && fail "characters that nobody sees were printed"; }
import sys, unicodedata
wrong = [c for name in sys.argv[1:] for c in open(name, encoding="utf-8", errors="surrogateescape").read()
         if c not in "\n\t" and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs")]
sys.exit(bool(wrong))
END
}

it "no command shows what turns, hides or breaks lines, in tables, templates or JSON"
expect_status 0 hallmark history "$app"
shows_no_unseen "$out" "$err"
prints '\\xe2\\x80\\xae'
shows() {
  expect_status 0 hallmark "$@"
  shows_no_unseen "$out" "$err"
}
shows history --no-trunc "$app"
shows history --json "$app"
shows history --format '{{.Comment}}' "$app"
shows history --format json "$app"
shows inspect "$app"
for form in '{{.Config.Labels}}' '{{.Comment}}' '{{.Config.Cmd}}' '{{json .Config}}' '{{printf "%q" .Comment}}'; do
  shows inspect --format "$form" "$app"
done
shows images --json

it "JSON says the same text, by numbers"
expect_status 0 hallmark inspect "$app"
[ "$(jq -r '.[0].Comment' "$out")" = "$unseen by hand" ] || fail "another comment"
[ "$(jq -r ".[0].Config.Labels[\"k$unseen\"]" "$out")" = "${unseen}evil" ] || fail "another label"

it "what a policy, a decision or a record says of an image is shown so, too"
cat >"$world/policy.json" <<END
{"hallmark": 1, "default": [{"type": "gates", "config": {"labels": {"k$unseen": {"equals": "x"}}, "forbidEnv": ["^E=.*$"]}}],
 "audit": {"file": "$world/audit.jsonl"}}
END
expect_status 3 hallmark --policy "$world/policy.json" tag "$app" reg.example/lib/app:2
shows_no_unseen "$out" "$err" "$world/audit.jsonl"
expect_status 3 hallmark --policy "$world/policy.json" tag --json "$app" reg.example/lib/app:2
shows_no_unseen "$out" "$err"

it "names of files, options and images in errors are shown so, too"
for words in "load -i" "pull" "--nope" "history" "policy check --policy" "--store" "trust key load" "import"; do
  # shellcheck disable=SC2086
  "$HALLMARK" $words "$world/$unseen" >"$out" 2>"$err" </dev/null || true
  shows_no_unseen "$out" "$err"
done

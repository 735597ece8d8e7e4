#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# hallmark history: how an image was made, in docker's table.
# shellcheck source=tests/integration/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../integration/lib.sh"

it "what is not there has no history"
expect_status 5 hallmark history nosuch
says '^hallmark: error: no such image: nosuch:latest$'
one_line
expect_status 2 hallmark history
one_line

# A step without a layer, a long command with tabs and a new line, and a comment.
python3 - "$world" <<'END'
import hashlib, io, json, sys, tarfile
def tar(size):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        info = tarfile.TarInfo("file-%d" % size)
        info.size = size
        archive.addfile(info, io.BytesIO(b"x" * size))
    return out.getvalue()
layers = [tar(5000), tar(20)]
config = {"architecture": "amd64", "os": "linux", "created": "2026-01-02T03:04:05Z", "config": {},
          "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(one).hexdigest() for one in layers]},
          "history": [{"created": "2026-01-01T03:04:05Z", "created_by": "COPY base\tlayer"},
                      {"created": "2026-01-02T03:04:05.123Z", "created_by": "RUN first\nsecond \x1b[2J", "comment": "by hand"},
                      {"created": "2026-01-02T03:04:05Z", "created_by": "ENV LONG=" + "a" * 60, "empty_layer": True}]}
data = json.dumps(config).encode()
name = hashlib.sha256(data).hexdigest()
files = {name + ".json": data, "a/layer.tar": layers[0], "b/layer.tar": layers[1],
         "manifest.json": json.dumps([{"Config": name + ".json", "RepoTags": ["lib/made:1"], "Layers": ["a/layer.tar", "b/layer.tar"]}]).encode()}
with tarfile.open(sys.argv[1] + "/made.tar", "w", format=tarfile.USTAR_FORMAT) as archive:
    for path, content in files.items():
        info = tarfile.TarInfo(path)
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
END
id=$(tar tf "$world/made.tar" | sed -n 's/\.json$//p' | grep -v manifest)
expect_status 0 hallmark load -q -i "$world/made.tar"
history() { faketime -f '@2026-01-02 05:04:05' "$HALLMARK" history "$@"; }

it "the last step comes first, with the id of the image; commands are cut, and stay on one line"
expect_status 0 history lib/made:1
cat >"$world/expected" <<END
IMAGE          CREATED        CREATED BY                                      SIZE      COMMENT
${id:0:12}   2 hours ago    ENV LONG=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…   0B        
<missing>      2 hours ago    RUN first\\nsecond \\x1b[2J                       10.2kB    by hand
<missing>      26 hours ago   COPY base layer                                 10.2kB    
END
diff "$world/expected" "$out" >&2 || fail "another table"

it "--no-trunc, -q, --human=false and --format"
expect_status 0 history --no-trunc -q "${id:0:12}"
printf 'sha256:%s\n<missing>\n<missing>\n' "$id" | diff - "$out" || fail "other ids"
expect_status 0 history --no-trunc lib/made:1
prints "ENV LONG=a{60} "
expect_status 0 history --human=false --format '{{.CreatedSince}} {{.CreatedAt}} {{.Size}}' lib/made:1
diff - "$out" <<END || fail "not for machines"
2026-01-02T03:04:05Z 2026-01-02T03:04:05Z 0
2026-01-02T03:04:05Z 2026-01-02T03:04:05Z 10240
2026-01-01T03:04:05Z 2026-01-01T03:04:05Z 10240
END
expect_status 0 history --format 'table {{.ID}}\t{{.CreatedBy}}' lib/made:1
[ "$(head -n 1 "$out")" = "IMAGE          CREATED BY" ] || { show_output && fail "another header"; }
expect_status 0 history --format json lib/made:1
[ "$(head -n 1 "$out" | jq -r 'keys | join(" ")')" = "Comment CreatedAt CreatedBy CreatedSince ID Size" ] || fail "other keys"
expect_status 2 history --format '{{.Nope}}' lib/made:1
one_line

it "sizes that were not noted are measured, and bytes that are not the layer's are refused"
jq '.manifests |= map(del(.annotations["vnd.hallmark.note"]))' "$store/index.json" >"$world/index.json"
cp "$world/index.json" "$store/index.json"
expect_status 0 history lib/made:1
diff "$world/expected" "$out" >&2 || fail "other sizes"
layer=$(jq -r '.layers[0].digest' "$store/blobs/sha256/$(jq -r '.manifests[0].digest' "$store/index.json" | cut -c8-)")
chmod u+w "$store/blobs/sha256/${layer#sha256:}"
flip_byte "$store/blobs/sha256/${layer#sha256:}"
expect_status 4 history lib/made:1
says "lib/made:1"
one_line

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Archives that are one thing to one reader and another to the next, made of good ones.

usage: views.py list KIND                 the changes that there are, "NAME CODE" each: what it must be refused with
       views.py change NAME FROM TO       the archive with that change
       views.py blobs FROM                the paths of its blobs but the statement
       views.py bend|drop PATH FROM TO    one file with other bytes, or without it
       views.py real NAME TO              an archive that a tool wrote, of tests/vectors/archives
"""
import hashlib
import io
import json
import os
import sys
import tarfile

VECTORS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vectors", "archives")
FULL, SHORT, BY_DIGEST = "io.containerd.image.name", "org.opencontainers.image.ref.name", "vnd.hallmark.bundle.name"
FOLDER, LINK = object(), object()


def read(path):
    files = {}
    with tarfile.open(path) as tar:
        for member in tar:
            name = member.name.removeprefix("./")
            if member.isfile():
                files[name] = tar.extractfile(member).read()
            elif member.issym():
                files[name] = (LINK, member.linkname)
    return files


def write(path, files):
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            if data is FOLDER:
                member.type = tarfile.DIRTYPE
                tar.addfile(member)
            elif isinstance(data, tuple):
                member.type, member.linkname = tarfile.SYMTYPE, data[1]
                tar.addfile(member)
            else:
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))


def blob(data, algorithm="sha256"):
    return f"blobs/{algorithm}/" + hashlib.new(algorithm, data).hexdigest()


def statement_path(files):
    return "blobs/" + json.loads(files["index.json"])["annotations"]["vnd.hallmark.bundle.statement"].replace(":", "/")


def tar_of(name, data):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        member = tarfile.TarInfo(name)
        member.size = len(data)
        tar.addfile(member, io.BytesIO(data))
    return out.getvalue()


def first_format(folder, names):
    """Docker's first format: a layer in a folder, and names for it."""
    config = {"id": "e" * 64, "os": "linux", "architecture": "amd64", "config": {"Cmd": ["/bin/sh"]}}
    return {f"{folder}/VERSION": b"1.0", f"{folder}/json": json.dumps(config).encode(),
            f"{folder}/layer.tar": tar_of("etc/mark", b"other\n"), "repositories": json.dumps(names).encode()}


def with_file(name, data):
    return lambda files: {**files, name: data}


def without(*names):
    return lambda files: {name: data for name, data in files.items() if name not in names}


def in_document(name, change):
    """The document as `change` leaves it."""
    def changed(files):
        value = json.loads(files[name])
        change(value)
        return {**files, name: json.dumps(value).encode()}
    return changed


def in_index(change):
    return in_document("index.json", lambda index: change(index["manifests"]))


def annotated(key, value, at=0):
    return in_index(lambda entries: entries[at].setdefault("annotations", {}).__setitem__(key, value))


def listing_evidence(files):
    """The evidence index as one more entry, called by a tag alone."""
    index = json.loads(files["index.json"])
    digest = index["annotations"]["vnd.hallmark.bundle.evidence"]
    data = files["blobs/" + digest.replace(":", "/")]
    index["manifests"].append({"mediaType": index["mediaType"], "digest": digest, "size": len(data),
                               "annotations": {"io.containerd.manifest.subject": digest}})
    return {**files, "index.json": json.dumps(index).encode()}


def replaced_by_first_format(files):
    name = json.loads(files["manifest.json"])[0]["RepoTags"][0].rsplit(":", 1)
    return {**without("manifest.json")(files), **first_format("blobs", {name[0]: {name[1]: "blobs"}})}


def moved(files):
    """One blob under a name that only readers find that look at contents."""
    path = next(name for name in files if name.startswith("blobs/") and name != statement_path(files))
    return {**without(path)(files), "elsewhere": files[path]}


def in_entry(member, value):
    return in_index(lambda entries: entries[0].__setitem__(member, value))


def in_annotations(key, value):
    return in_document("index.json", lambda index: index["annotations"].__setitem__(key, value))


def id_of(item, files):
    return "sha256:" + hashlib.sha256(files[item["Config"]]).hexdigest()


def with_parents(parents):
    """manifest.json in which each image has the parent that `parents` says, by their numbers."""
    def changed(files):
        items = json.loads(files["manifest.json"])
        ids = [id_of(item, files) for item in items]
        for at, parent in parents(len(items)).items():
            items[at]["Parent"] = ids[parent]
        return {**files, "manifest.json": json.dumps(items).encode()}
    return changed


def two_parents(files):
    """One more item of the same image, with a parent; the first has none."""
    items = json.loads(files["manifest.json"])
    items.append({**items[0], "RepoTags": [], "Parent": id_of(items[0], files)})
    return {**files, "manifest.json": json.dumps(items).encode()}


def by_diff_ids(files):
    items = json.loads(files["manifest.json"])
    diff_ids = json.loads(files[items[0]["Config"]])["rootfs"]["diff_ids"]
    items[0]["Layers"] = ["blobs/" + diff_id.replace(":", "/") for diff_id in diff_ids]
    return {**files, "manifest.json": json.dumps(items).encode()}


def two_layouts(files):
    return {**files, "oci-layout": b'{"imageLayoutVersion":"1.0.0","ImageLayoutVersion":""}'}


def config_called(spelling):
    """One more file whose name some file system takes for that of the config."""
    def changed(files):
        config = json.loads(files["manifest.json"])[0]["Config"]
        return {**files, spelling(config): b"{}"}
    return changed


def config_with_accent(files):
    items = json.loads(files["manifest.json"])
    config = items[0]["Config"]
    items[0]["Config"] = "caf\u00e9.json"
    return {**files, "caf\u00e9.json": files[config], "manifest.json": json.dumps(items).encode()}


MORE = b"more"
OF_BUNDLE = {
    "platform-in-entry": ("E_VIEWS_DISAGREE", in_entry("platform", {"os": "linux", "architecture": "arm64"})),
    "urls-in-entry": ("E_VIEWS_DISAGREE", in_entry("urls", ["https://evil.example/"])),
    "artifact-type-in-entry": ("E_VIEWS_DISAGREE", in_entry("artifactType", "application/x")),
    "vague-type-in-entry": ("E_VIEWS_DISAGREE", in_entry("mediaType", "application/json")),
    "annotation-in-entry": ("E_VIEWS_DISAGREE", annotated("vnd.docker.reference.type", "attestation-manifest")),
    "annotation-of-index": ("E_VIEWS_DISAGREE", in_annotations("org.example.more", "1")),
    "subject-of-index": ("E_VIEWS_DISAGREE", in_document("index.json", lambda index: index.update({"subject": {}}))),
    "bundle-of-version-2": ("E_VIEWS_DISAGREE", in_annotations("vnd.hallmark.bundle", "2")),
    "bundle-of-no-version": ("E_VIEWS_DISAGREE", in_document(
        "index.json", lambda index: index["annotations"].pop("vnd.hallmark.bundle"))),
    "layout-in-two-spellings": ("E_LAYOUT_VERSION", two_layouts),
    "docker-item-twice": ("E_VIEWS_DISAGREE", in_document(
        "manifest.json", lambda items: items.append({**items[0], "RepoTags": []}))),
    "docker-name-twice": ("E_VIEWS_DISAGREE", in_document(
        "manifest.json", lambda items: items[0]["RepoTags"].append(items[0]["RepoTags"][0]))),
    "docker-layers-by-diff-id": ("E_VIEWS_DISAGREE", by_diff_ids),
    "docker-parent": ("E_VIEWS_DISAGREE", with_parents(lambda count: {0: 1})),
    "unlisted-blob": ("E_VIEWS_DISAGREE", with_file(blob(MORE), MORE)),
    "unlisted-blob-sha512": ("E_VIEWS_DISAGREE", with_file(blob(MORE, "sha512"), MORE)),
    "unlisted-blob-misnamed": ("E_VIEWS_DISAGREE", with_file("blobs/sha256/" + "0" * 64, MORE)),
    "unlisted-name-in-blobs": ("E_VIEWS_DISAGREE", with_file("blobs/sha256/README", MORE)),
    "unlisted-file": ("E_VIEWS_DISAGREE", with_file("README", MORE)),
    "unlisted-file-in-folder": ("E_VIEWS_DISAGREE", with_file("a/b/c", MORE)),
    "unlisted-folder": ("E_VIEWS_DISAGREE", with_file("a", FOLDER)),
    "unlisted-folder-in-blobs": ("E_VIEWS_DISAGREE", with_file("blobs/sha512", FOLDER)),
    "unlisted-link": ("E_VIEWS_DISAGREE", with_file("a", (LINK, "index.json"))),
    "empty-repositories": ("E_VIEWS_DISAGREE", with_file("repositories", b"{}")),
    "moved-blob": ("E_", moved),
    "no-manifest": ("E_VIEWS_DISAGREE", without("manifest.json")),
    "no-layout": ("E_VIEWS_DISAGREE", without("oci-layout")),
    "first-format": ("E_LEGACY", replaced_by_first_format),
    "short-name-changed": ("E_VIEWS_DISAGREE", annotated(SHORT, "other")),
    "short-name-of-another": ("E_VIEWS_DISAGREE", annotated(SHORT, "registry.example/other:1")),
    "full-name-changed": ("E_VIEWS_DISAGREE", annotated(FULL, "registry.example/other:1")),
    "digest-name-added": ("E_VIEWS_DISAGREE", annotated(BY_DIGEST, "registry.example/app@sha256:" + "0" * 64)),
    "full-name-taken": ("E_VIEWS_DISAGREE", in_index(lambda entries: entries[0]["annotations"].pop(FULL))),
    "entry-twice": ("E_VIEWS_DISAGREE", in_index(lambda entries: entries.append(entries[0]))),
    "entry-taken": ("E_", in_index(lambda entries: entries.pop())),
    "evidence-as-entry": ("E_VIEWS_DISAGREE", listing_evidence),
    "docker-name-added": ("E_VIEWS_DISAGREE",
                          in_document("manifest.json", lambda items: items[0]["RepoTags"].append("a.example/b:1"))),
    "docker-names-taken": ("E_VIEWS_DISAGREE",
                           in_document("manifest.json", lambda items: items[0].update({"RepoTags": []}))),
    "docker-item-taken": ("E_VIEWS_DISAGREE", in_document("manifest.json", lambda items: items.pop())),
}


def other_layer(files):
    """Each name of `repositories` with the lowest layer of its image."""
    bottom = json.loads(files["manifest.json"])[0]["Layers"][0]
    layer = os.path.basename(bottom) if bottom.startswith("blobs/") else bottom.split("/")[0]
    names = json.loads(files["repositories"])
    return {**files, "repositories": json.dumps(
        {name: {tag: layer for tag in tags} for name, tags in names.items()}).encode()}


OF_DOCKER = {
    "parent-of-itself": ("E_VIEWS_DISAGREE", with_parents(lambda count: {0: 0})),
    "two-parents-of-one-image": ("E_VIEWS_DISAGREE", two_parents),
    "parents-in-a-ring": ("E_VIEWS_DISAGREE", with_parents(lambda count: {at: (at + 1) % count for at in range(count)})),
    "config-in-capitals": ("E_ENTRY_", config_called(str.upper)),
    "config-with-a-dot": ("E_ENTRY_", config_called(lambda name: name + ".")),
    "config-with-an-accent": ("E_ENTRY_NAME", config_with_accent),
    "first-format-alone": ("E_LEGACY", without("manifest.json")),
    "another-name": ("E_VIEWS_DISAGREE",
                     in_document("repositories", lambda names: names.update({"a.example/b": {"1": "0" * 64}}))),
    "another-tag": ("E_VIEWS_DISAGREE", in_document(
        "repositories", lambda names: [tags.update({"other": next(iter(tags.values()))}) for tags in names.values()])),
    "another-layer": ("E_VIEWS_DISAGREE", other_layer),
    "no-layer-at-all": ("E_VIEWS_DISAGREE", in_document(
        "repositories", lambda names: [tags.update(dict.fromkeys(tags, "0" * 64)) for tags in names.values()])),
    "repositories-is-a-list": ("E_JSON_SYNTAX", with_file("repositories", b"[]")),
    "repositories-is-a-link": ("E_LINK_TARGET", lambda files: {
        **without("repositories")(files), "names": files["repositories"], "repositories": (LINK, "names")}),
}


def two_images(files):
    """One more entry with the same tag and nothing else, for another document."""
    index = json.loads(files["index.json"])
    entry = index["manifests"][0]
    data = files["blobs/" + entry["digest"].replace(":", "/")] + b" "
    for one in index["manifests"]:
        one["annotations"] = {SHORT: "1"}
    index["manifests"].append({**entry, "digest": "sha256:" + hashlib.sha256(data).hexdigest(), "size": len(data)})
    return {**files, blob(data): data, "index.json": json.dumps(index).encode()}


def upper(files):
    path = next(name for name in files if name.startswith("blobs/sha256/"))
    return {**files, "blobs/sha256/" + path.rsplit("/", 1)[1].upper(): files[path]}


OF_LAYOUT = {
    "layout-in-two-spellings": ("E_LAYOUT_VERSION", two_layouts),
    "repositories-beside-index": ("E_LEGACY", lambda files: {**files, **first_format("x", {"a.example/b": {"1": "x"}})}),
    "repositories-in-blobs": ("E_LEGACY", lambda files: {**files, **first_format("blobs", {"b": {"1": "blobs"}})}),
    "repositories-alone": ("E_LEGACY", with_file("repositories", b"{}")),
    "first-format-without-names": ("E_LEGACY", lambda files: without("repositories")(
        {**files, **first_format("x", {})})),
    "first-format-by-a-link": ("E_LEGACY", lambda files: {**files, "y": b"{}", "x/json": (LINK, "../y")}),
    "repositories-in-capitals": ("E_ENTRY_NAME", with_file("REPOSITORIES", b"{}")),
    "repositories-with-a-long-s": ("E_ENTRY_NAME", with_file("repositorie\u017f", b"{}")),
    "manifest-in-capitals": ("E_ENTRY_NAME", with_file("Manifest.json", b"[]")),
    "index-in-capitals": ("E_ENTRY_NAME", with_file("./INDEX.json", b"{}")),
    "blob-in-capitals": ("E_ENTRY_NAME", upper),
    "linked-blob": ("E_LINK_TARGET", with_file(blob(MORE), (LINK, "../../index.json"))),
    "two-images-of-one-tag": ("E_VIEWS_DISAGREE", two_images),
    "two-names-of-one-entry": ("E_VIEWS_DISAGREE", annotated(FULL, "a.example/b:2")),
}
KINDS = {"bundle": OF_BUNDLE, "docker": OF_DOCKER, "layout": OF_LAYOUT}


def main():
    what, *rest = sys.argv[1:]
    if what == "list":
        print("\n".join(f"{name} {code}" for name, (code, _) in KINDS[rest[0]].items()))
    elif what == "change":
        changes = {name: change for kind in KINDS.values() for name, (_, change) in kind.items()}
        write(rest[2], changes[rest[0]](read(rest[1])))
    elif what == "blobs":
        files = read(rest[0])
        print("\n".join(name for name in files if name.startswith("blobs/") and name != statement_path(files)))
    elif what in ("bend", "drop"):
        files = read(rest[1])
        files[rest[0]] = files[rest[0]][:-1] + bytes([files[rest[0]][-1] ^ 1])
        write(rest[2], without(rest[0])(files) if what == "drop" else files)
    elif what == "real":
        with tarfile.open(os.path.join(VECTORS, "tool-archives.tar.xz")) as tar, open(rest[1], "wb") as out:
            out.write(tar.extractfile(f"tool-archives/{rest[0]}.tar").read())


if __name__ == "__main__":
    main()

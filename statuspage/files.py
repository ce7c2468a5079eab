"""Public files on the disk. A reader sees a file as it was or as it is, never half of it, and never one without its
compressed twins being of the same or a later page."""

import contextlib
import gzip
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import brotli  # type: ignore[import-untyped]

NOTES = ".muster"  # what was written, by page; hidden files are never served
COMPRESSED = {".html", ".css", ".json", ".atom", ".rss", ".svg", ".txt"}
WORTH_IT = 256  # bytes; smaller ones do not gain


@dataclass(frozen=True)
class Leaf:
    """One file: `path` below the root of the files; `key` names everything its content follows from ("" for unknown),
    so that an unchanged one is not rendered again."""

    path: str
    key: str
    render: Callable[[], bytes]


def publish(root: Path, name: str, leaves: Iterable[Leaf]) -> int:
    """Bring the files of the page `name` in line with `leaves`, in their order, and remove those it no longer has; how
    many were written."""
    known = read_notes(root, name)
    notes: dict[str, list[str]] = {}
    written = 0
    for leaf in leaves:
        before = known.get(leaf.path, ["", ""])
        if leaf.key and before[0] == leaf.key and (root / leaf.path).is_file():
            notes[leaf.path] = before
            continue
        content = leaf.render()
        digest = hashlib.sha256(content).hexdigest()
        if before[1] != digest or not (root / leaf.path).is_file():
            write(root / leaf.path, content)
            written += 1
        notes[leaf.path] = [leaf.key, digest]
    for gone in known.keys() - notes.keys():
        remove(root, gone)
    if notes != known:
        _put(root / NOTES / f"{name}.json", json.dumps(notes, separators=(",", ":")).encode())
    return written


def withdraw(root: Path, name: str, *, standing: Iterable[str]) -> None:
    """Remove the files of the page `name`, but for those that one of the `standing` pages has now."""
    kept = {path for other in standing for path in read_notes(root, other)}
    for path in read_notes(root, name).keys() - kept:
        remove(root, path)
    (root / NOTES / f"{name}.json").unlink(missing_ok=True)


def read_notes(root: Path, name: str) -> dict[str, list[str]]:
    """What was written for the page: path → [key, digest]; empty where nothing readable stands."""
    try:
        found = json.loads((root / NOTES / f"{name}.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def pages_written(root: Path) -> set[str]:
    """The names of the pages that have files."""
    return {path.stem for path in (root / NOTES).glob("*.json")}


def note_default(root: Path, slug: str) -> None:
    """Leave a note of which page stands at the root, so that its own address can lead there."""
    _put(root / NOTES / "default", slug.encode())


def default_slug(root: Path) -> str:
    """The slug of the page at the root; empty before there is one."""
    try:
        return (root / NOTES / "default").read_text()
    except OSError:
        return ""


def write(path: Path, content: bytes) -> None:
    """The file and its compressed twins; the twins first, since readers look for a change at the file itself."""
    if path.suffix in COMPRESSED and len(content) >= WORTH_IT:
        _put(path.with_name(path.name + ".br"), brotli.compress(content, quality=9))
        _put(path.with_name(path.name + ".gz"), gzip.compress(content, compresslevel=9, mtime=0))
    else:
        for twin in (".br", ".gz"):
            path.with_name(path.name + twin).unlink(missing_ok=True)
    _put(path, content)


def remove(root: Path, relative: str) -> None:
    """The file, its twins, and the folders that are empty then."""
    path = root / relative
    for name in (path.name, path.name + ".br", path.name + ".gz"):
        path.with_name(name).unlink(missing_ok=True)
    for folder in path.parents:
        if folder == root or root not in folder.parents:
            return
        with contextlib.suppress(OSError):
            folder.rmdir()


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)

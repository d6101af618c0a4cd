"""Checks what is noted in ``_data/``; what others keep there is none of our business."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from zbcrawler.archive.owed import OwedNotes
from zbcrawler.archive.store import HALVES, Archive
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import PostError
from zbcrawler.tools.verifying.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOME = "_data/home.json"
# Kinds of notes about a story, which are named after its number, and what each has to tell.
_OF_STORIES = {"owed": "reason", "absent": "reason", "sites": "site", "pictures": "pictures"}
KINDS = (*_OF_STORIES, "gaps")


def check_note(root: Path, path: str) -> Iterator[Finding]:
    """Check one note.

    :param path: from the archive's folder, such as ``_data/owed/1.json``
    """
    kind = path.split("/")[1]
    try:
        note = json.loads((root / path).read_bytes())
        if path == HOME:
            _check_half(note["site"])
            return
        _check(root, kind, path.rpartition("/")[2].removesuffix(".json"), note)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, PostError) as error:
        what = f"lacks {error}" if isinstance(error, KeyError) else " ".join(str(error).split())
        yield Finding(path, "note", f"{what}; restore or remove it")
        return
    if kind == "owed":
        yield Finding(path, "owed", f"{note['address']}: {note['reason']}")
    elif kind == "gaps":
        yield Finding(path, "gap", f"stories of {note['section']} may be missing behind page {note['pages']}")


def _check(root: Path, kind: str, name: str, note: dict[str, Any]) -> None:
    if kind == "gaps":
        if int(note["pages"]) < 0:
            raise ValueError(f"is of {note['pages']} pages")
        if str(note["section"]).replace("/", "-") != name:
            raise ValueError(f"is of the section {note['section']}")
        return
    address = StoryAddress.parse(note["address"])
    if address is None or address.number != name:
        raise ValueError(f"is of {note['address']}")
    note[_OF_STORIES[kind]]
    # As a run reads it.
    archive = Archive(root)
    if kind == "owed":
        OwedNotes(archive).find(address)
    elif kind == "sites":
        _check_half(note["site"])
    elif kind == "pictures":
        lost = [file for file in note["pictures"].values() if not (root / file).is_file()]
        if lost:
            raise ValueError(f"{lost[0]} is not there")


def _check_half(half: object) -> None:
    if half not in HALVES:
        raise ValueError(f"is of the site {half}, which is neither {' nor '.join(HALVES)}")

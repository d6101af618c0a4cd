"""Checks the notes in ``_data/``; what others keep there is not checked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from zbcrawler.archive.folder import ArchiveFolder
from zbcrawler.archive.note import BROKEN
from zbcrawler.archive.notes import HOME, check_half, parse_path
from zbcrawler.tools.verifying.findings import Finding


def check_note(root: Path, path: str) -> Iterator[Finding]:
    """Check one note.

    :param path: from the archive's folder, such as ``_data/owed/1.json``
    """
    parsed = parse_path(path)
    try:
        note = json.loads((root / path).read_bytes())
        if path == HOME:
            check_half(note["site"])
        elif parsed:
            kind, key = parsed
            kind(ArchiveFolder(root)).check(key, note)
            if kind.warning:
                yield Finding(path, kind.warning, kind.describe(note))
    except (OSError, *BROKEN) as error:
        what = f"lacks {error}" if isinstance(error, KeyError) else " ".join(str(error).split())
        yield Finding(path, "note", f"{what}; restore or remove it")

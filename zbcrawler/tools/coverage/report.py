"""Gathers what the report tells, and writes it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from zbcrawler.archive.store import Archive
from zbcrawler.tools.coverage.facts import read_facts
from zbcrawler.tools.coverage.history import read_history
from zbcrawler.tools.coverage.page import Contents, report

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from zbcrawler.tools.coverage.page import VerifyCounts


def write_report(root: Path, file: Path, checked: VerifyCounts, now: datetime) -> None:
    """Write the report of an archive, whole or not at all.

    :raises GitError: if git fails at telling of the archive's past
    :raises OSError: if something cannot be read, or the file not be written
    """
    notes = Archive(root).notes
    contents = Contents(
        name=root.resolve().name,
        made=now,
        posts=read_facts(root),
        history=read_history(root),
        checked=checked,
        owed=list(notes.owed.reasons()),
        gone=list(notes.absent.reasons()),
    )
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        temporary.write_text(report(contents), "utf-8")
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)

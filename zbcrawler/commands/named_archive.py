"""The archive that a command is about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from zbcrawler.archive.layout import POSTS
from zbcrawler.common.errors import ArgumentError
from zbcrawler.common.options import archive_dir

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy.settings import BaseSettings


def named_archive(words: Sequence[str], settings: BaseSettings) -> Path:
    """Return the archive that a command line names, or else that of ``ARCHIVE_DIR``.

    :raises ArgumentError: if there is no archive
    """
    if len(words) > 1:
        raise ArgumentError(f"{' '.join(words)}: name one archive, or none for ARCHIVE_DIR")
    root = Path(words[0] if words else archive_dir(settings)).expanduser()
    if not root.is_dir():
        raise ArgumentError(f"{root}: is no folder that is there")
    if not (root / POSTS).is_dir():
        raise ArgumentError(f"{root}: has no {POSTS}; is it an archive?")
    return root

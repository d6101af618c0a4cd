"""Pictures that another archive of ours keeps: an imported post links them where they came from."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import TYPE_CHECKING

from zbcrawler.archive.pictures import link_to
from zbcrawler.archive.store import Archive
from zbcrawler.common.errors import PostError
from zbcrawler.common.text import escape_attribute

if TYPE_CHECKING:
    from zbcrawler.common.addresses import StoryAddress

_KEPT = re.compile(rf'(?<=<img src="){re.escape(link_to(""))}[^"]*')
# _posts/2026/01/31/x.md
_DEPTH = 4


def with_origins(body: str, path: str, address: StoryAddress) -> str:
    """Return a body with the addresses that its kept pictures came from.

    :param path: the post's file
    :raises PostError: if the archive that it lies in does not say
    """
    if not _KEPT.search(body):
        return body
    parents = Path(path).resolve().parents
    known = Archive(parents[_DEPTH]).pictures_of(address) if len(parents) > _DEPTH else {}
    origins = {link_to(file): origin for origin, file in known.items()}

    def origin(found: re.Match[str]) -> str:
        if (link := html.unescape(found[0])) not in origins:
            raise PostError(
                f"{path}: body: its pictures are kept in another archive, and the note of where they came from"
                f" (_data/pictures/{address.number}.json) is not there; import it from where it lay"
            )
        return escape_attribute(origins[link])

    return _KEPT.sub(origin, body)

"""Pictures that another archive of ours keeps: an imported post links them where they came from."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import TYPE_CHECKING

from zbcrawler.archive.layout import link_from_post, root_of
from zbcrawler.archive.store import Archive
from zbcrawler.common.errors import PostError
from zbcrawler.common.text import escape_attribute

if TYPE_CHECKING:
    from zbcrawler.common.addresses import StoryAddress

_KEPT = re.compile(rf'(?<=<img src="){re.escape(link_from_post(""))}[^"]*')


def with_origins(body: str, path: str, address: StoryAddress) -> str:
    """Return a body with the addresses that its kept pictures came from.

    :param path: the post's file
    :raises PostError: if the archive that it lies in does not say
    """
    if not _KEPT.search(body):
        return body
    root = root_of(Path(path))
    known = Archive(root).notes.pictures.find(address) if root else {}
    origins = {link_from_post(file): origin for origin, file in known.items()}

    def origin(found: re.Match[str]) -> str:
        if (link := html.unescape(found[0])) not in origins:
            raise PostError(
                f"{path}: body: its pictures are kept in another archive, and the note of where they came from"
                f" (_data/pictures/{address.number}.json) is not there; import it from where it lay"
            )
        return escape_attribute(origins[link])

    return _KEPT.sub(origin, body)

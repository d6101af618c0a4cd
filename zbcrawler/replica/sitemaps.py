"""The site's sitemaps (site-layouts, section 11), which are the same in every edition."""

from __future__ import annotations

import gzip
import re
from datetime import datetime, timedelta
from typing import Literal

from zbcrawler.common.times import SINGAPORE
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.story import ReplicaStory

# By month, as today; numbered, as before; by month and compressed.
Form = Literal["monthly", "numbered", "packed"]
Row = tuple[str, datetime | None]

_SITE = "https://www.zaobao.com.sg"
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_PART = re.compile(r"^/sitemaps/sitemap-(\d+)\.xml(?:\.gz)?$", re.ASCII)
_STATIC = f"{_SITE}/about-us"
_PER_PART = 500  # of the older, numbered form


def sitemap_at(newsroom: Newsroom, path: str, form: Form = "monthly") -> bytes | None:
    """Return the index or the part at a path, or None.

    The monthly index also names the month before the first, whose part does not exist.
    """
    found = _PART.match(path)
    if not found and path != "/sitemap.xml":
        return None
    parts = _numbered(newsroom) if form == "numbered" else _months(newsroom)
    if not found:
        return _index(parts, form)
    if found[1] not in parts or path.endswith(".gz") != (form == "packed"):
        return None
    data = _document("urlset", "url", parts[found[1]], with_cdata=form == "numbered")
    return gzip.compress(data, mtime=0) if form == "packed" else data


def _index(parts: dict[str, list[Row]], form: Form) -> bytes:
    names = list(parts)
    if form != "numbered":
        first = datetime.strptime(min(names), "%Y%m").replace(tzinfo=SINGAPORE)
        names = [f"{first - timedelta(days=1):%Y%m}", *sorted(names)]
    ending = ".xml.gz" if form == "packed" else ".xml"
    rows: list[Row] = [(f"{_SITE}/sitemaps/sitemap-{name}{ending}", None) for name in names]
    return _document("sitemapindex", "sitemap", rows, with_cdata=form == "numbered")


def _months(newsroom: Newsroom) -> dict[str, list[Row]]:
    """Return the entries of each month, oldest first. The present month holds the entries dated in the future."""
    now = newsroom.clock.now().astimezone(SINGAPORE)
    months: dict[str, list[Row]] = {f"{now:%Y%m}": [(_STATIC, None)]}
    for story in sorted(newsroom.every(), key=lambda one: one.published):
        month = months.setdefault(f"{min(story.published, now):%Y%m}", [])
        month.extend((_SITE + path, story.changed or story.published) for path in _paths(story))
    return months


def _numbered(newsroom: Newsroom) -> dict[str, list[Row]]:
    rows: list[Row] = [(_SITE + path, None) for story in newsroom.every() for path in _paths(story)]
    pieces: list[list[Row]] = [[(_STATIC, None)]]
    pieces += [rows[start : start + _PER_PART] for start in range(0, len(rows), _PER_PART)]
    return {str(place): piece for place, piece in enumerate(pieces)}


def _paths(story: ReplicaStory) -> tuple[str, ...]:
    """Return the paths of a story. Some stories are in both trees of the site, under the same number."""
    if story.number_value % 11 == 0 and story.path.startswith("/realtime/"):
        return story.path.replace("/realtime/", "/news/", 1), story.path
    return (story.path,)


def _document(root: str, entry: str, rows: list[Row], *, with_cdata: bool) -> bytes:
    lines = "\n".join(
        f" <{entry}><loc>{f'<![CDATA[{address}]]>' if with_cdata else address}</loc>"
        + (f"<lastmod>{at.isoformat()}</lastmod>" if at else "")
        + f"</{entry}>"
        for address, at in rows
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{_NAMESPACE}">\n{lines}\n</{root}>\n'.encode()

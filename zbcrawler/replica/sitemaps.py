"""The site's sitemaps (site-layouts, section 11). They are the same in every build."""

from __future__ import annotations

import gzip
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from zbcrawler.common.times import SINGAPORE

if TYPE_CHECKING:
    from zbcrawler.replica.newsroom import Newsroom
    from zbcrawler.replica.story import ReplicaStory

# By month as today; by count as before; by month, packed with gzip.
Form = Literal["monthly", "numbered", "packed"]
Row = tuple[str, datetime | None]

_SITE = "https://www.zaobao.com.sg"
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_PART = re.compile(r"^/sitemaps/sitemap-(\d+)\.xml(?:\.gz)?$", re.ASCII)
_STATIC = f"{_SITE}/about-us"
_PER_PART = 500  # of the older form


def sitemap_at(newsroom: Newsroom, path: str, form: Form = "monthly") -> bytes | None:
    """Return the index or the part at a path, None if there is none.

    The monthly index names one month too many, which is not there: the one before the first.
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
    """Return the entries of each month, oldest first; what is dated in the future stands in the present month."""
    now = newsroom.clock.now().astimezone(SINGAPORE)
    months: dict[str, list[Row]] = {f"{now:%Y%m}": [(_STATIC, None)]}
    for story in sorted(newsroom.every(), key=lambda one: one.published):
        month = months.setdefault(f"{min(story.published, now):%Y%m}", [])
        month.extend((_SITE + path, story.changed or story.published) for path in _paths(story))
    return months


def _numbered(newsroom: Newsroom) -> dict[str, list[Row]]:
    rows = [(_SITE + path, None) for story in newsroom.every() for path in _paths(story)]
    pieces = [rows[start : start + _PER_PART] for start in range(0, len(rows), _PER_PART)]
    return {"0": [(_STATIC, None)]} | {str(place): piece for place, piece in enumerate(pieces, 1)}


def _paths(story: ReplicaStory) -> tuple[str, ...]:
    """Where a story stands: some have a twin in the other part of the site, under the same number."""
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

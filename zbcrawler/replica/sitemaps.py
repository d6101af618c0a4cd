"""The site's sitemaps, by month (site-layouts, section 11). They are the same in every build."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from zbcrawler.times import SINGAPORE

if TYPE_CHECKING:
    from zbcrawler.replica.newsroom import Newsroom

_SITE = "https://www.zaobao.com.sg"
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_MONTH = re.compile(r"^/sitemaps/sitemap-(\d{6})\.xml$", re.ASCII)


def sitemap_at(newsroom: Newsroom, path: str) -> str | None:
    """The index or the month at a path, None if there is none.

    The index names one month too many, which is not there: the one before the first.
    """
    found = _MONTH.match(path)
    if not found and path != "/sitemap.xml":
        return None
    months = _months(newsroom)
    if not found:
        first = datetime.strptime(min(months), "%Y%m").replace(tzinfo=SINGAPORE)
        names = [f"{first - timedelta(days=1):%Y%m}", *sorted(months)]
        return _document("sitemapindex", "sitemap", [(f"{_SITE}/sitemaps/sitemap-{one}.xml", None) for one in names])
    return _document("urlset", "url", months[found[1]]) if found[1] in months else None


def _months(newsroom: Newsroom) -> dict[str, list[tuple[str, datetime | None]]]:
    """The entries of each month, oldest first; what is dated in the future stands in the present month."""
    now = newsroom.clock.now().astimezone(SINGAPORE)
    months: dict[str, list[tuple[str, datetime | None]]] = {f"{now:%Y%m}": [(f"{_SITE}/about-us", None)]}
    for story in sorted(newsroom.every(), key=lambda one: one.published):
        month = f"{min(story.published, now):%Y%m}"
        months.setdefault(month, []).append((_SITE + story.path, story.published))
    return months


def _document(root: str, entry: str, rows: list[tuple[str, datetime | None]]) -> str:
    lines = "\n".join(
        f" <{entry}><loc>{address}</loc>" + (f"<lastmod>{at.isoformat()}</lastmod>" if at else "") + f"</{entry}>"
        for address, at in rows
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{_NAMESPACE}">\n{lines}\n</{root}>\n'

"""What the website has for programs: neighbours for the layout, an Atom feed, sitemaps."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence

from zbcrawler.archive.posts import AUTHOR
from zbcrawler.common.text import escape
from zbcrawler.tools.website.stories import ListedStory

DATA = "_made"
"""The folder of what layouts look up (``data_dir`` of Jekyll's configuration)."""

_IN_FEED = 50
_ATOM = "http://www.w3.org/2005/Atom"
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XML = '---\nlayout: null\n---\n<?xml version="1.0" encoding="utf-8"?>\n'


def feeds(stories: Sequence[ListedStory]) -> Iterator[tuple[str, str]]:
    """Yield path and text of each file; a feed more is a line more here.

    :param stories: the oldest first
    """
    yield from _neighbours(stories)
    yield from _sitemaps(stories)
    yield "feed.xml", _feed(stories)


def _neighbours(stories: Sequence[ListedStory]) -> Iterator[tuple[str, str]]:
    """Yield a file for each month: by number, the number and title of the story before and of the one after.

    The month is that of the post's folder, because a layout knows only the post's path.
    """
    months: dict[str, dict[str, list[str | None]]] = defaultdict(dict)
    for before, story, after in zip((None, *stories), stories, (*stories[1:], None), strict=False):
        beside = [part for one in (before, after) for part in ((one.number, one.title) if one else (None, None))]
        months["-".join(story.path.split("/")[1:3])][story.number] = beside
    for month, those in months.items():
        yield f"{DATA}/neighbours/{month}.json", json.dumps(those, ensure_ascii=False, indent=0) + "\n"


def _feed(stories: Sequence[ListedStory]) -> str:
    """Return the newest stories as an Atom feed."""
    newest = stories[: -_IN_FEED - 1 : -1]
    updated = newest[0].time.isoformat() if newest else "1970-01-01T00:00:00Z"
    entries = "".join(
        f"<entry><id>tag:www.zaobao.com,2016:story-{story.number}</id><title>{escape(story.title)}</title>"
        f'<link rel="alternate" href="{{{{ \'/story/{story.number}.html\' | absolute_url }}}}"/>'
        f"<updated>{story.time.isoformat()}</updated></entry>\n"
        for story in newest
    )
    return (
        f'{_XML}<feed xmlns="{_ATOM}" xml:lang="zh-Hans">\n<id>tag:www.zaobao.com,2016:zbcrawler</id>\n'
        "<title>{{ site.title | xml_escape }}</title>\n"
        f"<author><name>{AUTHOR}</name></author>\n<updated>{updated}</updated>\n"
        '<link rel="self" href="{{ \'/feed.xml\' | absolute_url }}"/>\n'
        f'<link rel="alternate" href="{{{{ \'/\' | absolute_url }}}}"/>\n{entries}</feed>\n'
    )


def _sitemaps(stories: Sequence[ListedStory]) -> Iterator[tuple[str, str]]:
    """Yield an index, and a sitemap for each year: a year has less than the 50,000 addresses that one may have."""
    years: dict[int, list[ListedStory]] = defaultdict(list)
    for story in stories:
        years[story.time.year].append(story)
    base = "{% assign base = '/' | absolute_url %}"
    parts = "".join(f"<sitemap><loc>{{{{ base }}}}sitemaps/{year}.xml</loc></sitemap>\n" for year in years)
    yield "sitemap.xml", f'{_XML}{base}<sitemapindex xmlns="{_SITEMAP}">\n{parts}</sitemapindex>\n'
    for year, those in years.items():
        lines = "".join(f"<url><loc>{{{{ base }}}}story/{story.number}.html</loc></url>\n" for story in those)
        yield f"sitemaps/{year}.xml", f'{_XML}{base}<urlset xmlns="{_SITEMAP}">\n{lines}</urlset>\n'

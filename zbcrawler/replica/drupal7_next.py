"""Drupal 7 stories that were rendered once more later, by Next.js (site-layouts 2)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from zbcrawler.replica import chrome
from zbcrawler.replica.markup import attribute, page_text

if TYPE_CHECKING:
    from zbcrawler.replica.newsroom import Newsroom
    from zbcrawler.replica.story import ReplicaStory


def is_rerendered(story: ReplicaStory) -> bool:
    """Whether the story's page is one of these."""
    chosen = story.traits.rerendered
    return story.number_value % 5 == 2 if chosen is None else chosen


def rerendered_page(newsroom: Newsroom, story: ReplicaStory, main: str) -> str:
    """Return the page of such a story.

    :param main: what the old page has between its header and its sidebar
    """
    title = story.title_in("drupal7")
    ticker = chrome.story_rows(chrome.decoys(newsroom, story, 8, shift=2), "ref=sidebar-realtime")
    head = (
        f'<meta charset="utf-8"><title>{page_text(title)} | 联合早报</title>\n'
        f'<meta property="og:title" content="{attribute(title)}">\n'
        f"{chrome.style('next')}{chrome.tracking()}"
    )
    body = (
        f"<header>{chrome.menu('menu-entry')}<ul>{ticker}</ul></header>{main}{chrome.footer()}\n"
        f"<script>(self.__next_f=self.__next_f||[]).push([0])</script>{_pushes(story)}"
    )
    return chrome.document(head, body)


def _pushes(story: ReplicaStory) -> str:
    article: dict = {"id": story.number, "title": story.title_in("drupal7"), "section": story.section}
    if story.traits.times & {"created", "jsonld", "pubdate"}:
        # Singapore time, which the page does not say.
        article["publication_date"] = f"{story.published:%Y-%m-%dT%H:%M:%S}"
    article["description"] = story.opening
    record = json.dumps(["$", "$L4", None, {"article": article}], ensure_ascii=False, separators=(",", ":"))
    data = f'1:"$Sreact.fragment"\n2:I[8817,["8817","static/chunks/app/story/page.js"],"default"]\n5:{record}\n'
    length = 60 + story.number_value % 50  # a call ends wherever it does, in the name of a field too
    calls = (json.dumps(data[start : start + length], ensure_ascii=False) for start in range(0, len(data), length))
    return "".join(f"<script>self.__next_f.push([1,{_escaped(call)}])</script>\n" for call in calls)


def _escaped(literal: str) -> str:
    """Return a string literal as it may stand in a script of a page."""
    return literal.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")

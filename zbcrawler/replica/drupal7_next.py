"""Drupal 7 stories that were rendered again later, by Next.js (site-layouts 2)."""

from __future__ import annotations

import json
from typing import Any

from zbcrawler.replica import chrome
from zbcrawler.replica.markup import attribute, page_text
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.story import ReplicaStory


def is_rerendered(story: ReplicaStory) -> bool:
    """Return whether the story's page is re-rendered."""
    chosen = story.traits.rerendered
    return story.number_value % 5 == 2 if chosen is None else chosen


def rerendered_page(newsroom: Newsroom, story: ReplicaStory, main: str) -> str:
    """Return the page of a re-rendered story.

    :param main: the part of the old page between header and sidebar
    """
    title = story.title_in("drupal7")
    ticker = chrome.story_rows(chrome.decoys(newsroom, story, 8, shift=2), "ref=sidebar-realtime")
    head = (
        f'<meta charset="utf-8"><title>{page_text(title)} | 联合早报</title>\n'
        f'<meta property="og:title" content="{attribute(title)}">\n'
        f"{chrome.own_address(story)}\n"
        f"{chrome.style('next')}{chrome.tracking()}"
    )
    body = (
        f"<header>{chrome.menu('menu-entry')}<ul>{ticker}</ul></header>{main}{chrome.footer()}\n"
        f"<script>(self.__next_f=self.__next_f||[]).push([0])</script>{_pushes(story)}"
    )
    return chrome.document(head, body)


def _pushes(story: ReplicaStory) -> str:
    article: dict[str, Any] = {"id": story.number, "title": story.title_in("drupal7"), "section": story.section}
    if story.traits.times & {"created", "jsonld", "pubdate"}:
        # Singapore time; the page does not name the time zone.
        article["publication_date"] = f"{story.published:%Y-%m-%dT%H:%M:%S}"
    article["description"] = story.opening
    record = json.dumps(["$", "$L4", None, {"article": article}], ensure_ascii=False, separators=(",", ":"))
    data = f'1:"$Sreact.fragment"\n2:I[8817,["8817","static/chunks/app/story/page.js"],"default"]\n5:{record}\n'
    length = 60 + story.number_value % 50  # a call may end anywhere, even inside the name of a field
    calls = (json.dumps(data[start : start + length], ensure_ascii=False) for start in range(0, len(data), length))
    return "".join(f"<script>self.__next_f.push([1,{_escaped(call)}])</script>\n" for call in calls)


def _escaped(literal: str) -> str:
    """Return a string literal in the form that a script of a page may hold."""
    return literal.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")

"""Learn how story pages are read, from half of the stories, and prove the result on the other half."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zbcrawler.editions.learning.archived import Example
from zbcrawler.editions.learning.containers import find_containers
from zbcrawler.editions.learning.fields import find_time, find_title
from zbcrawler.editions.learning.noise import find_noise_rules
from zbcrawler.editions.learning.pictures import find_lead, find_picture_forms
from zbcrawler.editions.learning.proof import Judgement, judge
from zbcrawler.editions.learning.shape import arranged, find_breaks, find_forms, find_order

_LEAST_KNOWN = 0.5  # of a story's letters that its page must show


def declare(examples: Sequence[Example]) -> dict[str, Any] | str:
    """Return the declaration that examples teach, or why there is none."""
    title, right = find_title(examples)
    if not title:
        return "no place shows the titles"
    published, right = find_time(examples)
    if not published:
        return "no place shows the times"
    body = list(find_containers(examples))
    if not body:
        return "no element holds the texts"
    del right
    story: dict[str, Any] = {"title": title, "published": published, "body": body}
    if breaks := find_breaks(examples, story):
        story["breaks"] = breaks
    pages = arranged(examples, story)
    if order := find_order(pages, story):
        story["order"] = order
        pages = arranged(examples, story)
    if lead := find_lead(pages, story):
        story["lead"] = lead
    for find in (find_picture_forms, find_forms):
        if forms := find(pages, story):
            story["forms"] = story.get("forms", {}) | forms
    if noise := find_noise_rules(pages, story):
        story["noise"] = noise
    return story


__all__ = ["Judgement", "declare", "judge"]

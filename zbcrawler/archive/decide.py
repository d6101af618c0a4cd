"""Decides what becomes of a fetched or imported story: a new post, a new version of one, or nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from zbcrawler.archive import front_matter
from zbcrawler.archive.story_versions import is_cut_of, same_news, same_time, text
from zbcrawler.common.outcomes import Outcome
from zbcrawler.items import Story

OTHER_VERSION = "another version is archived"
"""Why an imported version is left out."""


class Decision(NamedTuple):
    """What becomes of a story."""

    outcome: Outcome
    story: Story  # what its post says, if the outcome is written
    reason: str = ""  # why the story is left out, or failed


def decide(new: Story, archived: Story | None, name: str = "post", is_other_half: bool = False) -> Decision:
    """Decide what becomes of a story; change neither version.

    :param new: cleaned and dated
    :param name: what reasons call the post of ``archived``
    :param is_other_half: whether the archived version is from the other half of the site
    """
    if archived is None:
        return Decision(Outcome.NEW, new)
    if archived.address.number != new.address.number:
        reason = f"{name}: from: {archived.address} is another story's; restore the file or move it away"
        return Decision(Outcome.FAILED, new, reason)
    # The address first archived stays.
    story = replace(new, address=archived.address)
    # A time that a page does not give, or gives less exactly, is no new time.
    if story.published is None or same_time(story.published, archived.published):
        story.published, story.date = archived.published, archived.date
    front_matter.complete(story, archived)
    if story.imported:
        # Nothing tells which of two versions is later, so the archived one stays unless it is cut.
        if same_news(story, archived):
            return Decision(Outcome.UNCHANGED, story)
        if not story.truncated and is_cut_of(archived, story):
            return Decision(Outcome.CHANGED, story)
        return Decision(Outcome.SKIPPED, story, OTHER_VERSION)
    if story.truncated and len(text(story)) <= len(text(archived)):
        story.body, story.truncated = archived.body, archived.truncated  # a new headline is news all the same
    elif is_cut_of(story, archived):
        reason = "the site's text is now only the beginning of the archived one, or less than half of it"
        return Decision(Outcome.FAILED, story, f"{reason}; {name} was left as it is")
    if is_other_half:
        # Each half has headlines and pictures of its own: only a fuller text is news.
        if not is_cut_of(archived, story):
            return Decision(Outcome.UNCHANGED, story)
        story.title = archived.title
    return Decision(Outcome.UNCHANGED if same_news(story, archived) else Outcome.CHANGED, story)

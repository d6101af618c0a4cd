"""Decide the outcome of a fetched or imported story: a new post, a changed post, or no change."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from zbcrawler.archive import front_matter
from zbcrawler.archive.story_versions import is_cut_of, same_news, same_time, text
from zbcrawler.common.outcomes import Outcome
from zbcrawler.items import Story

OTHER_VERSION = "another version is archived"
"""The reason for which an imported version is skipped."""


class Decision(NamedTuple):
    """The outcome of a story, and what to write."""

    outcome: Outcome
    story: Story  # the content of its post, if the outcome is written
    reason: str = ""  # why the story is left out, or failed


def decide(new: Story, archived: Story | None, name: str = "post", is_other_half: bool = False) -> Decision:
    """Decide the outcome of a story without changing either version.

    :param new: cleaned and dated
    :param name: the name of ``archived``'s post in reasons
    :param is_other_half: whether the archived version is from the other half of the site
    """
    if archived is None:
        return Decision(Outcome.NEW, new)
    if not archived.address.is_same_story(new.address):
        reason = f"{name}: from: {archived.address} belongs to another story; restore the file or move it away"
        return Decision(Outcome.FAILED, new, reason)
    # The address first archived stays.
    story = replace(new, address=archived.address)
    # Keep the archived time if the page gives none, or gives the same time less exactly.
    if story.published is None or same_time(story.published, archived.published):
        story.published, story.date = archived.published, archived.date
    front_matter.complete(story, archived)
    if story.imported:
        # Which version is later is unknown, so the archived one stays unless it is cut.
        if same_news(story, archived):
            return Decision(Outcome.UNCHANGED, story)
        if not story.truncated and is_cut_of(archived, story):
            return Decision(Outcome.CHANGED, story)
        return Decision(Outcome.SKIPPED, story, OTHER_VERSION)
    if story.truncated and len(text(story)) <= len(text(archived)):
        story.body, story.truncated = archived.body, archived.truncated  # the headline may still be new
    elif is_cut_of(story, archived):
        reason = "the site's text is now only the beginning of the archived one, or less than half of it"
        return Decision(Outcome.FAILED, story, f"{reason}; {name} was left as it is")
    if is_other_half:
        # The halves differ in headlines and pictures, so only a fuller text counts as a change.
        if not is_cut_of(archived, story):
            return Decision(Outcome.UNCHANGED, story)
        story.title = archived.title
    return Decision(Outcome.UNCHANGED if same_news(story, archived) else Outcome.CHANGED, story)

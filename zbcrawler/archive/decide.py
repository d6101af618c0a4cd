"""Decide the outcome of a fetched or imported story: a new post, a changed or shortened post, or no change."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from zbcrawler.archive import front_matter
from zbcrawler.archive.lost_text import blocks, is_beginning, is_cut_by_words, is_part, is_revised, is_shorter, text
from zbcrawler.archive.story_versions import same_news, same_time, was_clamped
from zbcrawler.common.outcomes import Outcome
from zbcrawler.items import Story

OTHER_VERSION = "another version is archived"
"""The reason for which an imported version is skipped."""


class Decision(NamedTuple):
    """The outcome of a story, and what to write."""

    outcome: Outcome
    story: Story  # the content of its post, if the outcome is written
    reason: str = ""  # why the story is left out, doubtful or failed
    longest: int = 0  # characters of the longest version so far, if the written one is shorter


def decide(
    new: Story,
    archived: Story | None,
    name: str = "post",
    is_other_half: bool = False,
    longest: int = 0,
    by_words: bool = False,
) -> Decision:
    """Decide the outcome of a story without changing either version.

    :param new: cleaned and dated
    :param name: the name of ``archived``'s post in reasons
    :param is_other_half: whether the archived version is from the other half of the site
    :param longest: characters of the longest version that was ever archived, 0 if that is ``archived``
    :param by_words: other pictures, captions and ``alt`` texts alone are no change
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
        story.published, story.date = archived.published, _date_of(archived, story)
    front_matter.complete(story, archived)
    is_fuller = is_beginning(text(archived), text(story)) and len(text(story)) > longest
    if story.imported:
        # Which version is later is unknown, so the archived one stays unless it is cut.
        if same_news(story, archived):
            return Decision(Outcome.UNCHANGED, story)
        if not story.truncated and (is_fuller or is_cut_by_words(blocks(archived), blocks(story))):
            return Decision(Outcome.CHANGED, story)
        return Decision(Outcome.SKIPPED, story, OTHER_VERSION)
    if _is_cut(story, archived):
        story.body, story.truncated = archived.body, archived.truncated  # the headline may still be new
    elif _may_be_cut(story, archived, longest):
        reason = "the site's text is shorter, and nothing shows whether it was edited or cut"
        return Decision(Outcome.DOUBTFUL, story, f"{reason}; {name} was left as it is")
    if is_other_half:
        # The halves differ in headlines and pictures, so only a fuller text counts as a change.
        if not is_fuller:
            return Decision(Outcome.UNCHANGED, story)
        story.title = archived.title
    if same_news(story, archived) and story.date == archived.date:
        return Decision(Outcome.UNCHANGED, story)
    if by_words and (story.title, story.published, blocks(story)) == (
        archived.title,
        archived.published,
        blocks(archived),
    ):
        return Decision(Outcome.UNCHANGED, story)
    longest = max(longest, len(text(archived)))
    outcome = Outcome.SHORTENED if is_shorter(text(story), text(archived)) else Outcome.CHANGED
    return Decision(outcome, story, longest=longest if is_shorter(text(story), longest) else 0)


def _is_cut(story: Story, archived: Story) -> bool:
    """Whether the paywall cut a text so that the archived one stays: it is whole, or at least as long."""
    now, before = blocks(story), blocks(archived)
    if not story.truncated:
        return now[:1] == before[:1] and is_cut_by_words(now, before)
    if is_revised(now, before):
        return False
    # Posts say only with an optional key that they are cut. A text that goes on where the archived one ends loses none.
    loses_none = archived.truncated or text(story).startswith(text(archived))
    return not loses_none or len(text(story)) <= len(text(archived))


def _may_be_cut(story: Story, archived: Story, longest: int) -> bool:
    """Whether nothing shows if a text was edited or cut: it asks to pay, has no words left, or is an unmarked part."""
    now, before = blocks(story), blocks(archived)
    is_unmarked_part = not story.cuts_are_marked and is_part(now, before, longest)
    return (bool(before) and not now) or is_unmarked_part or is_cut_by_words(now, before)


def _date_of(archived: Story, story: Story) -> datetime | None:
    """Return the date of a post whose time stays, set right if a time in the future has come; an import knows none."""
    published, date, seen = archived.published, archived.date, None if story.imported else story.fetched
    return published if published and date and seen and was_clamped(date, published, seen) else date

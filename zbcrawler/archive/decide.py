"""Decide the outcome of a fetched or imported story: a new post, a changed or shortened post, or no change.

A cache that is late shows again what the archive had before; the run state remembers replaced versions.
"""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from zbcrawler.archive import story_versions as versions
from zbcrawler.archive.posts import complete
from zbcrawler.archive.run_state import RunState
from zbcrawler.archive.story_versions import blocks, text
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import Outcome
from zbcrawler.items import Story

OTHER_VERSION = "another version is archived"  # the reason for which an imported version is skipped
IS_LATE = "an old version"
"""The reason of a story that counts as unchanged because its page is one that the archive had before."""
_LOOKS = 3  # if the site takes an edit back, so many looks in a row find the old version, and the first is so long ago
_WAIT = timedelta(hours=1)


class Decision(NamedTuple):
    """The outcome of a story, and what to write."""

    outcome: Outcome
    story: Story  # the content of its post, if the outcome is written
    reason: str = ""  # why the story is left out, doubtful or failed
    longest: int = 0  # characters of the longest version so far, if the written one is shorter


def decide(
    new: Story,  # cleaned and dated
    archived: Story | None,
    name: str = "post",  # of the archived post in reasons
    is_other_half: bool = False,  # the archived version is from the other half of the site
    longest: int = 0,  # characters of the longest version that was ever archived, 0 if that is ``archived``
    by_words: bool = False,  # other pictures, captions and ``alt`` texts alone are no change
) -> Decision:
    """Decide the outcome of a story without changing either version."""
    if archived is None:
        return Decision(Outcome.NEW, new)
    if not archived.address.is_same_story(new.address):
        reason = f"{name}: from: {archived.address} belongs to another story; restore the file or move it away"
        return Decision(Outcome.FAILED, new, reason)
    # The address first archived stays.
    story = replace(new, address=archived.address)
    # Keep the archived time if the page gives none, or gives the same time less exactly.
    if story.published is None or versions.same_time(story.published, archived.published):
        published, date = story.published, story.date = archived.published, archived.date
        seen = None if story.imported else story.fetched
        if published and date and seen and versions.was_clamped(date, published, seen):
            story.date = published  # a time in the future has come
    complete(story, archived)
    is_fuller = versions.is_beginning(text(archived), text(story)) and len(text(story)) > longest
    if story.imported:
        # Which version is later is unknown, so the archived one stays unless it is cut.
        if versions.same_news(story, archived):
            return Decision(Outcome.UNCHANGED, story)
        if not story.truncated and (is_fuller or versions.is_cut_by_words(blocks(archived), blocks(story))):
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
    words, old_words = ((one.title, one.published, blocks(one)) for one in (story, archived))
    if (versions.same_news(story, archived) and story.date == archived.date) or (by_words and words == old_words):
        return Decision(Outcome.UNCHANGED, story)
    longest = max(longest, len(text(archived)))
    outcome = Outcome.SHORTENED if versions.is_shorter(text(story), text(archived)) else Outcome.CHANGED
    return Decision(outcome, story, longest=longest if versions.is_shorter(text(story), longest) else 0)


def _is_cut(story: Story, archived: Story) -> bool:
    """Whether the paywall cut a text so that the archived one stays: it is whole, or at least as long."""
    now, before = blocks(story), blocks(archived)
    if not story.truncated:
        return now[:1] == before[:1] and versions.is_cut_by_words(now, before)
    if versions.is_revised(now, before):
        return False
    # Posts say only with an optional key that they are cut. A text that goes on where the archived one ends loses none.
    loses_none = archived.truncated or text(story).startswith(text(archived))
    return not loses_none or len(text(story)) <= len(text(archived))


def _may_be_cut(story: Story, archived: Story, longest: int) -> bool:
    """Whether nothing shows if a text was edited or cut: it asks to pay, has no words left, or is an unmarked part."""
    now, before = blocks(story), blocks(archived)
    is_unmarked_part = not story.cuts_are_marked and versions.is_part(now, before, longest)
    return (bool(before) and not now) or is_unmarked_part or versions.is_cut_by_words(now, before)


def note_replaced(state: RunState, archived: Story, now: datetime) -> None:
    """Note that a post is about to be replaced. This is saved at once: the run may be killed behind the post."""
    state.note_retry(_version(archived), 1, now)
    note_seen(state, archived.address)
    state.save()


def note_seen(state: RunState, address: StoryAddress) -> None:
    state.forget_retry(_looks(address))


def is_late(state: RunState, story: Story, now: datetime) -> bool:
    """Whether a page is from a cache that is late: the archive had its version before, and has a later one."""
    # Each call counts as a look. After some looks at old versions only, the site has taken its edit back.
    if not state.retry(_version(story)).tries:
        return False
    looks = state.retry(_looks(story.address))
    since = looks.due or now
    state.note_retry(_looks(story.address), looks.tries + 1, since)
    return looks.tries + 1 < _LOOKS or now - since < _WAIT


# The run state's retries also count these, under names that no story has.
def _looks(address: StoryAddress) -> StoryAddress:
    return replace(address, number=f"{address.number} late")


def _version(story: Story) -> StoryAddress:
    digest = hashlib.sha256(repr(versions.news_of(story)).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return replace(story.address, number=f"{story.address.number} was {digest}")

"""Tell a story's old version from an edit: a cache that is late shows again what the archive had before."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

from zbcrawler.archive.run_state import RunState
from zbcrawler.archive.story_versions import news_of
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.items import Story

IS_LATE = "an old version"
"""The reason of a story that counts as unchanged because its page is one that the archive had before."""
# If the site takes an edit back, so many looks in a row find the old version, and the first is so long ago.
_LOOKS = 3
_WAIT = timedelta(hours=1)


def note_replaced(state: RunState, archived: Story, now: datetime) -> None:
    """Note that a post is about to be replaced. This is saved at once: the run may be killed behind the post."""
    state.note_retry(_version(archived), 1, now)
    note_seen(state, archived.address)
    state.save()


def note_seen(state: RunState, address: StoryAddress) -> None:
    """Note that a page showed the version that the archive has."""
    state.forget_retry(_looks(address))


def is_late(state: RunState, story: Story, now: datetime) -> bool:
    """Whether a page comes from a cache that is late: the archive had its version before, and has a later one.

    Each call counts as a look. After some looks at old versions only, the site has taken its edit back.
    """
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
    digest = hashlib.sha256(repr(news_of(story)).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return replace(story.address, number=f"{story.address.number} was {digest}")

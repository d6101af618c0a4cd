"""Stories that are owed: listed, and not archived as the site has them now.

One small file a story under ``_data/owed/``, so that two clones of an archive never conflict. It changes only when the
facts do: how often and when a story was tried stands in the run's state, not here.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import PostError
from zbcrawler.common.times import SINGAPORE, start_of

if TYPE_CHECKING:
    from pathlib import Path

    from zbcrawler.archive.store import Archive

# site-layouts 4.2: listed stories answer 404 for a while, and are there later.
GONE_AFTER = timedelta(days=1)
# A site in trouble fails now so and now so; that is one fact.
_TROUBLE = re.compile(r"answered (?:5\d\d|429|408)$|no answer: ", re.ASCII)


@dataclass(frozen=True)
class OwedStory:
    """A story that is owed.

    :ivar section: the section that listed it
    :ivar reason: why it could not be had when it was tried last
    :ivar since: since when it could not be had (aware); counted anew when an absence begins or ends
    :ivar absent: whether the site answers that there is no such story
    """

    address: StoryAddress
    section: str
    reason: str
    since: datetime
    absent: bool = False

    def is_gone(self, now: datetime) -> bool:
        """Whether the story has been absent for so long that it will not come."""
        return self.absent and now - self.since >= GONE_AFTER


class OwedNotes:
    """The notes of what is owed."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive

    def all(self) -> dict[str, OwedStory]:
        """Return what is owed, by the story's number.

        :raises PostError: if a note cannot be read
        """
        paths = sorted(self._path("").parent.glob("*.json"))
        return {debt.address.number: debt for debt in map(_read, paths)}

    def has(self, address: StoryAddress) -> bool:
        """Whether a story is owed."""
        return self._path(address.number).exists()

    def find(self, address: StoryAddress) -> OwedStory | None:
        """Return what is owed of a story, if anything.

        :raises PostError: if the note cannot be read
        """
        return _read(self._path(address.number)) if self.has(address) else None

    def owe(self, address: StoryAddress, section: str, reason: str, now: datetime, absent: bool = False) -> None:
        """Note that a story could not be had.

        :param reason: as messages tell it; its address is left out
        :raises OSError: if the note cannot be written
        """
        reason = _without_address(reason)
        since = now
        try:
            old = self.find(address)
        except PostError:
            old = None  # it was of no use
        if old and old.absent == absent:
            since = old.since
            if _TROUBLE.match(old.reason) and _TROUBLE.match(reason):
                reason = old.reason
        note = {"address": address.url, "section": section, "reason": reason}
        note["since"] = since.astimezone(SINGAPORE).isoformat(timespec="seconds")
        self.archive.write_note(self._path(address.number), note | ({"absent": True} if absent else {}))

    def settle(self, address: StoryAddress) -> None:
        """Take the note back."""
        self.archive.remove_note(self._path(address.number))

    def _path(self, number: str) -> Path:
        return self.archive.note("owed", number)


def _read(path: Path) -> OwedStory:
    try:
        note = json.loads(path.read_bytes())
        address = StoryAddress.parse(note["address"])
        if address is None:
            raise ValueError(f"{note['address']} is no story's address")
        since = datetime.fromisoformat(note["since"]) if "since" in note else start_of(address.day)
        if since.tzinfo is None:
            raise ValueError(f"since: {since} has no zone")
        return OwedStory(address, note["section"], note.get("reason", ""), since, note.get("absent", False))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PostError(f"{path}: not a note of an owed story ({error}); restore or remove it") from error


def _without_address(reason: str) -> str:
    # Which of its hosts the site answered from is no fact about the story.
    return re.sub(r"^https?://\S+:? ", "", " ".join(reason.split()))

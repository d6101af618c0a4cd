"""The notes about owed stories: listed stories whose current version is not archived yet."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from zbcrawler.archive.note_files import NotesOfKind, write_note
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import PostError
from zbcrawler.common.times import SINGAPORE, start_of

# site-layouts 4.2: some listed stories answer 404 for a while, and are available later.
GONE_AFTER = timedelta(days=1)
# A doubtful story fails the runs of its first three days; one run a day asks for it, at about the same time of day.
_SURE_AFTER = timedelta(days=3) - timedelta(hours=1)
# Count 5xx, 408, 429 and missing answers as one reason, so that the note does not change on every run.
_TROUBLE = re.compile(r"answered (?:5\d\d|429|408)$|no answer: ", re.ASCII)


@dataclass(frozen=True)
class OwedStory:
    """A listed story whose current version is not archived yet."""

    address: StoryAddress
    section: str  # that listed the story
    reason: str  # of the last attempt's failure
    since: datetime  # when the story was first not available (aware); reset when an absence or a doubt begins or ends
    absent: bool = False  # whether the site answers that there is no such story
    doubtful: bool = False  # whether the site shows a shorter text that is neither proved an edit nor a cut

    def is_gone(self, now: datetime) -> bool:
        """Whether the story has been absent for so long that it will not come."""
        # A time further in the future comes from a wrong clock.
        return self.absent and abs(now - self.since) >= GONE_AFTER

    def is_known_doubt(self, now: datetime) -> bool:
        """Whether the story has been doubtful for so long that runs no longer fail because of it."""
        return self.doubtful and abs(now - self.since) >= _SURE_AFTER


class OwedNotes(NotesOfKind[OwedStory]):
    """The stories that are owed. The run state holds how often and when a story was tried."""

    name, field, merges = "owed", "section", True
    words = ("owed", "no longer owed")
    warning = ("owed", "{address}: {reason}")

    def all(self) -> dict[str, OwedStory]:
        """Return the owed stories by the key of the address, without notes that are :meth:`broken`."""
        debts: dict[str, OwedStory] = {}
        for path in self.paths():
            with suppress(PostError):
                if debt := self.read(path):
                    debts[debt.address.key_in(debts)] = debt
        return debts

    def add(
        self,
        address: StoryAddress,
        section: str,
        reason: str,
        now: datetime,
        absent: bool = False,
        doubtful: bool = False,
    ) -> None:
        """Note that a story could not be archived. A doubtful story that cannot be fetched stays doubtful."""
        # The host that answered is no fact about the story.
        reason = re.sub(r"^https?://\S+:? ", "", " ".join(reason.split()))
        since, old = now, None
        with suppress(PostError):  # the new note replaces a broken one
            old = self.find(address)
        doubtful = doubtful or bool(old and old.doubtful and not absent)
        if old and (old.absent, old.doubtful) == (absent, doubtful):
            since = old.since
            if _TROUBLE.match(old.reason) and _TROUBLE.match(reason):
                reason = old.reason
        note = {"address": address.url, "section": section, "reason": reason}
        note["since"] = since.astimezone(SINGAPORE).isoformat(timespec="seconds")
        kinds = {"absent": absent, "doubtful": doubtful}
        write_note(self.folder, self.path(address), note | {name: True for name, is_so in kinds.items() if is_so})

    def value_of(self, key: str, note: dict[str, Any]) -> OwedStory:
        address = self.address_in(key, note)
        since = datetime.fromisoformat(note["since"]) if "since" in note else start_of(address.day)
        if since.tzinfo is None:
            raise ValueError(f"since: {since} has no time zone")
        since.astimezone(SINGAPORE)  # raises OverflowError for the first and the last day of the calendar
        texts = note["section"], note.get("reason", "")
        kinds = note.get("absent", False), note.get("doubtful", False)
        if not all(isinstance(text, str) for text in texts) or not all(isinstance(kind, bool) for kind in kinds):
            raise TypeError("section, reason, absent or doubtful has another type")
        return OwedStory(address, *texts, since, *kinds)

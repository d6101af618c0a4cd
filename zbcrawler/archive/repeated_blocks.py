"""Find blocks (such as paragraphs, captions) that the site puts into many successive or edited stories."""

import json
import re
from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice
from operator import attrgetter
from typing import NamedTuple

from zbcrawler.archive.archive import Archive
from zbcrawler.archive.pictures import sources
from zbcrawler.archive.posts import text_of
from zbcrawler.archive.run_state import KEPT_FOR, RunState
from zbcrawler.cleaning.links import picture_key
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import PostError
from zbcrawler.common.text import letters
from zbcrawler.common.times import SINGAPORE
from zbcrawler.items import Story

# Of 71,973 real blocks, none stand in four of 30 successive stories (bench/README.md, "Words in many stories").
_MANY, _SUCCESSIVE = 4, 30
_EDITS, _LATELY = 3, timedelta(days=7)  # an edit that adds a block to so many stories in this time is none
_LENGTHS = range(6, 500)  # letters; shorter blocks, such as the credit of a picture, repeat
_MOST_ADDED, _MOST_KNOWN, _MOST_SHOWN = 100, 2000, 10  # blocks of an edit, of the run state, of a summary
_FACT = "blocks in many stories"
_CAPTION = re.compile("<figcaption>(?:(?!<figcaption>).)*</figcaption>")


class RepeatedBlock(NamedTuple):
    """A block that edits added, or that a summary has named."""

    stories: list[str]  # the numbers of the first stories that have it, at most ``_MANY``
    since: str  # the day when it was first seen, YYYY-MM-DD
    last: float  # when it was last seen, as a POSIX time
    text: str = ""  # as a post shows it; empty while it is in few stories
    reported: bool = False  # whether a summary has named it as a failure


class RepeatedBlocks:
    """The blocks that edits added lately, and those that summaries named; the run state has them."""

    def __init__(self, state: RunState, now: datetime) -> None:
        self._state, self._now = state, now
        self._known: dict[str, RepeatedBlock] = {}
        with suppress(ValueError, TypeError, AttributeError):  # not as a run wrote it: the blocks are counted anew
            for key, values in json.loads(state.fact(_FACT) or "{}").items():
                block = RepeatedBlock(*values)
                if block.last >= (now - (KEPT_FOR if block.reported else _LATELY)).timestamp():
                    self._known[key] = block

    def take_out(self, story: Story, archived: Story) -> bool:
        """Remove the blocks from an edited story that edits also added to others; return whether there were any."""
        old, new = _blocks_of(archived.body), _blocks_of(story.body)
        added = [key for key in new if key not in old][:_MOST_ADDED]
        held = {key for key in added if self._add(key, new[key], [story.address.number])}
        self._save()
        pictures = set(map(picture_key, sources(archived.body)))
        story.body = [part for line in story.body if (part := _without(held, pictures, line))]
        return bool(held)

    def find(self, archive: Archive, written: Collection[StoryAddress]) -> None:
        """Add blocks of many of the last stories that none of those before has, or that were reported.

        The last stories are the ``written`` ones, however old, and the newest others.
        """
        mine = {path for one in written if (path := archive.find(one))}
        newest = max(self._now.astimezone(SINGAPORE).date(), *(one.day for one in written))
        days = (newest - timedelta(days=shift) for shift in range(KEPT_FOR.days))
        others = (path for day in days for path in reversed([*archive.posts_between(day, day)]) if path not in mine)
        latest = sorted(mine, key=attrgetter("name"), reverse=True)[:_SUCCESSIVE]
        latest += islice(others, _SUCCESSIVE - len(latest))
        before = list(islice(others, _SUCCESSIVE))
        found: dict[str, dict[str, str]] = {}
        for path in [*before, *latest] if len(before) == _SUCCESSIVE else ():
            with suppress(PostError):  # scrapy verify names it
                for key, text in _blocks_of(archive.read(path).body).items():
                    found.setdefault(key, {})[path.stem[11:]] = text
        for key, texts in found.items():
            last = sorted(texts.keys() - {path.stem[11:] for path in before})
            if len(last) >= _MANY and (len(last) == len(texts) or (key in self._known and self._known[key].reported)):
                self._add(key, texts[last[0]], last)

    def report(self, begin: datetime) -> list[RepeatedBlock]:
        """Return blocks of many stories that were met since a time; from now on they count as reported."""
        met = [(key, one) for key, one in self._known.items() if one.text and one.last >= begin.timestamp()]
        self._known |= {key: one._replace(reported=True) for key, one in met[:_MOST_SHOWN]}
        self._save()
        return [one for _, one in met[:_MOST_SHOWN]]

    def _add(self, key: str, text: str, stories: Iterable[str]) -> bool:
        """Note that stories have a block, and return whether these are many."""
        block = self._known.get(key) or RepeatedBlock([], self._now.date().isoformat(), 0)
        numbers = [*dict.fromkeys([*block.stories, *stories])][:_MANY]
        is_many = len(numbers) >= _EDITS
        self._known[key] = block._replace(stories=numbers, last=self._now.timestamp(), text=text if is_many else "")
        return is_many

    def _save(self) -> None:
        latest = sorted(self._known.items(), key=lambda one: (one[1].reported, one[1].last))[-_MOST_KNOWN:]
        self._state.note_fact(_FACT, json.dumps(dict(latest), ensure_ascii=False))


def _blocks_of(body: Iterable[str], lengths: range = _LENGTHS) -> dict[str, str]:  # by a digest of the letters
    texts = {words: text for text in text_of(body).splitlines() if len(words := letters(text)) in lengths}
    return {sha256(words.encode("utf-8", "replace")).hexdigest()[:16]: text for words, text in texts.items()}


def _without(held: set[str], old_pictures: set[str], line: str) -> str:
    """Return a line of a body without held blocks: empty, or an old picture without its new caption."""
    blocks = _blocks_of([line], range(1, len(line) + 1)).keys()
    if not blocks or blocks - held:
        return line
    is_old = any(picture_key(source) in old_pictures for source in sources([line]))
    return _CAPTION.sub("", line) if is_old else ""

"""Prove a learnt edition on stories that did not teach it: nothing lost, nothing added, in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from zbcrawler.editions.field_sources import find
from zbcrawler.editions.learning.evidence import Block, Example, names_of
from zbcrawler.editions.learning.fields import reads_time, reads_title
from zbcrawler.editions.learning.texts import HEADINGS

_SYSTEM = 2  # stories with the same difference
_OFTEN = 0.25  # share of the stories that edits may change in the same way, such as a new last paragraph
_LEAST_SAME = 0.5  # of a story's letters, or the page is another story's
_LIKE = 0.4  # letters that a new headline shares with the old one, if the story was only retitled
_OTHER_HOST = 0.8  # of the pictures with another name: then another host has the same pictures
_LINES = frozenset({"li", "tr", "td", "th"})


@dataclass
class Judgement:
    """How a declaration reads stories that did not teach it."""

    judged: int
    least_equal: float  # share of the stories whose text must be the archived one
    right: Counter[str] = field(default_factory=Counter)  # stories by what is right: title, time, text, pictures
    systems: Counter[str] = field(default_factory=Counter)  # stories by a difference that no edit makes twice
    edits: Counter[str] = field(default_factory=Counter)  # stories by a difference that edits make
    renamed: int = 0  # pictures with another name than the archived ones
    pictures: int = 0  # that stand where the archived ones stand

    @property
    def faults(self) -> list[str]:
        """What is different in several stories, the most frequent first."""
        found = [f"{what} in {count}" for what, count in self.systems.most_common() if count >= _SYSTEM]
        often = max(_SYSTEM + 1, _OFTEN * self.judged)
        found += [f"{what} in {count}" for what, count in self.edits.most_common() if count >= often]
        if _SYSTEM <= self.renamed < _OTHER_HOST * self.pictures:
            found.append(f"{self.renamed} of {self.pictures} pictures are others")
        if self.right["text"] < self.least_equal * self.judged:
            found.append(f"only {self.right['text']} texts are the archived ones")
        return found

    def __str__(self) -> str:
        shown = ", ".join(f"{name} {self.right[name]} of {self.judged}" for name in _NAMES)
        return f"{shown}: {'; '.join(self.faults[:3])}" if self.faults else shown


_NAMES = ("title", "time", "text", "pictures")


def judge(examples: Sequence[Example], story: dict[str, Any], least_equal: float = 0.5) -> Judgement:
    """Read stories by a declaration, and compare them with the archived ones."""
    found = Judgement(len(examples), least_equal)
    for example in [one.declaring(story) for one in examples]:
        if (blocks := example.made) is None:
            found.systems["the page cannot be read"] += 1
            continue
        comparison = _Comparison(example.blocks, blocks)
        if not reads_title(story["title"], example):
            title = find(example.page, example.edition.TITLE).value or ""
            is_retitled = SequenceMatcher(a=example.story.title, b=title).ratio() > _LIKE
            (comparison.edits if is_retitled else comparison.systems).add("the title is another")
        if example.story.published and not reads_time(story["published"], example):
            comparison.systems.add("the time is another")
        found.systems.update(comparison.systems)
        found.edits.update(comparison.edits)
        found.renamed += comparison.renamed
        found.pictures += comparison.pictures
        found.right["title"] += "the title is another" not in comparison.systems | comparison.edits
        found.right["time"] += "the time is another" not in comparison.systems
        found.right["text"] += comparison.same_text
        found.right["pictures"] += comparison.same_pictures
    return found


class _Comparison:
    """The differences between the archived blocks of a story and those that its page shows now."""

    def __init__(self, old: Sequence[Block], new: Sequence[Block]) -> None:
        self.systems: set[str] = set()
        self.edits: set[str] = set()
        self.renamed = self.pictures = 0
        self.captions = {block.words for block in old if block.pictures and block.words}
        self.same_text = self.same_pictures = True
        olds, news = [_token(block) for block in old], [_token(block) for block in new]
        matcher = SequenceMatcher(a=olds, b=news, autojunk=False)
        same = sum(len(olds[at + step]) for at, _, size in matcher.get_matching_blocks() for step in range(size))
        if same < _LEAST_SAME * sum(map(len, olds)):
            self._text_differs("the text is another")
        for kind, first, end, start, stop in matcher.get_opcodes():
            if kind == "equal":
                for one, other in zip(old[first:end], new[start:stop], strict=True):
                    self._compare(one, other)
            else:
                self._compare_runs(old[first:end], new[start:stop], is_first=first == 0, is_last=end == len(old))

    def _compare(self, old: Block, new: Block) -> None:
        if old.pictures:
            self.pictures += 1
            self.renamed += not any(names_of(one) & names_of(two) for one in old.pictures for two in new.pictures)
            if old.words != new.words:
                self.same_pictures = False
                self.edits.add("a caption is another" if old.words and new.words else "a caption is lost or added")
        lines, now = ([part for part in block.parts if part[0] in _LINES] for block in (old, new))
        if lines != now:
            self._text_differs(f"the lines of a {old.tag} are others")
        if old.tag != new.tag and not {old.tag, new.tag} <= HEADINGS:
            self._text_differs(f"{new.tag} stands for {old.tag}")

    def _compare_runs(self, old: Sequence[Block], new: Sequence[Block], is_first: bool, is_last: bool) -> None:
        lost = [block for block in old if not block.pictures]
        added = [block for block in new if not block.pictures]
        if len(old) - len(lost) != len(new) - len(added):
            self.same_pictures = False
            self.systems.add(
                "a picture is lost" if len(old) - len(lost) > len(new) - len(added) else "a picture is added"
            )
        if not (lost or added):
            return
        words, now = "".join(block.words for block in lost), "".join(block.words for block in added)
        if words == now:
            self._text_differs("blocks are joined or divided")
        elif lost and added and words in now:
            self._text_differs(f"“{now.replace(words, '…', 1)[:30]}” stands around a block")
        elif lost and added and now in words:
            self._text_differs(f"“{words.replace(now, '…', 1)[:30]}” is lost around a block")
        elif lost and added:
            self.same_text = False
            self.edits.add("a block is another")
        if any(caption in now and caption not in words for caption in self.captions):
            self._text_differs("a caption stands as text")
        for block in added if not lost else ():
            self.systems.add(f"the {block.tag} “{block.words[:20]}” is added")
            self.same_text = False
        if added and not lost:
            self.edits.add("text is added at the end" if is_last else "text is added")
        if lost and not added:
            if is_first or is_last:
                self._text_differs("the last block is lost" if is_last else "the first block is lost")
            for block in lost:
                inside = sorted({tag for tag, _, _ in block.parts} - {"p"})
                self.same_text = False
                (self.systems if inside else self.edits).add(f"a {' with '.join(['block', *inside])} is lost")

    def _text_differs(self, what: str) -> None:
        self.same_text = False
        self.systems.add(what)


def _token(block: Block) -> str:
    return "[picture]" if block.pictures else block.words

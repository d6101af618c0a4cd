"""Prove a learnt edition on stories that did not teach it: nothing lost, nothing added, in order."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from zbcrawler.editions.edition import headline
from zbcrawler.editions.field_sources import find
from zbcrawler.editions.learning.evidence import Block, Example, names_of
from zbcrawler.editions.learning.fields import reads_time
from zbcrawler.editions.learning.texts import HEADINGS

_SYSTEM = 2  # stories with the same difference
_OFTEN = 0.25  # share of the stories that edits may change in the same way, such as a new last paragraph
_LEAST_SAME = 0.5  # of a story's letters, or the page is another story's
_LIKE = 0.4  # letters that a new headline shares with the old one, if the story was only retitled
_OTHER_HOST = 0.8  # of the pictures with another name: then another host has the same pictures
_LINES = frozenset({"li", "tr", "td", "th"})


_PARTS = ("title", "time", "text", "pictures")


class Deviation(NamedTuple):
    """What is different on the page of an archived story."""

    part: str  # of the story
    what: str
    is_edit: bool = False  # whether edits make it, too; most differences no edit makes twice


@dataclass
class Judgement:
    """How a declaration reads stories that did not teach it."""

    judged: int
    least_equal: float  # share of the stories whose text must be the archived one
    right: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(_PARTS, 0)))  # stories, by part
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
        shown = ", ".join(f"{name} {number} of {self.judged}" for name, number in self.right.items())
        return f"{shown}: {'; '.join(self.faults[:3])}" if self.faults else shown

    def add(self, example: Example) -> None:
        """Compare what a declaration makes of a page with the archived story."""
        if example.made is None:
            self.systems["the page cannot be read"] += 1
            return
        differences = dict.fromkeys((*_in_fields(example), *self._in_blocks(example.blocks, example.made)))
        for one in differences:
            (self.edits if one.is_edit else self.systems)[one.what] += 1
        self.right.update(set(_PARTS) - {one.part for one in differences})

    def _in_blocks(self, old: Sequence[Block], new: Sequence[Block]) -> Iterator[Deviation]:
        olds, news = (["[picture]" if block.pictures else block.words for block in blocks] for blocks in (old, new))
        changes = SequenceMatcher(a=olds, b=news, autojunk=False).get_opcodes()
        same = sum(len(text) for kind, first, end, *_ in changes if kind == "equal" for text in olds[first:end])
        if same < _LEAST_SAME * sum(map(len, olds)):
            yield Deviation("text", "the text is another")
        captions = {block.words for block in old if block.pictures and block.words}
        for kind, first, end, start, stop in changes:
            if kind == "equal":
                for one, other in zip(old[first:end], new[start:stop], strict=True):
                    yield from self._in_block(one, other)
            else:
                where = "first" if first == 0 else ""
                yield from _in_run(old[first:end], new[start:stop], captions, "last" if end == len(old) else where)

    def _in_block(self, old: Block, new: Block) -> Iterator[Deviation]:
        if old.pictures:
            self.pictures += 1
            self.renamed += not any(names_of(one) & names_of(two) for one in old.pictures for two in new.pictures)
            if old.words != new.words:
                what = "another" if old.words and new.words else "lost or added"
                yield Deviation("pictures", f"a caption is {what}", is_edit=True)
        lines, now = ([part for part in block.parts if part[0] in _LINES] for block in (old, new))
        if lines != now:
            yield Deviation("text", f"the lines of a {old.tag} are others")
        if old.tag != new.tag and not {old.tag, new.tag} <= HEADINGS:
            yield Deviation("text", f"{new.tag} stands for {old.tag}")


def judge(examples: Sequence[Example], story: dict[str, Any], least_equal: float = 0.5) -> Judgement:
    found = Judgement(len(examples), least_equal)
    for example in examples:
        found.add(example.declaring(story))
    return found


def _in_fields(example: Example) -> Iterator[Deviation]:
    title = headline(find(example.page, example.edition.TITLE).value)
    if title != example.story.title:
        is_retitled = SequenceMatcher(a=example.story.title, b=title).ratio() > _LIKE
        yield Deviation("title", "the title is another", is_edit=is_retitled)
    if example.story.published and not reads_time(example.declared["published"], example):
        yield Deviation("time", "the time is another")


def _in_run(old: Sequence[Block], new: Sequence[Block], captions: set[str], end: str) -> Iterator[Deviation]:
    """Yield the differences between blocks in one place; ``end``: of the story, first or last, if they are there."""
    lost, added = ([block for block in blocks if not block.pictures] for blocks in (old, new))
    if fewer := len(old) - len(lost) - len(new) + len(added):
        yield Deviation("pictures", "a picture is lost" if fewer > 0 else "a picture is added")
    if not (lost or added):
        return
    words, now = ("".join(block.words for block in blocks) for blocks in (lost, added))
    if words == now:
        yield Deviation("text", "blocks are joined or divided")
    elif lost and added and words in now:
        yield Deviation("text", f"“{now.replace(words, '…', 1)[:30]}” stands around a block")
    elif lost and added and now in words:
        yield Deviation("text", f"“{words.replace(now, '…', 1)[:30]}” is lost around a block")
    elif lost and added:
        yield Deviation("text", "a block is another", is_edit=True)
    if any(caption in now and caption not in words for caption in captions):
        yield Deviation("text", "a caption stands as text")
    if not lost:
        yield Deviation("text", "text is added at the end" if end == "last" else "text is added", is_edit=True)
        for block in added:
            yield Deviation("text", f"the {block.tag} “{block.words[:20]}” is added")
    if not added:
        if end:
            yield Deviation("text", f"the {end} block is lost")
        for block in lost:
            inside = sorted({tag for tag, _, _ in block.parts} - {"p"})
            yield Deviation("text", f"a {' with '.join(['block', *inside])} is lost", is_edit=not inside)

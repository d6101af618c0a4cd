"""Compare two versions of a story as a reader would: what changed in title, time, text and pictures. All is pure.

The words of blocks, list items and cells count. Their markup, the addresses of links, the order of pictures and their
hosts and sizes do not: a reader of the text sees no difference.
"""

import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from difflib import SequenceMatcher
from itertools import groupby, pairwise
from typing import NamedTuple
from urllib.parse import urlsplit

from zbcrawler.archive.pictures import sources
from zbcrawler.archive.posts import text_of
from zbcrawler.archive.story_versions import FIGURE, TAG, same_picture, same_time
from zbcrawler.cleaning.links import picture_key
from zbcrawler.items import Story

SAME, REMOVED, ADDED, CHANGED, MOVED = "same", "removed", "added", "changed", "moved"

_SENTENCE = re.compile(r"\n|[^\n。！？；…!?;]+(?:[。！？；…!?;]+[”’」』）》)\"']*)?|[。！？；…!?;]+[”’」』）》)\"']*")
# Numbers and words of other scripts change as a whole.
_UNIT = re.compile(r"\d+(?:[.,:]\d+)*[%％]?|[^\W\d_\u2e80-\u9fff\uac00-\uffff\U00020000-\U0003ffff]+|.", re.DOTALL)
_Run = tuple[str, str, str]  # what is the same, and what was removed and added behind it; or an edit between two texts
_LETTER = re.compile(r"\w")
# Of what difflib compares at once: the product of both lengths, and for each unit the equal ones.
_MOST_CELLS, _MOST_PAIRS = 1_000_000, 10
_NEAR = 20  # places; similar units are searched so far from where they stood
# Two sentences or blocks are versions of one from this share of common characters and pairs of characters.
_ALIKE = 0.3
_WITHIN = 0.6  # the same of the shorter one, if the longer one has more
_LEAST_SAME = 0.25  # a sentence of which less stays is replaced as a whole


class Piece(NamedTuple):
    """A piece of plain text; a line feed in a block is the end of a paragraph that was split off or joined."""

    kind: str  # same, removed or added
    text: str


class BlockChange(NamedTuple):
    """What happened to a block of text, or to several that were split or joined."""

    kind: str  # same, changed, added, removed; moved: the block stands here now, its words are the same
    pieces: tuple[Piece, ...]  # the same and the removed pieces are the old words, the same and the added the new


class PictureChange(NamedTuple):
    """A picture that was added or removed, or whose caption changed."""

    kind: str  # added, removed or changed
    address: str
    caption: tuple[Piece, ...]


class Difference(NamedTuple):
    """What a reader would say changed between two versions of a story."""

    title: tuple[Piece, ...] = ()  # empty if the same, as the other fields
    times: tuple[datetime | None, datetime | None] | None = None  # of publication, the old and the new
    text: tuple[BlockChange, ...] = ()  # all blocks in reading order
    pictures: tuple[PictureChange, ...] = ()

    @property
    def is_empty(self) -> bool:
        return self == Difference()

    @property
    def summary(self) -> str:
        """What changed, for one line: ``title; 2 sentences; 1 picture``."""
        edited = [change.pieces for change in self.text if change.kind not in (SAME, MOVED)]
        old, new = (Counter(filter(str.strip, _sentences(edited, kind))) for kind in (REMOVED, ADDED))
        kinds = Counter(picture.kind for picture in self.pictures)
        counts = {"sentence": max((old - new).total(), (new - old).total())}
        counts |= {"picture": max(kinds[REMOVED], kinds[ADDED]), "caption": kinds[CHANGED]}
        parts = [name for name, changed in (("title", self.title), ("time", self.times)) if changed]
        parts += ["paragraphs"] if self.text and not counts["sentence"] else []  # moved, split or joined
        return "; ".join([*parts, *(f"{n} {name}{'s' * (n > 1)}" for name, n in counts.items() if n)])


def compare(old: Story, new: Story) -> Difference:
    """Return what changed between two versions. Even texts made to be slow take seconds."""
    return Difference(
        () if old.title == new.title else _compare_sentence(old.title, new.title),
        None if same_time(old.published, new.published) else (old.published, new.published),
        _compare_text(paragraphs(old), paragraphs(new)),
        tuple(_compare_pictures(_pictures(old), _pictures(new))),
    )


def paragraphs(story: Story) -> list[str]:
    """Return the words of each paragraph, list item and cell of a story."""
    lines = text_of(FIGURE.sub("", line) for line in story.body).split("\n")
    return [line.strip() for line in lines if line.strip()]


def _compare_text(old: list[str], new: list[str]) -> tuple[BlockChange, ...]:
    if old == new:
        return ()
    groups = list(_align(old, new))
    gone, come = (Counter(own[0] for own, other in each if not other) for each in (groups, [g[::-1] for g in groups]))
    left, moved = gone & come, gone & come
    changes = []
    for olds, news in groups:
        one, other = "\n".join(olds), "\n".join(news)
        if one == other:
            changes.append(BlockChange(SAME, (Piece(SAME, one),)))
        elif olds and news:
            changes.append(BlockChange(CHANGED, _compare_block(one, other)))
        elif olds and left[one]:
            left[one] -= 1
        elif news and moved[other]:
            moved[other] -= 1
            changes.append(BlockChange(MOVED, (Piece(SAME, other),)))
        else:
            kind = REMOVED if olds else ADDED
            changes.append(BlockChange(kind, (Piece(kind, one or other),)))
    return tuple(changes)


def _compare_block(old: str, new: str) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    for olds, news in _align(_SENTENCE.findall(old), _SENTENCE.findall(new)):
        pieces += _compare_sentence("".join(olds), "".join(news))
    return _join(pieces)


def _compare_sentence(old: str, new: str) -> tuple[Piece, ...]:
    one, other = _UNIT.findall(old), _UNIT.findall(new)
    runs: list[_Run] = [("", "", "")]
    for kind, a, b, c, d in _opcodes(one, other):
        removed, added = "".join(one[a:b]), "".join(other[c:d])
        if kind == "equal":
            runs.append((removed, "", ""))
            continue
        same, _, _ = runs.pop()
        # A few common characters between two edits only make both harder to read.
        while runs and len(_LETTER.findall(same)) < min(_size(*runs[-1]), _size(same, removed, added)):
            before, *edit = runs.pop()
            same, removed, added = before, edit[0] + same + removed, edit[1] + same + added
        runs.append((same, removed, added))
    for n, (same, removed, added) in enumerate(runs[:-1]):
        if bool(removed) != bool(added):
            runs[n], runs[n + 1] = _slide(same, removed, added, runs[n + 1])
    if sum(len(same) for same, _, _ in runs) < _LEAST_SAME * max(len(old), len(new)):
        runs = [("", old, new)]
    return _join(Piece(kind, text) for run in runs for kind, text in zip((SAME, REMOVED, ADDED), run, strict=True))


def _slide(same: str, removed: str, added: str, behind: _Run) -> tuple[_Run, _Run]:
    """Return two runs with the edit of the first moved by some characters, if it then begins or ends at a mark."""
    places = [(same, removed + added, behind[0])]
    for _ in range(_NEAR):
        before, edit, after = places[0]
        if before and before[-1] == edit[-1]:
            places.insert(0, (before[:-1], before[-1] + edit[:-1], before[-1] + after))
        before, edit, after = places[-1]
        if after and after[0] == edit[0]:
            places.append((before + edit[0], edit[1:] + after[0], after[1:]))
    before, edit, after = max(places, key=_ends_at_marks)
    return (before, edit if removed else "", edit if added else ""), (after, *behind[1:])


def _ends_at_marks(place: _Run) -> int:
    """Return how well an edit between two texts begins and ends at marks; best right behind them."""
    before, edit, after = place
    ends = (before[-1:], 2), (edit[-1:], 2), (edit[:1], 1), (after[:1], 1)
    return sum(weight for end, weight in ends if not _LETTER.match(end))


def _size(_: str, removed: str, added: str) -> int:
    return max(len(removed), len(added))


def _align(old: list[str], new: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    """Yield groups in reading order: one equal text, versions of one (also split or joined), one old, or one new."""
    for kind, a, b, c, d in _opcodes(old, new):
        if kind == "equal":
            yield from (([text], [text]) for text in old[a:b])
        else:
            yield from _pair(old[a:b], new[c:d])


def _pair(old: list[str], new: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the groups of :func:`_align` that have the most in common, in the order of both."""
    olds, news = ([{*text, *map("".join, pairwise(text))} for text in each] for each in (old, new))
    reach = _NEAR * max(1, len(new) // max(1, len(old)))
    best: dict[tuple[int, int], tuple[int, int, int]] = {}  # what is common from a place on, and the next group's sizes
    for i in range(len(old), -1, -1):
        middle = i * len(new) // max(1, len(old))
        for j in range(min(len(new), middle + reach), max(-1, middle - reach - 1), -1):
            steps = [(0, 1, 0), (0, 0, 1), *_steps(olds[i : i + 2], news[j : j + 2])]
            ends = [(common + best[i + m, j + n][0], m, n) for common, m, n in steps if (i + m, j + n) in best]
            best[i, j] = max(ends, default=(0, 0, 0))
    i = j = 0
    while i < len(old) or j < len(new):
        _, m, n = best[i, j]
        yield old[i : i + m], new[j : j + n]
        i, j = i + m, j + n


def _steps(olds: list[set[str]], news: list[set[str]]) -> Iterator[tuple[int, int, int]]:
    """Yield the groups of similar texts that may come next: how much they have in common, and their sizes."""
    if not olds or not news or not (common := len(olds[0] & news[0])):
        return
    short, long = sorted((len(olds[0]), len(news[0])))
    if 2 * common >= _ALIKE * (short + long) or common >= max(_WITHIN * short, 4):
        yield common, 1, 1
    for one, others, size in ((olds[0], news, (1, 2)), (news[0], olds, (2, 1))):
        counts = [len(one & other) for other in others]
        if len(others) == 2 and all(n >= _WITHIN * len(other) for n, other in zip(counts, others, strict=True)):
            yield sum(counts), *size


def _opcodes(old: Sequence[str], new: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    """Return the opcodes of difflib; one ``replace`` if difflib would take long."""
    shorter = min(len(old), len(new))
    start = next((n for n in range(shorter) if old[n] != new[n]), shorter)
    end = next((n for n in range(shorter - start) if old[-1 - n] != new[-1 - n]), shorter - start)
    one, other = old[start : len(old) - end], new[start : len(new) - end]
    counts = Counter(other)
    pairs = sum(counts[unit] for unit in one)
    codes: Iterable[tuple[str, int, int, int, int]] = [("replace", 0, len(one), 0, len(other))]
    if len(one) * len(other) <= _MOST_CELLS and pairs <= _MOST_PAIRS * (len(one) + len(other)):
        codes = SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
    first, last = ("equal", 0, start, 0, start), ("equal", len(old) - end, len(old), len(new) - end, len(new))
    codes = [first, *((kind, a + start, b + start, c + start, d + start) for kind, a, b, c, d in codes), last]
    return [code for code in codes if code[1] < code[2] or code[3] < code[4]]


def _join(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """Return pieces with neighbours of one kind joined, and what was removed before what was added."""
    joined = []
    for is_same, run in groupby((piece for piece in pieces if piece.text), lambda piece: piece.kind == SAME):
        texts = list(run)
        for kind in (SAME,) if is_same else (REMOVED, ADDED):
            joined.append(Piece(kind, "".join(piece.text for piece in texts if piece.kind == kind)))
    return tuple(piece for piece in joined if piece.text)


def _sentences(blocks: Iterable[Iterable[Piece]], kind: str) -> Iterator[str]:
    """Yield the sentences of blocks before an edit (``removed``) or after (``added``)."""
    for pieces in blocks:
        yield from _SENTENCE.findall("".join(piece.text for piece in pieces if piece.kind in (SAME, kind)))


def _pictures(story: Story) -> list[tuple[str, str]]:
    """Return address and caption of each picture."""
    figures = [figure for line in story.body for figure in FIGURE.findall(line)]
    return [(address, html.unescape(TAG.sub("", figure))) for figure in figures for address in sources([figure])]


def _compare_pictures(old: list[tuple[str, str]], new: list[tuple[str, str]]) -> Iterator[PictureChange]:
    olds, news = ({picture_key(address): (address, caption) for address, caption in each} for each in (old, new))
    gone, come = ([each[key] for key in each if key not in other] for each, other in ((olds, news), (news, olds)))
    same = [(olds[key], news[key]) for key in olds if key in news]
    for one, other in zip(list(gone), list(come), strict=False):
        if _is_served_elsewhere(one, other):
            gone.remove(one)
            come.remove(other)
            same.append((one, other))
    for kind, pictures in ((REMOVED, gone), (ADDED, come)):
        yield from (PictureChange(kind, address, (Piece(kind, caption),)) for address, caption in pictures)
    for (_, before), (address, after) in same:
        if before != after:
            yield PictureChange(CHANGED, address, _compare_sentence(before, after))


def _is_served_elsewhere(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two pictures are one: on two hosts, or with one caption and kept in the archive since."""
    is_kept = [not urlsplit(address).netloc for address, _ in (one, other)]
    return same_picture(one[0], other[0]) or (any(is_kept) and not all(is_kept) and one[1] == other[1])

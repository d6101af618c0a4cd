"""Compare the texts of two versions of a story: whether the new one is shorter, cut by the paywall, or only a part.

Captions do not count as text, because editions differ in which pictures they show. All functions are pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from zbcrawler.items import Story

_TAG = re.compile(r"<[^<>]*>")
_FIGURE = re.compile(r"<figure>[^<]*(?:<(?!/?figure>)[^<]*)*</figure>")
# Up to so many characters less are a correction, not a shorter text; in a text below 100 characters, a tenth.
_FEW = 10
# Words of any site that asks its readers to pay, to subscribe or to sign in. They also occur in news.
_INVITING = re.compile(
    "订阅|订户|登录|登入|付费|会员|购买|全文|解锁|免费试用"
    r"|\b(?:subscri(?:be|ber|bers|ption)|(?:sign|log)[ -]?in|sign[ -]?up|unlock|paywall|free trial)\b",
    re.IGNORECASE,
)
_NEAR = 3  # blocks after the common ones that may begin an invitation
_SENTENCE = 60  # characters; one inviting word does not make a longer block an invitation
_SAME_BEGINNING = 6  # characters; a block that begins like an archived one is that block, edited
_MANY = 4  # blocks behind an invitation show that the text goes on
_MOST_UNKNOWN = 2  # blocks that a teaser may have of its own


def blocks(story: Story) -> list[str]:
    """Return the words of each block of a story that has words."""
    return list(filter(None, (_TAG.sub("", _FIGURE.sub("", line)).strip() for line in story.body)))


def text(story: Story) -> str:
    """Return the words of a story, without the captions of pictures."""
    return "".join(blocks(story))


def is_shorter(new: str, old: str | int) -> bool:
    """Whether a text lost more than 10 characters of another text, or a tenth of one below 100 characters."""
    length = old if isinstance(old, int) else len(old)
    return length - len(new) > min(_FEW, length // 10)


def is_beginning(new: str, old: str, longest: int = 0) -> bool:
    """Whether ``new`` only begins ``old``, or is shorter and less than half of ``old`` or the longest version."""
    return len(new) < len(old) and (old.startswith(new) or len(new) * 2 < max(len(old), longest))


def is_part(new: Sequence[str], old: Sequence[str], longest: int = 0) -> bool:
    """Whether blocks may be only a part of ``old``, if no marker tells a cut from an edit.

    They are a beginning, or the first blocks and, instead of the others, one or two unknown ones: perhaps a teaser.
    """
    now, before = "".join(new), "".join(old)
    if not is_shorter(now, before):
        return False
    if is_beginning(now, before, longest):
        return True
    same = _common(new, old)
    unknown = new[same:]
    is_teaser = 0 < len(unknown) <= _MOST_UNKNOWN and len(unknown) < len(old) - same and not set(unknown) & set(old)
    return bool(same) and is_teaser


def is_revised(new: Sequence[str], old: Sequence[str]) -> bool:
    """Whether half of the old blocks stay in place and the text is no shorter: only what was edited is lost."""
    same = sum(one == other for one, other in zip(new, old, strict=False))
    return len(new) >= len(old) and same * 2 >= len(old) and not is_shorter("".join(new), "".join(old))


def is_cut_by_words(new: Sequence[str], old: Sequence[str]) -> bool:
    """Whether blocks are first blocks of ``old``, or none, followed by words that ask to pay, subscribe or sign in.

    Words of the old version do not count, and nothing is cut if the text goes on behind the words. A block longer than
    a sentence is text, whatever its words: news may be about paying.
    """
    same, known = _common(new, old), set(_words("".join(old)))
    beginnings = {block[:_SAME_BEGINNING] for block in old}
    rest = new[same:]

    def invites(block: str) -> bool:
        found = set(_words(block)) - known
        is_edited = block[:_SAME_BEGINNING] in beginnings
        return len(found) > 1 or (bool(found) and len(block) <= _SENTENCE and not is_edited)

    first = next((place for place, block in enumerate(rest[:_NEAR]) if invites(block)), None)
    if first is None:
        return False
    # What subscribers get stands behind an invitation, in a few short lines.
    behind = [block for block in rest[first + 1 :] if not invites(block)]
    if len(behind) >= _MANY or set(behind) & set(old):
        return False
    kept = [*new[:same], *(block for place, block in enumerate(rest) if place < first or len(block) > _SENTENCE)]
    return is_shorter("".join(kept), "".join(old))


def _words(text: str) -> list[str]:
    return [word.lower() for word in _INVITING.findall(text)]


def _common(new: Sequence[str], old: Sequence[str]) -> int:
    """Return the number of first blocks that are the same."""
    pairs = zip(new, old, strict=False)
    return next((place for place, (one, other) in enumerate(pairs) if one != other), min(len(new), len(old)))

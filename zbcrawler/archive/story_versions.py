"""Compare the versions of one story: which differences count, which is cut or only a part, which to archive.

Captions do not count as text, because editions differ in which pictures they show. All functions are pure.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta, timezone
from itertools import takewhile
from typing import NamedTuple
from urllib.parse import urlsplit

from zbcrawler.archive.pictures import SOURCE, sources
from zbcrawler.cleaning.links import picture_key
from zbcrawler.common.addresses import NEIGHBOURS, StoryAddress
from zbcrawler.items import Story

TAG = re.compile(r"<[^<>]*>")
FIGURE = re.compile(r"<figure>[^<]*(?:<(?!/?figure>)[^<]*)*</figure>")
# Words of any site that asks its readers to pay, to subscribe or to sign in. They also occur in news.
_INVITING = re.compile(
    "订阅|订户|登录|登入|付费|会员|购买|全文|解锁|免费试用"
    r"|\b(?:subscri(?:be|ber|bers|ption)|(?:sign|log)[ -]?in|sign[ -]?up|unlock|paywall|free trial)\b"
)
_NEAR = 3  # blocks after the common ones that may begin an invitation
_SENTENCE = 60  # characters; one inviting word does not make a longer block an invitation
_SAME_BEGINNING = 6  # characters; a block that begins like an archived one is that block, edited
_MANY = 4  # blocks behind an invitation show that the text goes on
_MOST_UNKNOWN = 2  # blocks that a teaser may have of its own


def same_news(one: Story, other: Story) -> bool:
    """Whether two versions of a story have the same title, time, text and pictures."""
    # The site serves the same picture from several hosts, in several sizes, with tokens that change.
    has_same_words = news_of(one)[:3] == news_of(other)[:3]
    return has_same_words and all(map(same_picture, sources(one.body), sources(other.body)))


def news_of(story: Story) -> tuple[str, float | None, list[str], list[str]]:
    """Return what tells two versions of a story apart: title, time, text, and the names of its pictures."""
    time = story.published.timestamp() if story.published else None
    return story.title, time, [SOURCE.sub("", line) for line in story.body], list(map(picture_key, sources(story.body)))


def same_time(one: datetime | None, other: datetime | None) -> bool:
    """Whether two times are the same as far as editions give them: seconds, minutes, or only a day (site-layouts 9)."""
    if one is None or other is None or one == other:
        return one is other or one == other
    one, other = sorted((one, other))
    return other - one < (timedelta(days=1) if one.time() == time() else timedelta(minutes=0 if one.second else 1))


def was_clamped(date: datetime, published: datetime, now: datetime) -> bool:
    """Whether a post has the time of its collection as its date, and the site's own time has come since."""
    return date < published <= now and not same_time(date, published)


def is_empty(story: Story) -> bool:
    """Whether a cleaned story's body has neither text nor a picture."""
    return not words(story) and not any("<img " in line for line in story.body)


def missing_field(story: Story) -> str | None:
    """Return the field that a cleaned story lacks, ``title`` or ``body``; None if it has both."""
    return "title" if not story.title else "body" if is_empty(story) else None


def words(story: Story) -> str:
    """Return the text of a story's blocks without markup."""
    return "".join(TAG.sub("", line) for line in story.body)


def blocks(story: Story) -> list[str]:
    """Return the words of each block of a story that has words."""
    return list(filter(None, (TAG.sub("", FIGURE.sub("", line)).strip() for line in story.body)))


def text(story: Story) -> str:
    return "".join(blocks(story))


def is_shorter(new: str, old: str | int) -> bool:
    """Whether a text lost more than 10 characters of another text, or a tenth of one below 100 characters."""
    length = old if isinstance(old, int) else len(old)
    return length - len(new) > min(10, length // 10)  # fewer are a correction


def is_beginning(new: str, old: str, longest: int = 0) -> bool:
    """Whether ``new`` only begins ``old``, or is shorter and less than half of ``old`` or the longest version."""
    return len(new) < len(old) and (old.startswith(new) or len(new) * 2 < max(len(old), longest))


def is_part(new: Sequence[str], old: Sequence[str], longest: int = 0) -> bool:
    """Whether blocks may be only a part of ``old``, if no marker tells a cut from an edit: a beginning, or a teaser."""
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
    """Whether blocks are first blocks of ``old``, or none, followed by words that ask to pay, subscribe or sign in."""
    # Words of the old version do not count. A block longer than a sentence is text: news may be about paying.
    same, known = _common(new, old), set(_INVITING.findall("".join(old).lower()))
    beginnings = {block[:_SAME_BEGINNING] for block in old}
    rest = new[same:]

    def invites(block: str) -> bool:
        found = set(_INVITING.findall(block.lower())) - known
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


class PostFile(NamedTuple):
    number: str
    day: date
    path: str


def by_story(found: Iterable[PostFile]) -> list[list[PostFile]]:
    """Return the files of each story, the stories sorted by day and number."""
    stories: list[list[PostFile]] = []
    for file in sorted(found):
        first = stories[-1][0] if stories else None
        if first and first.number == file.number and file.day - first.day <= timedelta(days=max(NEIGHBOURS)):
            stories[-1].append(file)
        else:
            stories.append([file])
    return sorted(stories, key=lambda files: (files[0].day, int(files[0].number)))


def choose(versions: Mapping[str, Story]) -> tuple[str, list[tuple[str, str]]]:
    """Return the path of the version to archive, and the paths of the others with the reasons against them.

    ``versions`` are cleaned stories by their paths. Choose the latest complete version, because collectors date a
    page when they fetch it; of several with the same title and body, the earliest; if none is complete, the longest.
    The path decides between equals.
    """
    texts = {path: tuple(blocks(story)) for path, story in versions.items()}
    contents = {path: (story.title, story.body) for path, story in versions.items()}
    different = set(texts.values())
    flaws = {path: flaw for path, story in versions.items() if (flaw := _describe_flaw(story, texts[path], different))}

    def rank(path: str) -> tuple[bool, datetime | int, datetime | int]:
        when, length = versions[path].date or datetime.min.replace(tzinfo=timezone.utc), sum(map(len, texts[path]))
        return (False, length, when) if path in flaws else (True, when, length)

    latest = max(sorted(versions), key=rank)
    # Versions with the same content were fetched again unchanged, so the earliest date is the most accurate.
    same = [path for path in sorted(versions) if contents[path] == contents[latest]]
    best = min(same, key=lambda path: _first_date(versions[path]))
    reasons = []
    for path in [path for path in versions if path != best]:
        when = "of the same time" if versions[path].date == versions[best].date else "earlier"
        reasons.append((path, flaws.get(path) or ("the same" if path in same else when)))
    return best, reasons


def address_of(versions: Iterable[Story]) -> StoryAddress:
    """Return the address of the earliest version: the address first archived stays (post layout)."""
    return min(versions, key=lambda story: (_first_date(story), story.address.url)).address


def same_picture(one: str, other: str) -> bool:
    """Whether two addresses at the same place of two versions show the same picture."""
    hosts = urlsplit(one).netloc, urlsplit(other).netloc
    if hosts[0] == hosts[1]:
        return picture_key(one) == picture_key(other)
    return all(hosts)  # the address of a kept picture has no host


def _describe_flaw(story: Story, own: Sequence[str], others: Iterable[Sequence[str]]) -> str:
    others = [other for other in others if other != own]
    if story.truncated or any(is_cut_by_words(own, other) for other in others):
        return "cut by the paywall"
    return "only a part" if any(is_part(own, other) for other in others) else ""


def _first_date(story: Story) -> datetime:
    return story.date or datetime.max.replace(tzinfo=timezone.utc)


def _common(new: Sequence[str], old: Sequence[str]) -> int:
    """Return the number of first blocks that are the same."""
    return len(list(takewhile(lambda pair: pair[0] == pair[1], zip(new, old, strict=False))))

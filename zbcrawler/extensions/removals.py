"""Says what the cleaner dropped, so that a person can see that no reader's words were among it."""

from __future__ import annotations

import json
import logging
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree
from scrapy import signals
from scrapy.exceptions import NotConfigured

from zbcrawler.common.text import letters, one_line, shorten
from zbcrawler.signals import body_cleaned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.html import HtmlElement
    from scrapy.crawler import Crawler
    from typing_extensions import Self

    from zbcrawler.common.addresses import StoryAddress

logger = logging.getLogger(__name__)

# Of each rule so many different texts are told apart, and so much of each.
_MOST_TEXTS = 1000
_LONGEST_TEXT = 200
# So much of that is in the report.
_SHOWN_TEXTS = 5
_SHOWN_LENGTH = 40


class Removed(NamedTuple):
    """An element that was dropped.

    :ivar rule: the rule's name
    :ivar text: its words
    :ivar html: its markup, empty if nobody asked for it
    """

    rule: str
    text: str
    html: str


@dataclass
class _Dropped:
    """What one rule dropped.

    :ivar elements: how many
    :ivar texts: their words, by how often they came
    :ivar further: how many had words that came after ``texts`` was full
    """

    elements: int = 0
    texts: Counter[str] = field(default_factory=Counter)
    further: int = 0

    def add(self, said: str) -> None:
        self.elements += 1
        said = said[:_LONGEST_TEXT]
        if not letters(said):
            return
        if said in self.texts or len(self.texts) < _MOST_TEXTS:
            self.texts[said] += 1
        else:
            self.further += 1

    def __str__(self) -> str:
        if not self.texts:
            return f"{self.elements} (no words)"
        often = self.texts.most_common(_SHOWN_TEXTS)
        spoken = self.texts.total() + self.further
        shown = [f"“{shorten(said, _SHOWN_LENGTH)}” {count}×" for said, count in often]
        if rest := spoken - sum(count for _, count in often):
            shown.append(f"other words {rest}×")
        if silent := self.elements - spoken:
            shown.append(f"no words {silent}×")
        return f"{self.elements}: {', '.join(shown)}"


class Removals:
    """Counts dropped elements and their words by rule; writes each of them to ``REMOVED_FILE``, one JSON line each."""

    def __init__(self, crawler: Crawler) -> None:
        """:raises NotConfigured: if ``REMOVALS`` is off and no ``REMOVED_FILE`` is given"""
        self.file_name = crawler.settings.get("REMOVED_FILE")
        if not self.file_name and not crawler.settings.getbool("REMOVALS"):
            raise NotConfigured
        self.rules: dict[str, _Dropped] = defaultdict(_Dropped)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        removals = cls(crawler)
        crawler.signals.connect(removals.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(removals.body_cleaned, signal=body_cleaned)
        crawler.signals.connect(removals.spider_closed, signal=signals.spider_closed)
        return removals

    def spider_opened(self) -> None:
        if self.file_name:
            Path(self.file_name).write_bytes(b"")

    def body_cleaned(self, address: StoryAddress, removed: Sequence[tuple[str, HtmlElement]]) -> None:
        self.add(address, [describe(rule, element, bool(self.file_name)) for rule, element in removed])

    def add(self, address: StoryAddress, removed: Sequence[Removed]) -> None:
        """Take in what was dropped from one body."""
        for one in removed:
            self.rules[one.rule].add(one.text)
        if self.file_name and removed:
            with Path(self.file_name).open("a", encoding="utf-8", newline="\n") as file:
                file.writelines(_line(address, one) for one in removed)

    def spider_closed(self) -> None:
        for line in self.report():
            logger.info(line)

    def report(self) -> list[str]:
        """Return a line for each rule that dropped something."""
        return [f"dropped: {rule} {dropped}" for rule, dropped in sorted(self.rules.items())]


def describe(rule: str, element: HtmlElement, with_html: bool) -> Removed:
    """Return what was dropped, as text.

    :param rule: the rule's name
    :param with_html: whether its markup is asked for
    """
    html = etree.tostring(element, encoding="unicode", method="html", with_tail=False) if with_html else ""
    return Removed(rule, _words(element), html)


def _words(element: HtmlElement) -> str:
    """Return the text in ``element`` as one line, without that of scripts and styles."""
    texts = element.xpath(".//text()[not(ancestor-or-self::script or ancestor-or-self::style)]")
    return one_line(" ".join(texts))


def _line(address: StoryAddress, removed: Removed) -> str:
    line = {"post": address.url, **removed._asdict()}
    return json.dumps(line, ensure_ascii=False) + "\n"

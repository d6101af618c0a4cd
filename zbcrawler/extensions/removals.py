"""Report what the cleaner dropped, so that a person can check that no text of a story was lost."""

from __future__ import annotations

import json
import logging
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree
from lxml.html import HtmlElement
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.text import letters, one_line, shorten
from zbcrawler.signals import CrawlerPart, body_cleaned, receives

logger = logging.getLogger(__name__)

# The number of different texts counted per rule, and of the characters compared.
_MOST_TEXTS, _LONGEST_TEXT = 1000, 200
# The number of texts shown per rule, the most frequent first, and of the characters of each.
_SHOWN_TEXTS, _SHOWN_LENGTH = 5, 40


@dataclass
class _Tally:
    """What one rule dropped."""

    elements: int = 0
    with_words: int = 0
    texts: Counter[str] = field(default_factory=Counter)

    def add(self, text: str) -> None:
        self.elements += 1
        text = text[:_LONGEST_TEXT]
        if letters(text):
            self.with_words += 1
            if text in self.texts or len(self.texts) < _MOST_TEXTS:
                self.texts[text] += 1

    def __str__(self) -> str:
        if not self.texts:
            return f"{self.elements} (no words)"
        frequent = self.texts.most_common(_SHOWN_TEXTS)
        shown = [f"“{shorten(text, _SHOWN_LENGTH)}” {count}×" for text, count in frequent]
        if rest := self.with_words - sum(count for _, count in frequent):
            shown.append(f"other words {rest}×")
        if silent := self.elements - self.with_words:
            shown.append(f"no words {silent}×")
        return f"{self.elements}: {', '.join(shown)}"


class Removals(CrawlerPart):
    """Count dropped elements and their words by rule; write each element to ``REMOVED_FILE`` as a line of JSON."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.file_name = crawler.settings.get("REMOVED_FILE")
        if not self.file_name and not crawler.settings.getbool("REMOVALS"):
            raise NotConfigured
        self.rules: dict[str, _Tally] = defaultdict(_Tally)

    @receives(signals.spider_opened)
    def spider_opened(self) -> None:
        if self.file_name:
            Path(self.file_name).write_bytes(b"")

    @receives(body_cleaned)
    def body_cleaned(self, address: StoryAddress, removed: Sequence[tuple[str, HtmlElement]]) -> None:
        lines = []
        for rule, element in removed:
            text = _text_of(element)
            self.rules[rule].add(text)
            if self.file_name:
                html = etree.tostring(element, encoding="unicode", method="html", with_tail=False)
                line = {"post": address.url, "rule": rule, "text": text, "html": html}
                lines.append(json.dumps(line, ensure_ascii=False) + "\n")
        if lines:
            with Path(self.file_name).open("a", encoding="utf-8", newline="\n") as file:
                file.writelines(lines)

    @receives(signals.spider_closed)
    def spider_closed(self) -> None:
        for line in self.report():
            logger.info(line)

    def report(self) -> list[str]:
        """Return a line for each rule that dropped something."""
        return [f"dropped: {rule} {tally}" for rule, tally in sorted(self.rules.items())]


def _text_of(element: HtmlElement) -> str:
    texts = element.xpath(".//text()[not(ancestor-or-self::script or ancestor-or-self::style)]")
    return one_line(" ".join(texts))

"""Report what the cleaner dropped, so that a person can check that no text of a story was lost."""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from lxml import etree
from lxml.html import HtmlElement
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.text import letters, one_line, shorten
from zbcrawler.downloading.spider_protocol import CrawlerPart

_MOST_TEXTS, _LONGEST_TEXT = 1000, 200  # different texts counted per rule, and characters compared
_SHOWN_TEXTS, _SHOWN_LENGTH = 5, 40  # the most frequent texts of a rule, and characters shown


class Removals(CrawlerPart):
    """Count dropped elements and their words by rule; write each element to ``REMOVED_FILE`` as a line of JSON."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.file_name = crawler.settings.get("REMOVED_FILE")
        if not self.file_name and not crawler.settings.getbool("REMOVALS"):
            raise NotConfigured
        # How often each rule dropped each text; "" counts elements without words, None words beyond ``_MOST_TEXTS``.
        self.rules: dict[str, Counter[str | None]] = defaultdict(Counter)

    def spider_opened(self) -> None:
        if self.file_name:
            Path(self.file_name).write_bytes(b"")

    def body_cleaned(self, address: StoryAddress, removed: Sequence[tuple[str, HtmlElement]]) -> None:
        lines = []
        for rule, element in removed:
            words = element.xpath(".//text()[not(ancestor-or-self::script or ancestor-or-self::style)]")
            text = one_line(" ".join(words))
            texts, key = self.rules[rule], text[:_LONGEST_TEXT] if letters(text[:_LONGEST_TEXT]) else ""
            texts[key if not key or key in texts or len(texts) < _MOST_TEXTS else None] += 1
            if self.file_name:
                html = etree.tostring(element, encoding="unicode", method="html", with_tail=False)
                line = {"post": address.url, "rule": rule, "text": text, "html": html}
                lines.append(json.dumps(line, ensure_ascii=False) + "\n")
        if lines:
            with Path(self.file_name).open("a", encoding="utf-8", newline="\n") as file:
                file.writelines(lines)

    def spider_closed(self) -> None:
        for line in self.report():
            self.logger.info(line)

    def report(self) -> list[str]:
        return [f"dropped: {rule} {_describe(texts)}" for rule, texts in sorted(self.rules.items())]


def _describe(texts: Counter[str | None]) -> str:
    total, silent = sum(texts.values()), texts[""]
    if total == silent:
        return f"{total} (no words)"
    frequent = [(text, count) for text, count in texts.most_common(_SHOWN_TEXTS + 2) if text][:_SHOWN_TEXTS]
    shown = [f"“{shorten(text, _SHOWN_LENGTH)}” {count}×" for text, count in frequent]
    if rest := total - silent - sum(count for _, count in frequent):
        shown.append(f"other words {rest}×")
    if silent:
        shown.append(f"no words {silent}×")
    return f"{total}: {', '.join(shown)}"

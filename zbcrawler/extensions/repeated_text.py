"""Report words that the site puts into many stories, such as a new advert in the text, and the rule that drops them."""

from __future__ import annotations

from scrapy import signals
from scrapy.crawler import Crawler

from zbcrawler.archive.archive import Archive
from zbcrawler.archive.repeated_blocks import RepeatedBlock, RepeatedBlocks
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.clock import Clock
from zbcrawler.common.outcomes import Outcome
from zbcrawler.common.text import letters, shorten
from zbcrawler.downloading.spider_protocol import CrawlingSpider
from zbcrawler.editions import EDITIONS
from zbcrawler.signals import CrawlerPart, receives, story_settled


class RepeatedText(CrawlerPart):
    """Look for such words in new posts and in edits of a realtime run; see ``archive/repeated_blocks.py``."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.archive = Archive.from_settings(crawler.settings)
        self.clock = Clock.from_settings(crawler.settings)
        self.began = self.clock.now()
        self.new: set[StoryAddress] = set()

    @receives(story_settled)
    def story_settled(self, address: StoryAddress | str, outcome: Outcome) -> None:
        if outcome is Outcome.NEW and isinstance(address, StoryAddress):
            self.new.add(address)

    @receives(signals.spider_closed)
    def spider_closed(self, spider: CrawlingSpider) -> None:
        if not spider.journals or self.archive.dry_run:
            return
        try:
            blocks = RepeatedBlocks(spider.state, self.clock.now())
            if self.new:
                blocks.find(self.archive, self.new)
        except (OSError, OverflowError) as error:
            self.signals.problem(f"archive {self.archive.root}", f"repeated text could not be looked for: {error}")
            return
        for block in blocks.report(self.began):
            report = self.signals.note if block.reported else self.signals.problem
            report("repeated text", self._describe(block))

    def _describe(self, block: RepeatedBlock) -> str:
        read = [name.split("/")[2] for name in self.crawler.stats.get_stats() if name.startswith("zbcrawler/edition/")]
        words, reason = letters(block.text), f"the site's own words since {block.since}"
        places = "".join(edition.letter for edition in EDITIONS if edition.name in read)
        rule = f'Rule("words-{words[:4]}", "{places}", "{reason}", sentences="{words}"),'
        file = "zbcrawler/cleaning/noise_rules.py"
        if learnt := [name for name in read if name.startswith("learnt")]:
            rule, file = f'- {{sentence: "{words}", reason: "{reason}"}}', f"_data/editions/{learnt[0]}.yml"
        what = f"“{shorten(block.text)}” is in many stories since {block.since}, first in {', '.join(block.stories)}"
        return f"{what}; edits no longer add it. If it is not part of the stories, add to {file}: {rule}"

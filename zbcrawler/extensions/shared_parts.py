"""Report what stories share: words that the site puts into many, such as a new advert in the text, and numbers."""

from datetime import date
from pathlib import PurePosixPath

from scrapy.crawler import Crawler

from zbcrawler.archive import disk, posts
from zbcrawler.archive.repeated_blocks import RepeatedBlock, RepeatedBlocks
from zbcrawler.archive.story_versions import PostFile, by_story
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import Outcome
from zbcrawler.common.text import letters, shorten
from zbcrawler.downloading.spider_protocol import CrawlerPart, CrawlingSpider
from zbcrawler.editions import EDITIONS

_DAYS_APART = 183  # between two stories of one number: a run must not list the posts of all years


class SharedParts(CrawlerPart):
    """Compare new stories, and the edits of a realtime run, with the archive when the run ends."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.began = self.clock.now()
        self.settled: set[str] = set()  # the numbers of all stories
        self.new: set[StoryAddress] = set()

    def story_settled(self, address: StoryAddress | str, outcome: Outcome) -> None:
        if isinstance(address, StoryAddress):
            self.settled.add(address.number)
            if outcome is Outcome.NEW:
                self.new.add(address)

    def spider_closed(self, spider: CrawlingSpider) -> None:
        try:
            self._report_numbers()
            if spider.journals and not self.archive.dry_run:
                blocks = RepeatedBlocks(spider.state, self.clock.now())
                if self.new:
                    blocks.find(self.archive, self.new)
                for block in blocks.report(self.began):
                    if block.reported:
                        self.signals.note("repeated text", self._describe(block))
                    else:
                        self.signals.problem("repeated text", self._describe(block), once=True)
        except (OSError, OverflowError, ValueError) as error:
            self.signals.problem(f"archive {self.archive.root}", f"what stories share could not be looked for: {error}")

    def _describe(self, block: RepeatedBlock) -> str:
        read = [name.split("/")[2] for name in self.crawler.stats.get_stats() if name.startswith("zbcrawler/edition/")]
        words, reason = letters(block.text), f"the site's own words since {block.since}"
        places = "".join(edition.letter for edition in EDITIONS if edition.name in read)
        rule = f'Rule("words-{words[:4]}", "{places}: {reason}", sentences="{words}"),'
        file = "zbcrawler/cleaning/noise_rules.py"
        if learnt := [name for name in read if name.startswith("learnt")]:
            rule, file = f'- {{sentence: "{words}", reason: "{reason}"}}', f"_data/editions/{learnt[0]}.yml"
        what = f"“{shorten(block.text)}” is in many stories since {block.since}, first in {', '.join(block.stories)}"
        return f"{what}; edits no longer add it. If it is not part of the stories, add to {file}: {rule}"

    def _report_numbers(self) -> None:
        notes = self.archive.notes.numbers
        known = self.settled.intersection(path.stem for path in notes.paths())  # a summary has shown them
        for number, addresses in self._find_shared().items():
            if addresses != notes.find(number):
                notes.add(number, addresses)
                known.discard(number)
                self.signals.problem(addresses[0], _describe_number(number, addresses), once=True)
        for number in sorted(known, key=int):
            if addresses := notes.find(number):
                self.signals.note(addresses[0], _describe_number(number, addresses))

    def _find_shared(self) -> dict[str, list[str]]:
        """Return the addresses of the archived stories that share a new story's number, by number."""
        numbers = set() if self.archive.dry_run else {address.number for address in self.new}
        found = {address.day.toordinal() for address in self.new}
        near = {day + n for day in found for n in range(-_DAYS_APART, _DAYS_APART + 1)}
        days = map(date.fromordinal, sorted(near))
        named = map(PurePosixPath, disk.posts_with(self.archive.root, numbers, days) if numbers else ())
        files = [PostFile(path.stem[11:], date.fromisoformat(path.stem[:10]), str(path)) for path in named]
        shared: dict[str, list[str]] = {}
        for story in by_story(files):
            text = (self.archive.root / story[0].path).read_text("utf-8", "replace")
            shared.setdefault(story[0].number, []).append(posts.read_link(text) or story[0].path)
        return {number: addresses for number, addresses in shared.items() if len(addresses) > 1}


def _describe_number(number: str, addresses: list[str]) -> str:
    return f"number {number} is used by {' and '.join(addresses)}; each has its own post"

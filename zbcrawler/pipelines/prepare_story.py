"""Clean a story's body, set its date, and check it: without a headline or a text it is not archived."""

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from zbcrawler.archive.story_versions import missing_field
from zbcrawler.cleaning import clean
from zbcrawler.common.errors import BodyError, PageTooSlowError
from zbcrawler.common.markup import TimeBudget
from zbcrawler.common.text import one_line
from zbcrawler.common.times import start_of
from zbcrawler.downloading.spider_protocol import CrawlerPart
from zbcrawler.items import Story
from zbcrawler.signals import body_cleaned


class PrepareStoryPipeline(CrawlerPart):
    """Set ``body``, ``title``, ``truncated`` and ``date``; count what the rules drop, and fields that are missing."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.page_seconds = crawler.settings.getfloat("PAGE_SECONDS")

    def process_item(self, item: Story) -> Story:
        """Return the story, ready to be written; raise DropItem if it has no title or no body that can be cleaned."""
        try:
            if (result := item.cleaned) is None:
                with TimeBudget(self.page_seconds, item.address):
                    result = clean(item.raw, item.origin, item.noise)
        except PageTooSlowError as error:
            raise DropItem(str(error)) from error
        except BodyError as error:
            raise DropItem(f"{item.address}: {error}") from error
        item.title = one_line(item.title)
        # An imported post may be marked as truncated although its body no longer shows the paywall.
        item.body, item.truncated = result.lines, item.truncated or result.truncated
        item.raw, item.noise, item.cleaned = [], {}, None
        for rule, _ in result.removed:
            self.signals.count(f"dropped/{rule}")
        self.signals.send(body_cleaned, address=item.address, removed=result.removed)
        self.signals.count(f"edition/{item.source}")
        if item.published is None:
            self.signals.count(f"missing/time/{item.source}")
        if not (item.imported and item.date):  # an imported story keeps its date (post layout)
            # Static-site builders leave out posts with a future date.
            latest = item.fetched or self.clock.now()
            item.date = min(item.published or start_of(item.address.day), latest)
        if missing := missing_field(item):
            self.signals.count(f"missing/{missing}/{item.source}")
            what = f"the {item.source} page has no {missing}; if a browser shows one, the site has changed"
            raise DropItem(f"{item.address}: {what}")
        return item

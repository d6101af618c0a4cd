"""Read single pages as a run does, without writing, and report the findings of one."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement
from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.http import Response
from twisted.python.failure import Failure
from typing_extensions import Self

from zbcrawler.archive import posts
from zbcrawler.archive.disk import EDITIONS as LEARNT
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.arguments import archive_dir, site_hosts
from zbcrawler.common.errors import PageError
from zbcrawler.common.markup import TimeBudget
from zbcrawler.common.text import one_line, shorten
from zbcrawler.common.times import SINGAPORE, Clock
from zbcrawler.downloading.failures import describe_failure
from zbcrawler.editions import EDITIONS, Edition, Editions, Page, read_declared
from zbcrawler.editions.edition import Listing
from zbcrawler.editions.expanded import expand
from zbcrawler.editions.field_sources import FieldValue
from zbcrawler.editions.learnt import LearntEdition
from zbcrawler.editions.page import check_own_address
from zbcrawler.items import Story
from zbcrawler.pipelines.prepare_story import PrepareStoryPipeline
from zbcrawler.signals import connect_signals
from zbcrawler.tools.saved_pages import own_address, read_saved


@dataclass
class PageFindings:
    """What was found on one page; None stands for steps that were not reached."""

    page: Page | None = None
    collected: datetime | None = None  # when the page was fetched (aware)
    edition: Edition | None = None
    listing: Listing | None = None
    details: Mapping[str, FieldValue] = field(default_factory=dict)
    story: Story | None = None  # as it would be written, unless there was a problem; only of a story page
    removed: Sequence[tuple[str, HtmlElement]] = ()  # by the cleaner: the rule's name, the element
    problem: str = ""  # why the page could not be read to its end, empty if it was
    is_unreadable: bool = False  # no edition reads the page, perhaps because of a redesign


class PageReader:
    """Reads pages as a run does, by their address as a listing or as a story, and writes nothing."""

    def __init__(self, crawler: Crawler, own_hosts: frozenset[str]) -> None:
        self.settings, self.own_hosts = crawler.settings, own_hosts
        self.removed: Sequence[tuple[str, HtmlElement]] = ()
        self._pipeline = PrepareStoryPipeline(crawler)
        connect_signals(crawler, self)

    def read(self, response: Response, address: str = "") -> PageFindings:
        """Read a page; ``address``: where it was on the site, if the response does not say."""
        found = PageFindings()
        try:
            with TimeBudget(self.settings.getfloat("PAGE_SECONDS"), response.url):
                self._read(response, address, found)
            if found.story:
                self._pipeline.process_item(found.story)
                found.removed = self.removed
        except (PageError, DropItem) as error:
            found.problem, found.is_unreadable = str(error), getattr(error, "is_unreadable", False)
        return found

    def body_cleaned(self, removed: list[tuple[str, HtmlElement]]) -> None:
        self.removed = removed

    def _read(self, response: Response, place: str, found: PageFindings) -> None:
        if response.status != 200:
            raise PageError(f"{response.url}: answered {response.status}")
        kept = read_saved(Page.of(response).text)
        place = place or kept.address
        if not place and response.url.startswith("file:"):
            place = own_address(Page("", kept.text))
        found.page = page = Page(place or response.url, kept.text)
        # A saved page has whole seconds, and a listing's times count from them.
        found.collected = now = Clock.from_settings(self.settings).now().replace(microsecond=0)
        editions = Editions(read_declared(Path(archive_dir(self.settings)) / LEARNT))
        found.edition = edition = editions.edition_of(page)
        if page.address.startswith("file:"):
            raise PageError(f"{page.address}: does not contain its address on the site; give --address URL")
        address = StoryAddress.parse(page.address, self.own_hosts)
        if address is None:
            found.listing = edition.listing(page, now)
            return
        check_own_address(page, address, edition.own_links(page))
        found.story = edition.story(page, address)
        found.details = edition.details(page)


class ProbeSpider(Spider):
    """Reads one page, and keeps the findings."""

    name = "probe"
    reader: PageReader

    def __init__(self, link: str, address: str) -> None:
        """Prepare to read; an empty ``address`` stands for the address that the page gives itself."""
        super().__init__()
        self.link, self.address = link, address
        self.own_hosts = frozenset({urlsplit(link).netloc.lower()})
        self.findings = PageFindings()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.own_hosts |= site_hosts(crawler.settings)
        spider.reader = PageReader(crawler, spider.own_hosts)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        yield Request(self.link, errback=self.failed, meta={"allow_offsite": True, "handle_httpstatus_all": True})

    def parse(self, response: Response) -> None:
        self.findings = self.reader.read(response, self.address)

    def failed(self, failure: Failure) -> None:
        self.findings.problem = describe_failure(failure)


def report(probe: PageFindings) -> Iterator[str]:
    if probe.page:
        yield _row("page", probe.page.address)
        if probe.story and not probe.page.is_whole:
            yield _row("note", "the page has no </body> or </html> behind its text; a crawl refuses it as broken off")
        yield from describe_edition(probe.edition, probe.page)
    if probe.listing is not None:
        yield from _listing(probe.listing)
    if probe.story:
        yield from _story(probe, probe.story)
    if probe.problem:
        yield f"failed: {probe.problem}"
    elif probe.story:
        yield from ("", "The post:", "", posts.render(probe.story).rstrip("\n"))


def describe_edition(edition: Edition | None, page: Page) -> Iterator[str]:
    """Name the edition of a page and its landmarks; if it is unknown, that which the page resembles most."""
    if isinstance(edition, LearntEdition):
        marks = [part["landmarks"] for part in edition.parts]
        by = next(", ".join(one) for one in marks if all(map(expand(page).all, one)))
        yield _row("edition", f"{edition.name}, learnt", by)
    elif edition:
        by = ", ".join(mark.where for mark in edition.LANDMARKS if mark.read(page))
        yield _row("edition", f"{edition.name} ({edition.letter}), served {edition.served}", by)
    else:
        yield _row("edition", "unknown")
        yield from _describe_resemblance(page)


def _describe_resemblance(page: Page) -> Iterator[str]:
    """Name the edition with the largest share of its own marks in the page, of several the newest; and these marks."""
    found: dict[Edition, dict[str, bool]] = {}
    for edition in EDITIONS:
        found[edition] = {css: page.first(css) is not None for css in (*edition.ENTRIES, *edition.BODY)}
        sources = (*edition.LANDMARKS, *edition.TITLE, *edition.PUBLISHED)
        found[edition] |= {source.where: bool(source.read(page)) for source in sources}
    # Marks of several editions (h1, meta og:title) say nothing.
    count = Counter(where for marks in found.values() for where in marks)
    own = {one: {where: marks[where] for where in marks if count[where] == 1} for one, marks in found.items()}
    edition, marks = max(own.items(), key=lambda item: sum(item[1].values()) / len(item[1]))
    if not any(marks.values()):
        yield _row("resembles", "no known edition: the page has none of their marks")
        return
    yield _row("resembles", f"most {edition.name} ({edition.letter}), {sum(marks.values())} of its {len(marks)} marks")
    for where, stands in sorted(marks.items(), key=lambda item: not item[1]):
        yield _row("has" if stands else "lacks", where)


def _listing(listing: Listing) -> Iterator[str]:
    yield _row("listing", f"{len(listing.entries)} entries")
    for entry in listing.entries:
        when = entry.time.astimezone(SINGAPORE).isoformat(" ", "minutes") if entry.time else "no time"
        yield _row("entry", f"{when}  {entry.link}  {entry.title}")
    yield _row("next", listing.next or ("none" if listing.is_all else "unknown: how the page loads more is not known"))


def _story(probe: PageFindings, story: Story) -> Iterator[str]:
    yield _row("title", _value(story.title), story.places["title"])
    yield _row("published", _value(story.published), story.places["published"])
    if not probe.problem:
        characters = sum(len(line) for line in story.body)
        cut = ", cut by the paywall" if story.truncated else ""
        yield _row("body", f"{len(story.body)} blocks, {characters} characters{cut}", story.places["body"])
        day = story.address.day
        if probe.edition and probe.edition.served.ended_before(day):
            yield _row("note", f"the address is of {day}, when this edition was no longer served; a new edition?")
    for name, found in probe.details.items():
        yield _row(name, _value(found.value), found.where)
    for rule, element in probe.removed:
        yield _row("dropped", f"{rule}: {_element(element)}")


def _value(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(SINGAPORE).isoformat()
    return "、".join(value) if isinstance(value, tuple) and value else str(value or "-")


def _row(name: str, value: str, place: str = "") -> str:
    return f"{name:<10} {value}" + (f"    <- {place}" if place else "")


def _element(element: HtmlElement) -> str:
    names = (element.get("class") or "").split()
    mark = f"#{element.get('id')}" if element.get("id") else "".join(f".{name}" for name in names[:2])
    words = one_line("".join(element.itertext()))
    return f"{element.tag}{mark}" + (f" “{shorten(words)}”" if words else "")

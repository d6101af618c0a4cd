"""What the spiders of the site share: where it answers, and what becomes of one story."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.exceptions import IgnoreRequest
from scrapy.spidermiddlewares.httperror import HttpError

from zbcrawler import arguments
from zbcrawler.addresses import StoryAddress, kind_of
from zbcrawler.archive import Archive
from zbcrawler.clock import Clock
from zbcrawler.downloadermiddlewares import LeavesTheSiteError
from zbcrawler.editions import Details, Page, edition_of
from zbcrawler.exceptions import PageError
from zbcrawler.outcomes import Outcome, run_note, run_problem, story_requested, story_settled

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings
    from twisted.python.failure import Failure
    from typing_extensions import Self

    from zbcrawler.editions import Edition
    from zbcrawler.items import Story

_GONE = frozenset({404, 410})


class SiteSpider(Spider):
    """A spider of the site.

    :cvar ARGUMENTS: for each argument, what reads it
    :ivar site: ``scheme://host[:port]`` where the site answers
    :ivar own_hosts: hosts (with port, if any) that stand for the site besides its public ones
    """

    ARGUMENTS: ClassVar[dict[str, Callable[[str], Any]]] = {}

    def __init__(self, name: str | None = None, **given: Any) -> None:
        """:raises ArgumentError: if an argument is unknown or not allowed"""
        super().__init__()
        if name is not None:  # Scrapy's own first argument, but none of ours
            given["name"] = name
        vars(self).update(arguments.read_arguments(self.ARGUMENTS, given))

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """:raises ArgumentError: if an argument or a setting is not allowed"""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.prepare(crawler.settings)
        return spider

    def prepare(self, settings: BaseSettings) -> None:
        """Takes from the settings what the spider needs.

        :raises ArgumentError: if a setting is not allowed
        """
        self.site = arguments.site_url(settings)
        self.archive = Archive.from_settings(settings)
        arguments.site_url(settings, "PICTURE_SITE")
        self.wants_details = bool(arguments.front_matter_keys(settings))
        self.clock = Clock.from_settings(settings)
        self.own_hosts = frozenset({urlsplit(self.site).netloc.lower()})
        self._site_known = asyncio.Event()
        self._ended: set[str] = set()  # editions that were met after their time

    # -- the site's own address ------------------------------------------------------------------

    async def start(self) -> AsyncIterator[Request]:
        """Asks for one page first, to learn where the site answers.

        If that is its other domain, the run stays there, instead of paying a redirect a story.
        """
        for request in self.first_requests():
            yield request
            await self._site_known.wait()

    def first_requests(self) -> Iterator[Request]:
        """What to begin with; each request is made when the one before has been sent."""
        raise NotImplementedError

    def learn_site(self, response: Response) -> None:
        """Notes where the site answers; to be called with a page that was read successfully."""
        asked = response.meta.get("redirect_urls", [response.url])[0]
        if urlsplit(asked).path == urlsplit(response.url).path:
            parts = urlsplit(response.url)
            self.site = f"{parts.scheme}://{parts.netloc}"
            self.own_hosts |= {parts.netloc.lower()}

    def site_answered(self) -> None:
        """Lets the other first requests go out; to be called whatever the first answer was."""
        self._site_known.set()

    # -- one story -------------------------------------------------------------------------------

    def story_request(self, address: StoryAddress, section: str, **options: Any) -> Request:
        """The request for a story; whatever becomes of it is told by ``story_settled``."""
        self._send(story_requested, section=section, address=address)
        return Request(
            self.site + address.path,
            callback=self.parse_story,
            errback=self.story_failed,
            cb_kwargs={"section": section, "address": address},
            **options,
        )

    def parse_story(self, response: Response, section: str, address: StoryAddress) -> Iterator[Story]:
        """Reads a story page."""
        here = StoryAddress.parse(response.url, self.own_hosts)
        if here is None:
            self._redirected(section, address, response.url)
            return
        if here.number != address.number:
            self.settle_absent(section, address, Outcome.SKIPPED, "redirects to another story")
            return
        try:
            page = Page.of(response)
            edition = edition_of(page)
            reading = edition.story(page)
        except PageError as error:
            self.settle(section, address, Outcome.FAILED, str(error))
            return
        self.learn_site(response)
        self._note_age(edition, address)
        # Most readers want none of it, and some pages would have to be parsed for it.
        details = edition.details(page) if self.wants_details else Details()
        story = reading.as_story(address, section, page.origin)
        story.byline, story.keywords = details.byline, details.keywords
        story.updated, story.image = details.updated, details.image
        yield story

    def _note_age(self, edition: Edition, address: StoryAddress) -> None:
        # A new build may carry an old one's marks, and be read so, and half of it be lost.
        if edition.served.ended_before(address.day) and edition.name not in self._ended:
            self._ended.add(edition.name)
            what = f"is read as the {edition.name} edition, which was served {edition.served}; a redesign?"
            self.note(str(address), f"{what} scrapy probe {self.site}{address.path} shows what came of it")

    def _redirected(self, section: str, address: StoryAddress, url: str) -> None:
        kind = kind_of(url, self.own_hosts)
        if kind is None:  # a front page, a login, a notice: it may be so for every story
            self.settle(section, address, Outcome.FAILED, f"{address}: redirects to {url}, which is no story")
        else:
            self.settle_absent(section, address, Outcome.SKIPPED, kind)

    def story_failed(self, failure: Failure) -> None:
        """Tells what became of a story that was not answered with a page."""
        details = failure.request.cb_kwargs
        section, address = details["section"], details["address"]
        status = failure.value.response.status if failure.check(HttpError) else None
        if status in _GONE:
            self.settle_absent(section, address, Outcome.GONE, f"answered {status}")
        elif failure.check(LeavesTheSiteError):
            self._redirected(section, address, failure.value.address)
        else:
            self.settle(section, address, Outcome.FAILED, why(failure))

    def settle(self, section: str, address: StoryAddress | str, outcome: Outcome, reason: str = "") -> None:
        """Tells the run what became of a story."""
        self._send(story_settled, section=section, address=address, outcome=outcome, reason=reason)

    def settle_absent(self, section: str, address: StoryAddress, outcome: Outcome, reason: str) -> None:
        """As :meth:`settle`; the archive remembers it, so that later runs do not take it for news."""
        try:
            if self.archive.find(address) is None:
                self.archive.note_absence(address, reason)
        except OSError as error:
            outcome, reason = Outcome.FAILED, f"{address} {reason}, which could not be noted: {error}"
        self.settle(section, address, outcome, reason)

    def problem(self, where: str, what: str) -> None:
        """Tells the run of something that needs a person."""
        self._send(run_problem, where=where, what=what)

    def note(self, where: str, what: str) -> None:
        """Tells the run of something that a reader of its summary should know."""
        self._send(run_note, where=where, what=what)

    def _send(self, signal: object, **details: Any) -> None:
        self.crawler.signals.send_catch_log(signal, **details)


def why(failure: Failure) -> str:
    """In plain words, why a request failed."""
    if failure.check(HttpError):
        return f"{failure.value.response.url}: answered {failure.value.response.status}"
    address = getattr(getattr(failure, "request", None), "url", "")
    if failure.check(IgnoreRequest):
        return f"{address}: not fetched: {failure.value}"
    # Twisted's own messages are lists of objects.
    message = failure.getErrorMessage()
    reason = failure.type.__name__ if not message or message.startswith("[<") else message
    return f"{address}: no answer: {reason}"

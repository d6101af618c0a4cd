"""What the spiders of the site share: where it answers, and what becomes of one story."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.exceptions import IgnoreRequest
from scrapy.spidermiddlewares.httperror import HttpError

from zbcrawler.archive.front_matter import front_matter_keys
from zbcrawler.archive.state import KEPT_FOR, PageRecord, RunState
from zbcrawler.archive.store import Archive
from zbcrawler.common import arguments, options
from zbcrawler.common.addresses import StoryAddress, kind_of
from zbcrawler.common.clock import Clock
from zbcrawler.common.errors import PageError, PostError
from zbcrawler.common.outcomes import Outcome
from zbcrawler.common.times import shown, start_of
from zbcrawler.downloading.retry_after import NotAskedError
from zbcrawler.downloading.stay_on_site import LeavesTheSiteError
from zbcrawler.editions import Page, edition_of, story_of
from zbcrawler.signals import asking_must_end, run_note, run_problem, site_asked_to_wait, story_requested, story_settled

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings
    from twisted.python.failure import Failure
    from typing_extensions import Self

    from zbcrawler.editions import Edition
    from zbcrawler.items import Story

_GONE = frozenset({404, 410})
_NOT_MODIFIED = 304
# How the reason of a story's absence begins if the site has no page for it.
ANSWERED = "answered"


class SiteSpider(Spider):
    """A spider of the site.

    :cvar ARGUMENTS: for each argument, what reads it
    """

    ARGUMENTS: ClassVar[dict[str, Callable[[str], Any]]] = {}
    sections: tuple[str, ...] = ()
    owes = True
    journals = False
    finds_again = False

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
        crawler.signals.connect(spider.leave_alone, signal=site_asked_to_wait)
        crawler.signals.connect(spider.remember_page, signal=story_settled)
        return spider

    @property
    def state_name(self) -> str:
        """The file of the state, which is that of all runs that ask the same."""
        return "state"

    def prepare(self, settings: BaseSettings) -> None:
        """Take from the settings what the spider needs.

        :raises ArgumentError: if a setting is not allowed
        """
        self.site = options.site_url(settings)
        self.archive = Archive.from_settings(settings)
        self.owed = self.archive.notes.owed
        self.state = RunState.of(self.archive, self.name, self.state_name)
        self.give_up_after = options.whole_number(settings, "GIVE_UP_AFTER", 1)
        options.site_url(settings, "PICTURE_SITE")
        self.wants_details = bool(front_matter_keys(settings))
        self.clock = Clock.from_settings(settings)
        self.own_hosts = frozenset({urlsplit(self.site).netloc.lower()})
        self._site_known = asyncio.Event()
        self._ended: set[str] = set()  # editions that were met after their time
        self.got: dict[str, PageRecord] = {}  # by number, how the page of a story that is on its way was got
        self.rechecked: set[str] = set()  # numbers of stories that are fetched though nothing tells of a change
        self._in_vain = 0  # stories in a row that were not to be had

    # -- the site's own address ------------------------------------------------------------------

    async def start(self) -> AsyncIterator[Request]:
        """Asks for one page first, to learn where the site answers.

        If that is its other domain, the run stays there, instead of paying a redirect a story.
        """
        self.check_retry_after()
        for request in self.first_requests():
            yield request
            await self._site_known.wait()

    def first_requests(self) -> Iterator[Request]:
        """Yield what to begin with; each request is made when the one before has been sent."""
        raise NotImplementedError

    def check_retry_after(self) -> None:
        try:
            until = self.state.wait_until
        except OSError as error:
            self.end_with("state of the runs", str(error))
            return
        if self.state.was_broken:
            what = f"{self.state.path}: could not be read and was begun anew; that costs requests, and no story"
            self.note("state of the runs", what)
        # A time further away is another clock's.
        if until and timedelta() < until - self.clock.now() <= timedelta(days=1):
            what = f"{self.site}: asked to be left alone until {shown(until)}"
            self.end_with("site", what)
        else:
            self.state.wait_until = None

    def leave_alone(self, address: str, until: datetime) -> None:
        """End the asking, of this run and of those that begin before the time that the site named."""
        self.state.wait_until = until
        what = f"{address}: the site asks to be left alone until {shown(until)} (Retry-After)"
        self.end_with("site", what)

    def learn_site(self, response: Response) -> None:
        """Note where the site answers; to be called with a page that was read successfully."""
        asked = response.meta.get("redirect_urls", [response.url])[0]
        if urlsplit(asked).path == urlsplit(response.url).path:
            parts = urlsplit(response.url)
            self.site = f"{parts.scheme}://{parts.netloc}"
            self.own_hosts |= {parts.netloc.lower()}

    def site_answered(self) -> None:
        """Lets the other first requests go out; to be called whatever the first answer was."""
        self._site_known.set()

    # -- one story -------------------------------------------------------------------------------

    def announce(self, address: StoryAddress, section: str) -> None:
        """Tells that a story will be asked for; whatever becomes of it is told by ``story_settled``."""
        self._send(story_requested, section=section, address=address)

    def was_asked_for(self, number: str) -> bool:
        """Whether this run asks for a story, which was not settled without that."""
        return self.state.is_planned(number)

    def story_request(self, address: StoryAddress, section: str, known: Path | None, **meta: Any) -> Request:
        """Return the request for a story that was announced.

        :param known: its post; with one, the page need not be sent if it is still the same
        """
        url = self.site + address.path
        return Request(
            url,
            callback=self.parse_story,
            errback=self.story_failed,
            headers=self._unless_the_same(address, url) if known else None,
            cb_kwargs={"section": section, "address": address},
            meta={"handle_httpstatus_list": [_NOT_MODIFIED], **meta},
        )

    def _unless_the_same(self, address: StoryAddress, url: str) -> dict[str, str]:
        last = self.state.page_record(address.number)
        if last is None or last.url != url:  # another host may serve another edition
            return {}
        headers = {"If-None-Match": last.etag, "If-Modified-Since": last.modified}
        return {name: value for name, value in headers.items() if value}

    def _note_page(self, response: Response, address: StoryAddress) -> None:
        etag, modified = ((response.headers.get(name) or b"").decode("latin-1") for name in ("ETag", "Last-Modified"))
        last = self.state.page_record(address.number)
        if response.status == _NOT_MODIFIED and last:
            etag, modified = etag or last.etag, modified or last.modified
        at = response.meta.get("fetched") or self.clock.now()
        self.got[address.number] = PageRecord(response.url, etag, modified, at)

    def remember_page(self, address: StoryAddress | str, outcome: Outcome) -> None:
        """Note how a story's page was got, once the archive has what it says."""
        page = self.got.pop(getattr(address, "number", ""), None)
        # An old story is hardly ever asked for again.
        if page and outcome.is_archived and page.time - start_of(address.day) < KEPT_FOR:
            self.state.add_page_record(address.number, page)

    def parse_story(self, response: Response, section: str, address: StoryAddress) -> Iterator[Story]:
        """Read a story page."""
        self._note_page(response, address)
        if response.status == _NOT_MODIFIED:
            self.reset_failures()
            self.settle(section, address, Outcome.UNCHANGED)
            return
        here = StoryAddress.parse(response.url, self.own_hosts)
        if here is None:
            self._redirected(section, address, response.url)
            return
        if here.number != address.number:
            self.settle_absent(section, address, "another story")
            return
        try:
            page = Page.of(response)
            edition = edition_of(page)
            story = story_of(edition, page, address, section, self.wants_details)
        except PageError as error:
            self.failed(section, address, str(error))
            return
        self.reset_failures()
        self.learn_site(response)
        self._note_age(edition, address)
        story.fetched = self.got[address.number].time
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
            self.settle_absent(section, address, kind)

    def story_failed(self, failure: Failure) -> None:
        """Tells what became of a story that was not answered with a page."""
        details = failure.request.cb_kwargs
        section, address = details["section"], details["address"]
        status = failure.value.response.status if failure.check(HttpError) else None
        if failure.check(NotAskedError):
            self.settle(section, address, Outcome.LEFT)
        elif status in _GONE:
            self.settle_absent(section, address, f"{ANSWERED} {status}")
        elif failure.check(LeavesTheSiteError):
            self._redirected(section, address, failure.value.address)
        else:
            self.settle(section, address, Outcome.FAILED, describe_failure(failure))
            if status >= 500 or status == 429 if status else not failure.check(IgnoreRequest):
                self._count_failure(describe_failure(failure))

    def _count_failure(self, reason: str) -> None:
        self._in_vain += 1
        if self._in_vain == self.give_up_after:
            what = f"{self._in_vain} stories in a row were not to be had (GIVE_UP_AFTER), the last: {reason}"
            self.end_with("site", what)

    def reset_failures(self) -> None:
        """Note that a page was had and read."""
        self._in_vain = 0

    def failed(self, section: str, address: StoryAddress, reason: str) -> None:
        """Settles a story that was not to be had or read; after many in a row the run ends."""
        self.settle(section, address, Outcome.FAILED, reason)
        self._count_failure(reason)

    def settle(self, section: str, address: StoryAddress | str, outcome: Outcome, reason: str = "") -> None:
        """Tells the run what became of a story."""
        self._send(story_settled, section=section, address=address, outcome=outcome, reason=reason)

    def settle_absent(self, section: str, address: StoryAddress, reason: str) -> None:
        """Settles a story for which the site has no page, or leads elsewhere.

        It is owed: listed stories answer so for a while, and are there later (site-layouts 4.2). Where that has been
        so for a day it is noted as absent, and no longer owed.
        """
        try:
            debt = self.owed.find(address)
            if not self.archive.notes.absent.has(address) and not (debt and debt.is_gone(self.clock.now())):
                self.settle(
                    section,
                    address,
                    Outcome.OWED,
                    reason if reason.startswith(ANSWERED) else f"leads elsewhere: {reason}",
                )
                return
            self.archive.notes.absent.add(address, reason)
        except (OSError, PostError) as error:
            self.settle(section, address, Outcome.FAILED, f"{address} {reason}, which could not be noted: {error}")
            return
        self.settle_noted(section, address, reason)

    def settle_noted(self, section: str, address: StoryAddress, reason: str) -> None:
        """Settles a story that the archive notes as absent."""
        outcome = Outcome.GONE if reason.startswith(ANSWERED) else Outcome.SKIPPED
        self.settle(section, address, outcome, reason)

    def problem(self, where: str, what: str) -> None:
        """Tells the run of something that needs a person."""
        self._send(run_problem, where=where, what=what)

    def end_with(self, where: str, what: str) -> None:
        """Tells the run of something that needs a person, and that nothing more is to be asked for."""
        self._send(asking_must_end, where=where, what=what)

    def note(self, where: str, what: str) -> None:
        """Tells the run of something that a reader of its summary should know."""
        self._send(run_note, where=where, what=what)

    def _send(self, signal: object, **details: Any) -> None:
        self.crawler.signals.send_catch_log(signal, **details)


def describe_failure(failure: Failure) -> str:
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

"""The past as the Wayback Machine has it, also of stories that the site has no more.

Source: https://archive.org/help/wayback_api.php. Its robots.txt is for those who follow links, and is not asked for:
both addresses are made for programs. What it does ask of them (24 questions a minute to the index, see ``settings``)
is kept.
"""

from __future__ import annotations

import re
from collections import deque
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from scrapy import Request
from scrapy.spidermiddlewares.httperror import HttpError

from zbcrawler.archive.versions import words
from zbcrawler.cleaning import clean
from zbcrawler.common import options
from zbcrawler.common.errors import ArgumentError, BodyError, PageError
from zbcrawler.common.outcomes import Outcome
from zbcrawler.common.text import one_line
from zbcrawler.discovery.cdx import CaptureRecord, read_captures, read_link, time_of
from zbcrawler.discovery.past_source import PastStory
from zbcrawler.downloading.retry_after import NotAskedError
from zbcrawler.editions import Page, edition_of, story_of
from zbcrawler.pipelines.check_story import missing_field
from zbcrawler.spiders.base import describe_failure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.http import Response
    from scrapy.settings import BaseSettings
    from twisted.python.failure import Failure

    from zbcrawler.common.addresses import StoryAddress
    from zbcrawler.discovery.candidates import Candidate
    from zbcrawler.items import Story
    from zbcrawler.spiders.backfill import BackfillSpider

_WHERE = "wayback"
# Of which the index knows pages apart, as it leaves out the ``www.``.
_HOSTS = ("www.zaobao.com", "www.zaobao.com.sg")
# A story that was captured more often than this has hardly a page among them that the newest lack.
_MOST_CAPTURES = 20
_TOO_MANY = 429
_REPLAYED = re.compile(r"/(\d{14})id_/(https?:/.*)$", re.ASCII)


class _Question(NamedTuple):
    """A question to the index.

    :ivar prefix: how the addresses begin that are asked for
    :ivar is_last: whether it is the last one of its month
    :ivar key: of the rest of an answer, empty for its beginning
    """

    prefix: str
    is_last: bool
    key: str = ""


class _Sought(NamedTuple):
    """A story that is asked for.

    :ivar captures: those that are yet to be tried
    :ivar flaw: what is wrong with the newest
    :ivar cut: of the pages that were cut by the paywall the longest, which is taken if there is no better one
    :ivar length: how many letters that has
    """

    section: str
    address: StoryAddress
    captures: tuple[CaptureRecord, ...]
    flaw: str = ""
    cut: Response | None = None
    length: int = 0


class WaybackSource:
    """See :class:`zbcrawler.discovery.past_source.PastSource`. A part is a month: one question a section and host."""

    def __init__(self, spider: BackfillSpider, settings: BaseSettings) -> None:
        """:raises ArgumentError: if a setting or the time is not allowed"""
        self._spider = spider
        self._index = options.web_address(settings, "WAYBACK_INDEX")
        self._pages = options.web_address(settings, "WAYBACK_PAGES")
        self._host = urlsplit(self._pages).netloc.lower()
        self._questions = deque(self._ask_for())
        if not self._questions:
            raise ArgumentError(f"since={spider.since}: lies in the future")
        self._month: dict[str, set[CaptureRecord]] = {}  # by the story's number
        self._captures: dict[str, set[CaptureRecord]] = {}  # of the stories that will be asked for
        self._found = False
        self._failed = False

    def first_request(self) -> None:
        return None

    def next_request(self) -> Request | None:
        if self._questions:
            return self._question(self._questions.popleft())
        return None

    def parts_left(self) -> int:
        return sum(question.is_last for question in self._questions)

    def end(self) -> None:
        self._questions.clear()
        self._failed = True  # what is not found now says nothing

    # -- what there is ---------------------------------------------------------------------------

    def _ask_for(self) -> Iterator[_Question]:
        spider = self._spider
        month, end = spider.since.replace(day=1), min(spider.until, spider.clock.now().date())
        while month <= end:
            prefixes = [f"{host}/{section}/story{month:%Y%m}" for section in spider.sections for host in _HOSTS]
            for prefix in prefixes:
                yield _Question(prefix, prefix == prefixes[-1])
            month = (month + timedelta(days=31)).replace(day=1)

    def _question(self, question: _Question) -> Request:
        asked = {"url": question.prefix, "matchType": "prefix", "output": "json", "filter": "statuscode:200"}
        asked |= {"showResumeKey": "true"} | ({"resumeKey": question.key} if question.key else {})
        return self._request(
            f"{self._index}?{urlencode(asked)}", self.parse_answer, self.question_failed, question=question
        )

    def _request(self, url: str, callback: Any, errback: Any, **more: Any) -> Request:
        meta = {"allow_offsite": True, "dont_obey_robotstxt": True, "autothrottle_dont_adjust_delay": True}
        return Request(url, callback=callback, errback=errback, cb_kwargs=more, meta=meta)

    def parse_answer(self, response: Response, question: _Question) -> None:
        """Take an answer of the index, and gives the month to the spider with the last one."""
        try:
            captures, more = read_captures(response)
        except PageError as error:
            self._lacks(question, str(error))
            return
        for capture in captures:
            self._month.setdefault(capture.address.number, set()).add(capture)
        if more and more != question.key:
            self._questions.appendleft(question._replace(key=more))
        else:
            self._answered(question)

    def question_failed(self, failure: Failure) -> None:
        """The index did not answer; what else there is of the month is taken all the same."""
        question = failure.request.cb_kwargs["question"]
        if not failure.check(NotAskedError):
            self._lacks(question, describe_failure(failure))

    def _lacks(self, question: _Question, what: str) -> None:
        self._failed = True
        self._spider.problem(_WHERE, f"stories may be missing: {what}")
        self._answered(question)

    def _answered(self, question: _Question) -> None:
        if question.is_last:
            found = [PastStory(capture.address) for captures in self._month.values() for capture in captures]
            self._found = self._found or bool(found)
            wanted = self._spider.take(_WHERE, found)
            self._captures |= {number: self._month[number] for number in wanted}
            self._month.clear()
        if not (self._questions or self._found or self._failed):
            until = min(self._spider.until, self._spider.clock.now().date())
            what = f"{self._index}: knows no story from {self._spider.since} to {until}"
            self._spider.problem(_WHERE, f"{what}; are the sections right, and was the site redesigned?")

    # -- one story -------------------------------------------------------------------------------

    def story_request(self, story: Candidate) -> Request:
        captures, digests = [], set()
        for capture in sorted(self._captures.pop(story.address.number), reverse=True):
            if capture.digest not in digests:
                captures.append(capture)
            digests |= {capture.digest} - {""}
        return self._story_request(_Sought(story.section, story.address, tuple(captures[:_MOST_CAPTURES])))

    def _story_request(self, sought: _Sought) -> Request:
        capture = sought.captures[0]
        url = f"{self._pages}/{capture.at}id_/{capture.link}"
        # By section and address other parts of the run know of which story a request is.
        told = {"section": sought.section, "address": sought.address, "sought": sought}
        return self._request(url, self.parse_capture, self.capture_failed, **told)

    def parse_capture(self, response: Response, sought: _Sought, **_: Any) -> Iterator[Story | Request]:
        """Read a captured page; one that is cut, or cannot be read, is followed by an older one."""
        try:
            flaw, length, is_cut = self._judge(response, sought)
        except (PageError, BodyError) as error:
            flaw, length, is_cut = str(error), 0, False
        self._spider.reset_failures()
        if not flaw:
            yield self._story(response, sought)
            return
        if is_cut and length > sought.length:
            sought = sought._replace(cut=response, length=length)
        yield from self._go_on(sought, flaw)

    def capture_failed(self, failure: Failure) -> list[Story | Request]:
        """Return a page that the index names was not sent."""
        sought = failure.request.cb_kwargs["sought"]
        if failure.check(NotAskedError):
            self._spider.settle(sought.section, sought.address, Outcome.LEFT)
            return []
        status = failure.value.response.status if failure.check(HttpError) else 0
        if 400 <= status < 500 and status != _TOO_MANY:
            return list(self._go_on(sought, describe_failure(failure)))
        self._spider.failed(sought.section, sought.address, describe_failure(failure))
        return []

    def _go_on(self, sought: _Sought, flaw: str) -> Iterator[Story | Request]:
        sought = sought._replace(captures=sought.captures[1:], flaw=sought.flaw or flaw)
        if sought.captures:
            yield self._story_request(sought)
        elif sought.cut:
            yield self._story(sought.cut, sought)
        else:
            self._spider.settle(sought.section, sought.address, Outcome.FAILED, sought.flaw)

    def _judge(self, response: Response, sought: _Sought) -> tuple[str, int, bool]:
        """Return what is wrong with a captured page, how long its text is, and whether that was cut."""
        story = self._story(response, sought)
        result = clean(story.raw, story.origin, story.noise)
        story.title, story.body = one_line(story.title), result.lines
        if missing := missing_field(story):
            return f"{response.url}: the {story.edition} page has no {missing}", 0, False
        is_cut = story.truncated or result.truncated
        return f"{response.url}: cut by the paywall" if is_cut else "", len(words(story)), is_cut

    def _story(self, response: Response, sought: _Sought) -> Story:
        """:raises PageError: if it is no page of the story"""
        found = _REPLAYED.search(response.url)
        here = read_link(found[2]) if found and urlsplit(response.url).netloc.lower() == self._host else None
        if here is None or here.number != sought.address.number:
            raise PageError(f"{sought.address}: {response.url} is no page of it")
        page = Page.of(response.replace(url=found[2]))
        story = story_of(edition_of(page), page, sought.address, sought.section, self._spider.wants_details)
        story.fetched = time_of(found[1])
        return story

"""The past according to the Wayback Machine, also stories that the site has no more.

Source: https://archive.org/help/wayback_api.php. The Wayback Machine asks programs to send its index no more than 24
questions a minute; see ``DOWNLOAD_SLOTS`` in the settings.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple
from urllib.parse import urlencode

from scrapy import Request
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from zbcrawler.common import options
from zbcrawler.common.errors import ArgumentError, PageError
from zbcrawler.discovery.candidates import Candidate
from zbcrawler.discovery.captures import CapturedStories, archive_request
from zbcrawler.discovery.cdx import CaptureRecord, read_captures
from zbcrawler.discovery.crawl import Crawl
from zbcrawler.discovery.past_source import PastScope, PastStory, TakePart
from zbcrawler.downloading.failures import describe_failure, request_of, was_not_sent

_WHERE = "wayback"
# The hosts whose pages the index tells apart: it leaves out the ``www.``.
_HOSTS = ("www.zaobao.com", "www.zaobao.com.sg")


class _Question(NamedTuple):
    """A question to the index.

    :ivar prefix: of the addresses
    :ivar is_last: whether it is the last question of its month
    :ivar key: of the rest of an answer, empty for its beginning
    """

    prefix: str
    is_last: bool
    key: str = ""


class WaybackSource:
    """See :class:`zbcrawler.discovery.past_source.PastSource`. A part is a month."""

    def __init__(self, crawl: Crawl, scope: PastScope, take: TakePart, settings: BaseSettings) -> None:
        """Ask for nothing yet.

        :raises ArgumentError: if a setting or the time is not allowed
        """
        self._signals = crawl.signals
        self._take = take
        self._index = options.web_address(settings, "WAYBACK_INDEX")
        self._stories = CapturedStories(crawl, options.web_address(settings, "WAYBACK_PAGES"))
        self._scope = scope._replace(until=min(scope.until, crawl.clock.now().date()))
        self._questions = deque(_questions(self._scope))
        if not self._questions:
            raise ArgumentError(f"since={scope.since}: lies in the future")
        self._month: dict[str, set[CaptureRecord]] = {}  # by the story's number
        self._captures: dict[str, set[CaptureRecord]] = {}  # of the stories that will be requested
        self._found = False
        self._failed = False

    def first_request(self) -> None:
        return None

    def next_request(self) -> Request | None:
        return self._request(self._questions.popleft()) if self._questions else None

    def parts_left(self) -> int:
        return sum(question.is_last for question in self._questions)

    def story_request(self, story: Candidate) -> Request:
        return self._stories.request(story, self._captures.pop(story.address.number))

    def end(self) -> None:
        self._questions.clear()
        self._failed = True  # missing stories are no problem any more

    def _request(self, question: _Question) -> Request:
        asked = {"url": question.prefix, "matchType": "prefix", "output": "json", "filter": "statuscode:200"}
        asked |= {"showResumeKey": "true"} | ({"resumeKey": question.key} if question.key else {})
        url = f"{self._index}?{urlencode(asked)}"
        return archive_request(url, self.parse_answer, self.question_failed, question=question)

    def parse_answer(self, response: Response, question: _Question) -> None:
        """Add an answer of the index; the last answer of a month completes the part."""
        try:
            captures, more = read_captures(response)
        except PageError as error:
            self._fail(question, str(error))
            return
        for capture in captures:
            self._month.setdefault(capture.address.number, set()).add(capture)
        if more and more != question.key:
            self._questions.appendleft(question._replace(key=more))
        else:
            self._finish(question)

    def question_failed(self, failure: Failure) -> None:
        """Report that the index did not answer; the other answers of the month still count."""
        if not was_not_sent(failure):
            self._fail(request_of(failure).cb_kwargs["question"], describe_failure(failure))

    def _fail(self, question: _Question, what: str) -> None:
        self._failed = True
        self._signals.problem(_WHERE, f"stories may be missing: {what}")
        self._finish(question)

    def _finish(self, question: _Question) -> None:
        if question.is_last:
            found = [PastStory(capture.address) for captures in self._month.values() for capture in captures]
            self._found = self._found or bool(found)
            wanted = self._take(_WHERE, found).wanted
            self._captures |= {number: self._month[number] for number in wanted}
            self._month.clear()
        if not (self._questions or self._found or self._failed):
            what = f"{self._index}: knows no story from {self._scope.since} to {self._scope.until}"
            self._signals.problem(_WHERE, f"{what}; are the sections right, and was the site redesigned?")


def _questions(scope: PastScope) -> Iterator[_Question]:
    month: date = scope.since.replace(day=1)
    while month <= scope.until:
        prefixes = [f"{host}/{section}/story{month:%Y%m}" for section in scope.sections for host in _HOSTS]
        for prefix in prefixes:
            yield _Question(prefix, prefix == prefixes[-1])
        month = (month + timedelta(days=31)).replace(day=1)

"""Find past stories in a web archive, including stories that the site no longer has.

Its index (CDX server) says which story pages it has. The Wayback Machine answers with one array of rows, the first of
which names the fields. If more rows exist, an empty row and a row with the key for the next question follow. pywb
answers with one object on each line. Both have the same fields; some names differ.

Sources: https://archive.org/help/wayback_api.php, the README of internetarchive/wayback (wayback-cdx-server), and
pywb's manual. ``DOWNLOAD_SLOTS`` in the settings gives the Wayback Machine's own limit of questions.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from zbcrawler.archive.story_versions import missing_field, words
from zbcrawler.cleaning import clean
from zbcrawler.common import arguments
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import ArgumentError, BodyError, Outcome, PageError
from zbcrawler.common.text import excerpt, one_line
from zbcrawler.discovery.candidates import Candidate
from zbcrawler.discovery.past_stories import PastSource, PastStory
from zbcrawler.downloading.failures import TOO_MANY_REQUESTS, describe_failure, request_of, status_of, was_not_sent
from zbcrawler.editions import Page
from zbcrawler.items import Story

_HOSTS = ("www.zaobao.com", "www.zaobao.com.sg")  # the index ignores ``www.``, so there are no others to ask for
_MOST_CAPTURES = 20  # of a story that are tried; still older ones rarely have text that these lack
# To one question. The Wayback Machine gives up to 150,000 captures in an answer, far more than a section's month has.
_MOST_ANSWERS = 100
_REPLAYED = re.compile(r"/(\d{14})id_/(https?:/.*)$", re.ASCII)


class _Capture(NamedTuple):
    """A story page in a web archive. Captures are sorted by time."""

    at: str  # 20230106000000 (UTC), also the capture's name
    link: str  # as captured
    address: StoryAddress
    digest: str  # of the bytes; may be empty


class _Question(NamedTuple):
    """A question to the index: which addresses with the first of a month's prefixes it has."""

    prefixes: tuple[str, ...]  # those that are not answered yet
    key: str = ""  # to continue a long answer; empty for its beginning
    answers: int = 1  # with the one that this question gets


class _StoryInArchive(NamedTuple):
    """A story that is requested from the web archive."""

    address: StoryAddress
    captures: tuple[_Capture, ...]  # that were not tried yet
    flaw: str = ""  # what is wrong with the newest capture
    cut: Story | None = None  # of the longest page that the paywall cut; used if no page is complete


@dataclass
class WaybackSource(PastSource):
    """List past stories of each month from the index; request captures, the newest first, until one is complete."""

    name, unit = "wayback", "months"

    def __post_init__(self) -> None:
        self._index = arguments.site_url(self.settings, "WAYBACK_INDEX", with_path=True)
        self._pages = arguments.site_url(self.settings, "WAYBACK_PAGES", with_path=True)
        self.scope = self.scope._replace(until=min(self.scope.until, self.crawl.clock.now().date()))
        month: date = self.scope.since.replace(day=1)
        while month <= self.scope.until:
            paths = [f"{section}/story{month:%Y%m}" for section in self.scope.sections]
            self.parts.append(_Question(tuple(f"{host}/{path}" for path in paths for host in _HOSTS)))
            month = (month + timedelta(days=31)).replace(day=1)
        if not self.parts:
            raise ArgumentError(f"since={self.scope.since}: lies in the future")
        self._month: dict[str, set[_Capture]] = {}  # by the story's key
        self._captures: dict[str, set[_Capture]] = {}  # of the stories that will be requested

    @property
    def delay(self) -> float:
        slot = self.settings.getdict("DOWNLOAD_SLOTS").get(urlsplit(self._pages).netloc, {})
        return float(slot.get("delay", super().delay))

    def part_request(self, part: _Question) -> Request:
        asked = {"url": part.prefixes[0], "matchType": "prefix", "output": "json", "filter": "statuscode:200"}
        asked |= {"showResumeKey": "true"} | ({"resumeKey": part.key} if part.key else {})
        url = f"{self._index}?{urlencode(asked)}"
        return _request(url, self.parse_answer, self.question_failed, question=part)

    def parse_answer(self, response: Response, question: _Question) -> None:
        try:
            with self.crawl.time_budget(response.url):
                captures, more = read_captures(response)
        except PageError as error:
            self._finish(question, str(error))
            return
        for capture in captures:
            self._month.setdefault(capture.address.key_in(self._month), set()).add(capture)
        if not more or more == question.key:
            self._finish(question)
        elif question.answers < _MOST_ANSWERS:
            self.parts.appendleft(question._replace(key=more, answers=question.answers + 1))
        else:
            self._finish(question, f"{response.url}: the index has not ended after {_MOST_ANSWERS} answers")

    def question_failed(self, failure: Failure) -> None:
        if not was_not_sent(failure):
            self._finish(request_of(failure).cb_kwargs["question"], describe_failure(failure))

    def _finish(self, question: _Question, what: str = "") -> None:
        if what:  # the other answers of the month still count
            self.problem(f"stories may be missing: {what}")
        if more := question.prefixes[1:]:
            self.parts.appendleft(_Question(more))
        else:
            found = [PastStory(capture.address) for captures in self._month.values() for capture in captures]
            self.is_excused |= bool(found)
            for key in (address.key_in(self._month) for address in self.take(found)):
                self._captures[key] = self._month[key]
            self._month.clear()
        self.check_found(f"{self._index}: knows no story from {self.scope.since} to {self.scope.until}")

    def story_request(self, story: Candidate) -> Request:
        captures = self._captures.pop(story.address.key_in(self._captures))
        newest = {capture.digest or capture: capture for capture in sorted(captures)}
        different = sorted(newest.values(), reverse=True)[:_MOST_CAPTURES]
        return self._next_request(_StoryInArchive(story.address, tuple(different)))

    def _next_request(self, sought: _StoryInArchive) -> Request:
        capture = sought.captures[0]
        url = f"{self._pages}/{capture.at}id_/{capture.link}"
        # Other parts of the run read the story of a request from section and address.
        details = {"section": sought.address.section, "address": sought.address, "sought": sought}
        return _request(url, self.parse_capture, self.capture_failed, **details)

    def parse_capture(self, response: Response, sought: _StoryInArchive, **_: Any) -> Iterator[Story | Request]:
        try:
            with self.crawl.time_budget(response.url):
                story = self._story(response, sought)
        except (PageError, BodyError) as error:
            story, flaw = None, str(error)
        self.crawl.failed_in_a_row = 0
        if story and not story.truncated:
            yield story
            return
        if story:
            flaw = f"{response.url}: cut by the paywall"
            if len(words(story)) > (len(words(sought.cut)) if sought.cut else 0):
                sought = sought._replace(cut=story)
        yield from self._try_older(sought, flaw)

    def capture_failed(self, failure: Failure) -> Iterator[Story | Request]:
        sought: _StoryInArchive = request_of(failure).cb_kwargs["sought"]
        if was_not_sent(failure):
            self.crawl.signals.settle(sought.address.section, sought.address, Outcome.LEFT)
        elif 400 <= status_of(failure) < 500 and status_of(failure) != TOO_MANY_REQUESTS:
            yield from self._try_older(sought, describe_failure(failure))
        else:
            self.crawl.fail(sought.address.section, sought.address, describe_failure(failure))

    def _try_older(self, sought: _StoryInArchive, flaw: str) -> Iterator[Story | Request]:
        sought = sought._replace(captures=sought.captures[1:], flaw=sought.flaw or flaw)
        if sought.captures:
            yield self._next_request(sought)
        elif sought.cut:
            yield sought.cut
        else:
            self.crawl.signals.settle(sought.address.section, sought.address, Outcome.FAILED, sought.flaw)

    def _story(self, response: Response, sought: _StoryInArchive) -> Story:
        """Return the story of a capture, perhaps cut; raise PageError or BodyError if it cannot be archived."""
        found = _REPLAYED.search(response.url)
        is_archive = urlsplit(response.url).netloc.lower() == urlsplit(self._pages).netloc.lower()
        here = StoryAddress.parse(found[2]) if found and is_archive else None
        if not found or here is None or not here.is_same_story(sought.address):
            raise PageError(f"{sought.address}: {response.url} is not a page of this story")
        page = Page.of(response.replace(url=found[2]))
        page.check_whole()
        story = self.crawl.editions.read_story(page, sought.address, sought.address.section, self.crawl.wants_details)
        story.fetched = _time_of(found[1])
        result = clean(story.raw, story.origin, story.noise)
        story.title, story.body = one_line(story.title), result.lines
        story.truncated |= result.truncated
        if missing := missing_field(story):
            raise PageError(f"{response.url}: the {story.edition} page has no {missing}")
        return story


def _request(url: str, callback: Any, errback: Any, **details: Any) -> Request:
    """Return a request to a web archive; its addresses are made for programs, so robots.txt does not apply."""
    meta = {"allow_offsite": True, "dont_obey_robotstxt": True, "autothrottle_dont_adjust_delay": True}
    return Request(url, callback=callback, errback=errback, cb_kwargs=details, meta=meta)


def _time_of(name: str) -> datetime:
    """Return the time (aware) of a capture such as ``20230106000000``; raise ValueError if it is none."""
    return datetime.strptime(name, "%Y%m%d%H%M%S").replace(tzinfo=timezone.utc)


def read_captures(response: Response) -> tuple[list[_Capture], str]:
    """Return the story pages with status 200, and the key for the next question (empty: none); raise PageError."""
    more = ""
    try:
        text = response.body.decode().strip()
        if text.startswith("["):
            names, *rows = json.loads(text) or [[]]
            if len(rows) > 1 and rows[-2] == []:
                *rows, _, (more, *_) = rows
            records: list[dict[str, Any]] = [dict(zip(names, row, strict=True)) for row in rows]
        else:
            records = [json.loads(line) for line in text.splitlines()]
        captures = []
        for row in records:
            link = row["original"] if "original" in row else row["url"]
            if row.get("statuscode", row.get("status")) == "200" and (address := StoryAddress.parse(link)):
                _time_of(row["timestamp"])  # raises for a wrong time
                captures.append(_Capture(row["timestamp"], link, address, str(row.get("digest") or "")))
        return captures, more
    except (ValueError, RecursionError, TypeError, AttributeError, LookupError) as error:
        raise PageError(f"{response.url}: not an answer of a CDX server: {excerpt(error)}") from error

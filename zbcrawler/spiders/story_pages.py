"""Read the pages of stories, and settle stories without a page."""

from collections.abc import Iterator

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from twisted.python.failure import Failure

from zbcrawler.archive.decide import IS_LATE, note_seen
from zbcrawler.archive.run_state import KEPT_FOR, PageRecord
from zbcrawler.common.addresses import StoryAddress, kind_of
from zbcrawler.common.errors import LeavesTheSiteError, OtherStoryError, Outcome, PageError
from zbcrawler.common.times import start_of
from zbcrawler.discovery.crawl_context import ANSWERED, Crawl
from zbcrawler.discovery.due_times import published_at
from zbcrawler.downloading.failures import TOO_MANY_REQUESTS, describe_failure, request_of, status_of, was_not_sent
from zbcrawler.editions import Page
from zbcrawler.items import Story
from zbcrawler.signals import page_unreadable

_NOT_MODIFIED = 304
_CONDITIONS = {b"If-None-Match", b"If-Modified-Since"}
_ANOTHER_STORY = "another story"  # the reason if an address leads to one
_LONGEST_MARK = 500  # characters; the site's have some thirty


class StoryPages:
    def __init__(self, crawl: Crawl) -> None:
        self._crawl = crawl
        self._fetched: dict[str, PageRecord] = {}  # by key, pages whose stories are not settled yet
        self._ended: set[str] = set()  # editions that were seen after their last day, and reported

    def request(self, address: StoryAddress, section: str, is_conditional: bool = False) -> Request:
        """Return the request for an announced story; ``is_conditional``: only if the page has changed."""
        url = self._crawl.site.url + address.path
        last = self._crawl.state.page_record(address) if is_conditional else None
        if last and last.url != url:  # another host may serve another edition
            last = None
        headers = {"If-None-Match": last.etag, "If-Modified-Since": last.modified} if last else {}
        headers = {name: value for name, value in headers.items() if value}
        details, meta = {"section": section, "address": address}, {"handle_httpstatus_list": [_NOT_MODIFIED]}
        return Request(url, self.read, headers=headers, errback=self.fail, cb_kwargs=details, meta=meta)

    def read(self, response: Response, section: str, address: StoryAddress) -> Iterator[Story]:
        """Read a story page, or settle the story if the answer is another page."""
        crawl = self._crawl
        crawl.site.answered.set()  # the requests that wait go on when this method has learnt the host
        fetched = self._fetched[address.key_in(self._fetched)] = self._record(response, address)
        if response.status == _NOT_MODIFIED:
            self._settle_unmodified(response, section, address)
            return
        here = StoryAddress.parse(response.url, crawl.site.hosts)
        if not (here and here.is_same_story(address)):
            self._settle_redirected(section, address, response.url)
            return
        try:
            with crawl.time_budget(response.url):
                page = Page.of(response)
                page.check_whole()
                story = crawl.editions.read_story(page, address, section, crawl.wants_details)
        except PageError as error:
            if isinstance(error, OtherStoryError) and error.other.endswith(f"-{address.number}"):
                # With one number and another day, the site may have moved the story, as by a redirect.
                crawl.settle_absent(section, address, _ANOTHER_STORY)
                return
            if error.is_unreadable:
                crawl.signals.send(page_unreadable, response=response, section="")
            crawl.fail(section, address, str(error), error.is_unreadable)
            return
        crawl.failed_in_a_row = 0
        crawl.site.learn(response)
        self._note_age(story.edition, address)
        story.fetched = fetched.time
        if fetched.published is None:
            fetched = fetched._replace(published=published_at(story.published, address.day, fetched.time))
        if story.published and story.published > fetched.time:
            # A later run sets the post's date right, for which it needs the page.
            fetched = fetched._replace(etag="", modified="")
        self._fetched[address.key_in(self._fetched)] = fetched
        yield story

    def _settle_unmodified(self, response: Response, section: str, address: StoryAddress) -> None:
        crawl, last = self._crawl, self._crawl.state.page_record(address)
        # After a redirect, the answer is about another page than the one that is archived.
        conditions = _CONDITIONS & set(response.request.headers if response.request else ())
        was_asked = conditions and last and response.url == last.url
        try:
            if was_asked and crawl.archive.find(address):
                crawl.failed_in_a_row = 0
                crawl.signals.settle(section, address, Outcome.UNCHANGED)
                return
        except OSError as error:
            crawl.fail(section, address, f"{address}: the archive cannot be read: {error}")
            return
        crawl.state.add_page_record(address, None)  # the next try sends no condition
        what = f"{response.url}: answered 304 (not modified), which nobody asked for; a cache in disorder?"
        crawl.fail(section, address, what)

    def fail(self, failure: Failure) -> Iterator[Request]:
        """Settle a story whose page did not answer; request it again if its conditions are refused."""
        self._crawl.site.answered.set()
        request, status = request_of(failure), status_of(failure)
        section, address = request.cb_kwargs["section"], request.cb_kwargs["address"]
        is_trouble = status >= 500 or status == TOO_MANY_REQUESTS
        if status in (400, 412, 431) and _CONDITIONS & set(request.headers):  # a cache may be in disorder
            unconditional = set(request.headers) - _CONDITIONS
            yield request.replace(headers={name: request.headers[name] for name in unconditional})
        elif was_not_sent(failure):
            self._crawl.signals.settle(section, address, Outcome.LEFT)
        elif status in (404, 410):
            self._crawl.settle_absent(section, address, f"{ANSWERED} {status}")
        elif isinstance(failure.value, LeavesTheSiteError):
            self._settle_redirected(section, address, failure.value.address)
        elif is_trouble if status else not isinstance(failure.value, IgnoreRequest):
            self._crawl.fail(section, address, describe_failure(failure))
        else:
            self._crawl.signals.settle(section, address, Outcome.FAILED, describe_failure(failure))

    def story_settled(self, address: StoryAddress | str, outcome: Outcome, reason: str) -> None:
        """Note how a page was fetched, once the archive has its story."""
        if not isinstance(address, StoryAddress):
            return
        page = self._fetched.pop(address.key_in(self._fetched), None)
        if page is None or not outcome.is_archived or reason == IS_LATE:  # a late page is to be asked for again
            return
        note_seen(self._crawl.state, address)
        # An old story is hardly ever requested again.
        if page.time - start_of(address.day) < KEPT_FOR:
            self._crawl.state.add_page_record(address, page)

    def _record(self, response: Response, address: StoryAddress) -> PageRecord:
        given = ((response.headers.get(name) or b"").decode("latin-1") for name in ("ETag", "Last-Modified"))
        # The run state keeps both for each story, and half a mark would match no page.
        etag, modified = (mark if len(mark) <= _LONGEST_MARK else "" for mark in given)
        last = self._crawl.state.page_record(address)
        if response.status == _NOT_MODIFIED and last:
            # Those of the answer may belong to a version, or to a story, that is not archived.
            etag, modified = last.etag, last.modified
        fetched = response.meta.get("fetched") or self._crawl.clock.now()
        return PageRecord(response.url, etag, modified, fetched, last.published if last else None)

    def _note_age(self, name: str, address: StoryAddress) -> None:
        # A new edition with landmarks of an old one would be read as the old one, and may lose text.
        served = self._crawl.editions.served(name)
        if served and served.ended_before(address.day) and name not in self._ended:
            self._ended.add(name)
            what = f"is read as the {name} edition, which was served {served}; a redesign?"
            probe = f"scrapy probe {self._crawl.site.url}{address.path} shows what was read"
            self._crawl.signals.note(str(address), f"{what} {probe}")

    def _settle_redirected(self, section: str, address: StoryAddress, url: str) -> None:
        hosts = self._crawl.site.hosts
        if kind := _ANOTHER_STORY if StoryAddress.parse(url, hosts) else kind_of(url, hosts):
            self._crawl.settle_absent(section, address, kind)
        else:  # a front page, a login or a notice
            what = f"{address}: redirects to {url}, which is no story"
            self._crawl.signals.settle(section, address, Outcome.FAILED, what)

"""Learn, at the end of a run, to read pages that no edition reads: archived stories show where their words stand."""

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from difflib import SequenceMatcher
from functools import partial
from typing import Any, TypeVar
from zlib import crc32

import yaml
from scrapy import Request
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from zbcrawler.archive import posts
from zbcrawler.archive.disk import edition_path
from zbcrawler.archive.place import command_line
from zbcrawler.archive.story_versions import same_time
from zbcrawler.cleaning import clean
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import (
    BodyError,
    EditionFileError,
    PageError,
    PageTooHardError,
    PageTooSlowError,
    PostError,
)
from zbcrawler.common.markup import TimeBudget
from zbcrawler.common.text import letters
from zbcrawler.common.times import SINGAPORE
from zbcrawler.discovery.crawl_context import Crawl
from zbcrawler.discovery.unreadable import (
    LISTING,
    STORY,
    UNREAD_STORIES,
    UnreadablePages,
    forget_page,
    is_due,
    small_page,
)
from zbcrawler.downloading.failures import describe_failure, request_of
from zbcrawler.downloading.middlewares import LEARNS
from zbcrawler.editions import Editions, Page
from zbcrawler.editions.expanded import ExpandedPage, expand
from zbcrawler.editions.learning.listings import LearntListing, ListingPage, learn_listing
from zbcrawler.editions.learning.stories import Learnt, Lesson, choose, learn_stories
from zbcrawler.editions.learnt import LearntEdition, edition_of
from zbcrawler.editions.page import check_own_address
from zbcrawler.items import Story
from zbcrawler.signals import edition_learnt

_POOL = 200  # archived stories of which the teachers are chosen
_FEW = 3  # archived stories that an edition must read before only the listing is learnt
_LIKE = 0.7  # of the blocks, in order, of a story that an edition reads
_REJECTED = 4  # pages that are not the archived stories', before no more are requested
_LISTED = 6  # listed stories that are read if the archive has too few of them
_MOST_BYTES = 20_000_000  # of all pages that teach

_Value = TypeVar("_Value")
Steps = Generator[Request, "Response | Failure", _Value]


class Learner:
    """Request archived stories, and write the edition that they teach. Each answer resumes one generator."""

    def __init__(self, crawl: Crawl, unreadable: UnreadablePages, settings: BaseSettings, by_hand: bool) -> None:
        """``by_hand``: a person asked to learn: do it whatever was tried today, and without unreadable pages, too."""
        self.crawl, self.unreadable, self.by_hand = crawl, unreadable, by_hand
        self.most = settings.getint("LEARN_REQUESTS")
        self.seconds = settings.getfloat("LEARN_SECONDS")
        self.least = settings.getint("LEARN_STORIES")
        self.least_equal = settings.getfloat("LEARN_EQUAL")
        self.kinds: dict[str, Page] = {}  # that must be learnt, with an unreadable page of each
        self.lessons: list[Lesson] = []
        self.learnt: dict[str, Learnt] = {}  # by kind
        self.requests = 0
        self.rejected: list[str] = []  # why pages do not teach

    def first_request(self, sections: Sequence[str]) -> Request | None:
        """Return the first request; None if there is nothing to learn, or it was tried in vain a short time ago."""
        found = self.unreadable.kinds if self.most else {}
        self.kinds = {kind: page for kind, page in found.items() if is_due(self.crawl, kind, page) or self.by_hand}
        if not self.most:
            return None
        if not (self.kinds or self.by_hand):
            what = f"such pages taught nothing in the last day; {command_line('learn', self.crawl.archive.root)} tries"
            self.crawl.signals.note("learning", f"was not tried again: {what}")
            return None
        self.crawl.state.save()  # a killed run has tried, too
        self._steps = self._learn(self.crawl.archive.newest_stories(sections, _POOL))
        return next(self._steps, None)

    def answer(self, answer: Response | Failure) -> Iterator[Request]:
        """Make the next request, if there is one."""
        with suppress(StopIteration):
            yield self._steps.send(answer)

    def _learn(self, pool: list[Story]) -> Steps[None]:
        if what := (yield from self._ask_teachers(pool)):
            self._end(what)
            return
        editions = self.crawl.editions
        if STORY in self.kinds:
            learnt = _timed(self.seconds, learn_stories, self.lessons, self.least, self.least_equal)
            self._keep(STORY, learnt, [lesson.page for lesson in self.lessons])
            if learnt.declaration:
                editions = Editions((LearntEdition({"name": "new", STORY: learnt.declaration}), *editions.learnt))
        if LISTING in self.kinds:
            self._keep(LISTING, (yield from self._learn_listings(editions)), self.unreadable.listings.values())
        self._finish(Counter(self.crawl.archive.notes.halves.find(story.address) for story in pool))

    def _keep(self, kind: str, learnt: Learnt, pages: Iterable[Page]) -> None:
        """Keep what was learnt, with the editions in code that recognise the pages, and read them no more."""
        self.learnt[kind] = learnt
        if learnt.declaration:
            known = map(self.crawl.editions.known_of, pages)
            learnt.declaration["replaces"] = sorted({edition.name if edition else "" for edition in known})

    def _ask_teachers(self, pool: list[Story]) -> Steps[str]:
        """Request archived stories; return why they cannot teach, empty if they can."""
        size = 0
        for story in choose(pool, self.most):
            if self.requests >= self.most - (self.most // 4 if LISTING in self.kinds else 0) or size > _MOST_BYTES:
                break
            if page := (yield from self._ask(self.crawl.site.url + story.address.path, story)):
                self.lessons.append(Lesson(page, story))
                size += len(page.text)
            if self.unreadable.is_over:
                return "the run must send no more requests"
            if len(self.rejected) >= max(_REJECTED, len(self.lessons)):
                return f"{len(self.rejected)} pages of archived stories cannot teach it, the last: {self.rejected[-1]}"
            if STORY not in self.kinds and len(self.lessons) == _FEW:
                last = self.lessons[-1].page
                are_read = sum(_is_read(self.crawl, lesson) for lesson in self.lessons) >= _FEW - 1
                if are_read or not (is_due(self.crawl, STORY, last) or self.by_hand):
                    break
                self.kinds[STORY] = last
        return "" if self.lessons else "the archive has no stories of these sections that could teach it"

    def _ask(self, url: str, story: Story | None = None) -> Steps[Page | None]:
        """Request a page; return None and note why if it is no page, or not that of the archived story."""
        self.requests += 1
        meta, headers = {LEARNS: True, "dont_retry": True}, {"Cache-Control": "no-cache"}
        answer = yield Request(url, self.answer, headers=headers, errback=self.answer, meta=meta)
        request = request_of(answer) if isinstance(answer, Failure) else answer.request
        self.requests += request.meta.get("redirect_times", 0) if request else 0
        try:
            if isinstance(answer, Failure):
                raise PageError(describe_failure(answer))
            with self.crawl.time_budget(answer.url):
                page = _page_of(answer, story, self.crawl.site.hosts)
        except PageError as error:
            self.rejected.append(str(error))
            return None
        self.crawl.site.learn(answer)
        return page

    def _learn_listings(self, editions: Editions) -> Steps[Learnt]:
        site, now = self.crawl.site, self.crawl.clock.now()
        listings = self.unreadable.listings.items()
        pages = [ListingPage(ExpandedPage(page.address, page.text), name, now, site.hosts) for name, page in listings]
        teach = [lesson.page for lesson in self.lessons]
        read: dict[StoryAddress, Story] = {}

        def known(address: StoryAddress) -> Story | None:
            path = self.crawl.archive.find(address)
            with suppress(PostError):
                return self.crawl.archive.read(path) if path else read.get(address)
            return None

        learn = partial(learn_listing, pages, known, teach)
        result = _timed(self.seconds, learn)
        if not result.declaration and result.unread:
            for address in result.unread[: min(_LISTED, max(0, self.most - self.requests))]:
                if page := (yield from self._ask(site.url + address.path)):
                    with suppress(PageError), self.crawl.time_budget(page.address):
                        read[address] = editions.read_story(page, address, "", False)
            result = _timed(self.seconds, learn)
        for url in result.next_pages()[: max(0, self.most - self.requests)]:
            page = yield from self._ask(url)
            if page and _timed(self.seconds, result.goes_on, url, ExpandedPage(page.address, page.text)) is True:
                break
        return result

    def _finish(self, halves: Counter[str]) -> None:
        """Write what was learnt, and report this and what was not learnt."""
        says = "; ".join(f"{kind} pages: {one.says}" for kind, one in self.learnt.items())
        proved = {kind: one for kind, one in self.learnt.items() if one.declaration}
        if not proved:
            self._end(says or "no page is unreadable")
            return
        try:
            name = _write(self.crawl, proved, halves.most_common(1)[0][0])
        except (OSError, EditionFileError) as error:
            self.crawl.signals.problem("learning", f"the edition cannot be written: {error}")
            return
        lacks = self.kinds.keys() - proved
        reads = ("listings only" if STORY in lacks else "story pages only") if lacks else "new pages"
        what = f"{name} reads the {reads}, learnt from {len(self.lessons)} archived stories: {says}"
        shows = command_line(f"probe {next(self.kinds[kind].address for kind in proved)}", self.crawl.archive.root)
        what += f"; {'no story can be archived' if STORY in lacks else 'later runs archive with it'}; {shows} shows how"
        if STORY in self.kinds:
            self.crawl.state.note_fact(UNREAD_STORIES, what if STORY in lacks else "")
        for kind in proved:
            forget_page(self.crawl, kind)
        self.crawl.state.save()
        signals, is_good = self.crawl.signals, self.by_hand and not lacks
        signals.note("learning", what) if is_good else signals.problem("learning", what, once=not lacks)

    def _end(self, what: str) -> None:
        report = self.crawl.signals.problem if self.by_hand and self.kinds else self.crawl.signals.note
        report("learning", f"nothing was learnt in {self.requests} requests: {what}")


def _timed(seconds: float, learn: Callable[..., _Value], *given: Any) -> _Value | LearntListing:
    try:
        with TimeBudget(seconds, "learning"):
            return learn(*given)
    except PageTooHardError as error:
        return LearntListing(None, str(error))
    except PageTooSlowError:
        return LearntListing(None, f"took over {seconds:g} seconds (LEARN_SECONDS)")


def _page_of(response: Response, story: Story | None, hosts: frozenset[str]) -> Page:
    """Return the page of a response; raise PageError if it is none, or not that of the archived story."""
    if (page := small_page(response)) is None:
        raise PageTooHardError(f"{response.url}: is no page, or too large to learn from")
    if story is None:
        return page
    here = StoryAddress.parse(response.url, hosts)
    if here is None or not here.is_same_story(story.address):
        raise PageError(f"{story.address}: leads to {response.url}")
    check_own_address(page, story.address)
    text = letters(expand(page).tree.text_content())
    lines = list(filter(None, map(letters, posts.text_of(story.body).splitlines()))) or [letters(story.title)]
    if not any(line in text for line in lines):
        raise PageError(f"{response.url}: holds no line of the archived story")
    return page


def _is_read(crawl: Crawl, lesson: Lesson) -> bool:
    """Whether an edition reads the page of an archived story as the archive has it, but for an edit."""
    try:
        with crawl.time_budget(lesson.page.address):
            found = crawl.editions.read_story(lesson.page, lesson.story.address, "", False)
            lines = clean(found.raw, found.origin, found.noise).lines
    except (PageError, BodyError):
        return False
    now, then = ([letters(posts.text_of([line])) for line in body] for body in (lines, lesson.story.body))
    is_alike = SequenceMatcher(a=then, b=now, autojunk=False).ratio() > _LIKE
    return is_alike and same_time(found.published, lesson.story.published)


def _write(crawl: Crawl, learnt: Mapping[str, Learnt], half: str) -> str:
    """Write the learnt edition into the archive, return its name; raise OSError or EditionFileError if that fails."""
    written: dict[str, Any] = {"half": half} | {kind: one.declaration for kind, one in learnt.items()}
    written["proof"] = {kind: one.proof for kind, one in learnt.items()}
    text = yaml.safe_dump(written, allow_unicode=True, sort_keys=False, width=120)
    name = f"learnt-{crawl.clock.now().astimezone(SINGAPORE):%Y%m%d}-{crc32(text.encode()) & 0xFFFF:04x}"
    text = f"name: {name}\n{text}"
    edition_of(text, name)  # what cannot be read again is not written
    crawl.archive.write(crawl.archive.root / edition_path(name), text.encode())
    crawl.signals.send(edition_learnt)
    return name

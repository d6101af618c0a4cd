"""``scrapy import PATH…``: takes posts of other archives, and kept pages, the way that stories from the site go."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware

from zbcrawler.archive.choosing import PostFile, StoryVersion, address_of, by_story, choose
from zbcrawler.archive.front_matter import front_matter_keys
from zbcrawler.archive.state import RunState
from zbcrawler.archive.store import Archive
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import PageError, PostError, WarcError
from zbcrawler.common.options import site_url
from zbcrawler.common.outcomes import Outcome
from zbcrawler.editions import Page, edition_of, story_of
from zbcrawler.pipelines.write_post import OTHER_VERSION
from zbcrawler.signals import run_note, run_planned, run_problem, story_settled
from zbcrawler.tools.importing import reader
from zbcrawler.tools.importing.files import is_warc, post_files, shown
from zbcrawler.tools.importing.kept import with_origins

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from typing_extensions import Self

    from zbcrawler.items import Story
    from zbcrawler.tools.importing.warcs import KeptPage

# So many notes about other versions fit in a summary.
_MOST_NOTES = 100
# While files are looked through, nothing else runs; after so many of them Ctrl-C is listened to.
_FILES_AT_ONCE = 100


class ImportSpider(Spider):
    """Reads posts and yields their stories; asks the site for nothing.

    It has no name as a class, so that ``scrapy crawl`` does not list it: it needs paths.

    See :class:`zbcrawler.downloading.protocol.CrawlingSpider` for the class attributes.
    """

    sections: tuple[str, ...] = (reader.SECTION,)
    owes = journals = finds_again = False
    own_hosts = frozenset({""})  # the one request has no host

    def __init__(
        self,
        paths: Sequence[str],
        tell: Callable[[str], None] | None = None,
    ) -> None:
        """Read nothing yet.

        :param tell: called with a line for each story, when its fate is known
        """
        super().__init__(reader.SECTION)
        self.paths = paths
        self.tell = tell
        self.left = 0  # posts whose fate is not known
        self.others = 0  # versions that were left out
        self.sources: dict[str, str] = {}  # by number, the file of the story that is on its way
        self.captures: list[KeptPage] = []  # kept pages
        self.rechecked: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.archive = Archive.from_settings(crawler.settings)
        spider.state = RunState.of(spider.archive, reader.SECTION)
        spider.site = site_url(crawler.settings)
        spider.page_hosts = frozenset({urlsplit(spider.site).netloc.lower()})
        spider.wants_details = bool(front_matter_keys(crawler.settings))
        crawler.signals.connect(spider.story_settled, signal=story_settled)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        # Scrapy waits for the items of a callback before it closes, and asks for them one by one. With items of start()
        # it does neither surely (2.19): a Ctrl-C while one is on its way never ends.
        yield Request("data:,")

    async def parse(self, response: Response) -> AsyncIterator[Story]:
        """Look through all files to see which belong together, then yields one story after the other."""
        stories = await self._found()
        for files in stories:
            if not await self._goes_on():
                return
            if story := self._story(files):
                yield story
        # What the site itself said comes last: of two versions it is the one that counts. The oldest first, as it came.
        for capture in self.captures:
            if not await self._goes_on():
                return
            if story := self._page(capture):
                yield story

    async def _found(self) -> list[list[PostFile]]:
        found = []
        for count, path in enumerate(post_files(self.paths, self.archive.root, self._unreadable_folder)):
            if count % _FILES_AT_ONCE == 0 and not await self._goes_on():
                return []
            if is_warc(path):
                self._look_through(path)
            elif file := self._recognise(path):
                found.append(file)
        self._resolve_revisits()
        if not found and not self.captures:
            self._send(run_problem, where=", ".join(map(shown, self.paths)), what="no post of 联合早报")
        self.left = len(found) + len(self.captures)
        self._send(run_planned, count=self.left)
        return by_story(found)

    async def _goes_on(self) -> bool:
        """Lets Scrapy do what waits; whether the run was not stopped."""
        await asyncio.sleep(0)
        return self.crawler.crawling

    def _recognise(self, path: str) -> PostFile | None:
        try:
            with open(path, "rb") as file:
                address = reader.recognise(file.read(reader.HEAD))
        except OSError as error:
            self._failed(path, error)
            return None
        if isinstance(address, reader.Ignored):
            self._settle(path, Outcome.SKIPPED, address.value)
            return None
        return PostFile(address.number, address.day, path)

    def _look_through(self, path: str) -> None:
        from zbcrawler.tools.importing.warcs import captures  # noqa: PLC0415 - most imports read none

        def broken(what: str) -> None:
            self._send(run_problem, where=shown(path), what=what)

        try:
            self.captures += captures(path, self.page_hosts, broken)
        except OSError as error:
            self._failed(path, error)

    def _resolve_revisits(self) -> None:
        if self.captures:
            from zbcrawler.tools.importing.warcs import with_pages  # noqa: PLC0415

            self.captures, lost = with_pages(self.captures)
            if lost:
                what = (
                    f"{len(lost)} records only say that a page was the same as another, which is in none of the files"
                )
                self._send(run_note, where="import", what=f"{what}; the first: {lost[0]}")

    def _page(self, capture: KeptPage) -> Story | None:
        """Return the story of a kept page, read as a crawl reads it; None if it cannot be read, which is told."""
        from zbcrawler.tools.importing.warcs import response_of  # noqa: PLC0415

        try:
            unpack = self.crawler.get_downloader_middleware(HttpCompressionMiddleware).process_response
            page = Page.of(response_of(capture, unpack))
            story = story_of(edition_of(page), page, capture.address, reader.SECTION, self.wants_details)
        except (OSError, WarcError, PageError) as error:
            self._settle(str(capture), Outcome.FAILED, f"{capture}: {error}")
            return None
        story.fetched = capture.at
        self.sources[story.address.number] = capture.path
        return story

    def _story(self, files: Sequence[PostFile]) -> Story | None:
        """Return the story of one or more files, None if none can be read; the others are settled."""
        posts, versions = {}, []
        for path in (file.path for file in files):
            try:
                with open(path, "rb") as file:
                    post = reader.read(file.read(reader.LARGEST + 1), shown(path))
                posts[path] = replace(post, body=with_origins(post.body, path, post.address))
                versions.append(StoryVersion(path, posts[path].cleaned()))
            except (OSError, PostError) as error:
                self._failed(path, error)
        if not versions:
            return None
        best, others = choose(versions)
        for other, why in others:
            self._settle(other.path, Outcome.SKIPPED, "other version")
            self._note_other(other.path, f"{why}; {shown(best.path)} is the version that counts")
        story = posts[best.path].story(address_of(versions))
        self.sources[story.address.number] = best.path
        return story

    def was_asked_for(self, number: str) -> bool:
        return False

    # -- what the run is told ----------------------------------------------------------------------

    def story_settled(self, address: StoryAddress | str, outcome: Outcome, reason: str) -> None:
        self.left -= 1
        if not isinstance(address, StoryAddress):
            return
        source = self.sources.pop(address.number, "")
        if reason == OTHER_VERSION and source:
            self._note_other(source, f"{OTHER_VERSION}, {self.archive.find(address)}")
        if self.tell:
            target = self.archive.find(address) or self.archive.path_of(address)
            self.tell(f"{outcome.value}: {target} from {shown(source)}")

    def closed(self, reason: str) -> None:
        if self.others > _MOST_NOTES:
            more = self.others - _MOST_NOTES
            self._send(run_note, where="import", what=f"{more} other versions more; the log names them (-L INFO)")
        if self.left > 0:
            what = f"{self.left} posts were not dealt with before the run ended ({reason}); run it again"
            self._send(run_problem, where="import", what=what)

    def _note_other(self, path: str, what: str) -> None:
        self.others += 1
        if self.others <= _MOST_NOTES:
            self._send(run_note, where=shown(path), what=what)
        else:
            self.logger.info("%s: %s", shown(path), what)

    def _unreadable_folder(self, error: OSError) -> None:
        self._send(run_problem, where=shown(error.filename), what=f"folder not read: {error.strerror}")

    def _failed(self, path: str, error: OSError | PostError) -> None:
        what = str(error) if isinstance(error, PostError) else f"{shown(path)}: not read: {error.strerror}"
        self._settle(path, Outcome.FAILED, what)

    def _settle(self, path: str, outcome: Outcome, reason: str) -> None:
        # By the path, because the story itself may yet be archived from another file.
        self._send(story_settled, section=reader.SECTION, address=shown(path), outcome=outcome, reason=reason)

    def _send(self, signal: object, **details: Any) -> None:
        self.crawler.signals.send_catch_log(signal, **details)

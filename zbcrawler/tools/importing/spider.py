"""``scrapy import PATH…``: send posts of other archives, and kept pages, through the pipelines of a crawl."""

import asyncio
import html
import logging
import re
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.http import Response
from typing_extensions import Self

from zbcrawler.archive.archive import Archive
from zbcrawler.archive.decide import OTHER_VERSION
from zbcrawler.archive.disk import EDITIONS, link_from_post, root_of
from zbcrawler.archive.posts import front_matter_keys
from zbcrawler.archive.run_state import RunState
from zbcrawler.archive.story_versions import PostFile, StoryVersion, address_of, by_story, choose
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.arguments import site_url
from zbcrawler.common.errors import Outcome, PageError, PostError
from zbcrawler.common.markup import TimeBudget, page_seconds
from zbcrawler.common.text import escape_attribute, printable
from zbcrawler.editions import Editions, Page
from zbcrawler.items import Story
from zbcrawler.signals import RunSignals, connect_signals, run_planned
from zbcrawler.tools.importing import reader
from zbcrawler.tools.importing.files import WARCS, KeptPage, captures, post_files, resolve_revisits, response_of

_KEPT_PICTURE = re.compile(rf'(?<=<img src="){re.escape(link_from_post(""))}[^"]*')
_FILES_AT_ONCE = 100
_MOST_NOTES = 100  # about other versions, in a summary


class ImportSignals(RunSignals):
    """Report the files of an import."""

    other_versions = 0

    def settle_file(self, path: str, outcome: Outcome, reason: str) -> None:
        # By the path, because the story itself may yet be archived from another file.
        self.settle(reader.SECTION, printable(path), outcome, reason)

    def fail(self, path: str, error: OSError | PostError | PageError) -> None:
        what = f"{printable(path)}: not read: {error.strerror}" if isinstance(error, OSError) else str(error)
        self.settle_file(path, Outcome.FAILED, what)

    def folder_not_read(self, error: OSError) -> None:
        self.problem(printable(error.filename), f"folder not read: {error.strerror}")

    def note_version(self, path: str, what: str) -> None:
        """Note why the version in a file is not archived."""
        self.other_versions += 1
        if self.other_versions <= _MOST_NOTES:
            self.note(printable(path), what)
        else:
            logging.getLogger(reader.SECTION).info("%s: %s", printable(path), what)


class ImportSpider(Spider):
    """Reads posts and kept pages, and yields their stories; sends the site no request.

    The class has no name, so that ``scrapy crawl`` does not list it: it needs paths.
    See :class:`zbcrawler.downloading.spider_protocol.CrawlingSpider` for the class attributes.
    """

    sections: tuple[str, ...] = (reader.SECTION,)
    owes = journals = finds_again = False
    own_hosts = frozenset({""})  # the one request has no host
    archive: Archive
    editions: Editions
    state: RunState
    site: str

    def __init__(self, paths: Sequence[str], show: Callable[[str], None] | None = None) -> None:
        """Prepare an import; ``show`` is called with a line for each story that is settled."""
        super().__init__(reader.SECTION)
        self.paths, self.show = paths, show
        self.signals = ImportSignals(self)
        self.rechecked: set[str] = set()
        self.left = 0  # posts and kept pages that are not settled
        self.files: dict[str, str] = {}  # by key, the files of the stories in the pipelines

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.archive = Archive.from_settings(crawler.settings)
        spider.editions = Editions.of(spider.archive.root / EDITIONS)
        spider.state = RunState.of(spider.archive, reader.SECTION)
        spider.site = site_url(crawler.settings)
        connect_signals(crawler, spider)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        # Scrapy takes the items of a callback one by one, and waits for them before it closes. For items of start()
        # neither is certain (2.19): a Ctrl-C while an item is in the pipelines never ends.
        yield Request("data:,")

    async def parse(self, response: Response) -> AsyncIterator[Story]:
        """Yield one story after the other, until all are read or the run is stopped."""
        for story in self.read_stories():
            if story:
                yield story
            await asyncio.sleep(0)  # lets Scrapy work, which may stop the run
            if not self.crawler.crawling:
                return

    def read_stories(self) -> Iterator[Story | None]:
        """Find all files and group them by story, then yield the stories; None lets Scrapy work."""
        posts, pages = yield from self.find_posts_and_pages()
        self.left = len(posts) + len(pages)
        self.signals.send(run_planned, count=self.left)
        for files in by_story(posts):
            yield self._read_posts(files)
        # Pages come last: of a post and a page of one story, the page counts, because the site itself sent it.
        yield from map(self._read_page, pages)

    def was_requested(self, address: StoryAddress) -> bool:
        return False

    def find_posts_and_pages(self) -> Generator[None, None, tuple[list[PostFile], list[KeptPage]]]:
        """Return the posts, and the kept pages with the oldest first; pause after each hundred files."""
        posts: list[PostFile] = []
        pages: list[KeptPage] = []
        page_hosts = frozenset({urlsplit(self.site).netloc.lower()})
        for count, path in enumerate(post_files(self.paths, self.archive.root, self.signals.folder_not_read)):
            if count % _FILES_AT_ONCE == 0:
                yield
            try:
                if path.lower().endswith(WARCS):
                    pages += captures(path, page_hosts, self.signals.problem)
                else:
                    with open(path, "rb") as file:
                        address = reader.recognise(file.read(reader.HEAD))
                    if isinstance(address, reader.Ignored):
                        self.signals.settle_file(path, Outcome.SKIPPED, address.value)
                    else:
                        posts.append(PostFile(address.number, address.day, path))
            except OSError as error:
                self.signals.fail(path, error)
        pages, lost = resolve_revisits(pages)
        if lost:
            what = f"{len(lost)} records refer to a page that is in none of the files; the first: {lost[0]}"
            self.signals.note("import", what)
        if not posts and not pages:
            self.signals.problem(", ".join(map(printable, self.paths)), "no post of 联合早报")
        return posts, pages

    def _read_posts(self, files: Sequence[PostFile]) -> Story | None:
        """Return the story of these versions, None if none can be read; report the versions that are not archived."""
        posts, versions = {}, []
        for path in (file.path for file in files):
            try:
                with TimeBudget(page_seconds(self.settings), printable(path)), open(path, "rb") as file:
                    post = reader.read(file.read(reader.LARGEST + 1), printable(path))
                    posts[path] = replace(post, body=_with_origins(post, path))
                    versions.append(StoryVersion(path, posts[path].cleaned()))
            except (OSError, PostError, PageError) as error:
                self.signals.fail(path, error)
        if not versions:
            return None
        best, others = choose(versions)
        for other, reason in others:
            self.signals.settle_file(other.path, Outcome.SKIPPED, "other version")
            self.signals.note_version(other.path, f"{reason}; {printable(best.path)} is the version that counts")
        story = posts[best.path].story(address_of(versions))
        self.files[story.address.key_in(self.files)] = best.path
        return story

    def _read_page(self, capture: KeptPage) -> Story | None:
        """Return the story of a kept page as a crawl reads it, None if it cannot be read."""
        try:
            with TimeBudget(page_seconds(self.settings), capture.address):
                page = Page.of(response_of(capture, HttpCompressionMiddleware(crawler=self.crawler).process_response))
                with_details = bool(front_matter_keys(self.settings))
                story = self.editions.read_story(page, capture.address, reader.SECTION, with_details)
        except (OSError, PageError) as error:
            self.signals.settle_file(str(capture), Outcome.FAILED, f"{capture}: {error}")
            return None
        story.fetched = capture.at
        self.files[story.address.key_in(self.files)] = capture.path
        return story

    def story_settled(self, address: StoryAddress | str, outcome: Outcome, reason: str) -> None:
        self.left -= 1
        if not isinstance(address, StoryAddress):
            return
        path = self.files.pop(address.key_in(self.files), "")
        if reason == OTHER_VERSION and path:
            self.signals.note_version(path, f"{OTHER_VERSION}, {self.archive.find(address)}")
        if self.show:
            post = self.archive.find(address) or self.archive.path_of(address)
            self.show(f"{outcome.value}: {post} from {printable(path)}")

    def closed(self, reason: str) -> None:
        if (more := self.signals.other_versions - _MOST_NOTES) > 0:
            self.signals.note("import", f"{more} more versions are left out; the log names them (-L INFO)")
        if self.left > 0:
            what = f"{self.left} posts were not processed before the run ended ({reason}); run it again"
            self.signals.problem("import", what)


def _with_origins(post: reader.Post, path: str) -> str:
    """Return the body of a post with the original addresses of the pictures that its archive keeps."""

    def origin(found: re.Match[str]) -> str:
        root = root_of(Path(path))
        known = Archive(root).notes.pictures.find(post.address) if root else {}
        for address, file in known.items():
            if link_from_post(file) == html.unescape(found[0]):
                return escape_attribute(address)
        raise PostError(
            f"{path}: body: its pictures are kept in another archive, and the note of their addresses"
            f" (_data/pictures/{post.address.number}.json) is missing; import the post from its place there"
        )

    return _KEPT_PICTURE.sub(origin, post.body)

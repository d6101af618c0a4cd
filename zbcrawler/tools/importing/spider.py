"""``scrapy import PATH…``: send posts of other archives, and kept pages, through the pipelines of a crawl."""

import asyncio
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from scrapy import Request
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.http import Response
from scrapy.settings import BaseSettings

from zbcrawler.archive.archive import Archive
from zbcrawler.archive.decide import OTHER_VERSION
from zbcrawler.archive.disk import link_from_post, root_of
from zbcrawler.archive.pictures import sources, with_sources
from zbcrawler.archive.story_versions import PostFile, address_of, by_story, choose
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import Outcome, PageError, PostError
from zbcrawler.common.text import printable
from zbcrawler.editions import Page
from zbcrawler.items import Story
from zbcrawler.signals import run_planned
from zbcrawler.spiders.base import SiteSpider
from zbcrawler.tools.importing import reader
from zbcrawler.tools.importing.files import WARCS, KeptPage, captures, post_files, resolve_revisits, response_of

_FILES_AT_ONCE = 100
_MOST_NOTES = 100  # about other versions, in a summary


class ImportSpider(SiteSpider):
    """Reads posts and kept pages, and yields their stories. It is in no spider module: it needs paths."""

    name = reader.SECTION
    sections: tuple[str, ...] = (reader.SECTION,)
    owes = False
    own_hosts = frozenset({""})  # the one request has no host

    def __init__(self, paths: Sequence[str], show: Callable[[str], None] | None = None) -> None:
        """Call ``show`` with a line for each story that is settled."""
        super().__init__()
        self.paths, self.show = paths, show
        self.left = 0  # posts and kept pages that are not settled
        self.other_versions = 0  # that are not archived
        self.files: dict[str, str] = {}  # by key, the files of the stories in the pipelines

    def prepare(self, settings: BaseSettings) -> None:
        super().prepare(settings)
        self.parts = [self.crawl]

    async def start(self) -> AsyncIterator[Request]:
        # Scrapy takes the items of a callback one by one, and waits for them before it closes. For items of start()
        # neither is certain (2.19): a Ctrl-C while an item is in the pipelines never ends.
        yield Request("data:,")

    async def parse(self, response: Response) -> AsyncIterator[Story]:
        for story in self.read_stories():
            if story:
                yield story
            await asyncio.sleep(0)  # lets Scrapy work, which may stop the run
            if not self.crawler.crawling:
                return

    def read_stories(self) -> Iterator[Story | None]:
        """Yield the stories; None lets Scrapy work."""
        posts, pages = yield from self.find_posts_and_pages()
        self.left = len(posts) + len(pages)
        self.signals.send(run_planned, count=self.left)
        for files in by_story(posts):
            yield self._read_posts(files)
        # Pages come last: of a post and a page of one story, the page counts, because the site itself sent it.
        yield from map(self._read_page, pages)

    def find_posts_and_pages(self) -> Generator[None, None, tuple[list[PostFile], list[KeptPage]]]:
        """Return the posts, and the kept pages with the oldest first; pause after each hundred files."""
        posts: list[PostFile] = []
        pages: list[KeptPage] = []
        for count, path in enumerate(post_files(self.paths, self.crawl.archive.root, self._folder_not_read)):
            if count % _FILES_AT_ONCE == 0:
                yield
            try:
                if path.lower().endswith(WARCS):
                    pages += captures(path, self.crawl.site.hosts, self.signals.problem)
                else:
                    with open(path, "rb") as file:
                        address = reader.recognise(file.read(reader.HEAD))
                    if isinstance(address, str):
                        self._settle_file(path, Outcome.SKIPPED, address)
                    else:
                        posts.append(PostFile(address.number, address.day, path))
            except OSError as error:
                self._fail(path, error)
        pages, lost = resolve_revisits(pages)
        if lost:
            what = f"{len(lost)} records refer to a page that is in none of the files; the first: {lost[0]}"
            self.signals.note("import", what)
        if not posts and not pages:
            self.signals.problem(", ".join(map(printable, self.paths)), "no post of 联合早报")
        return posts, pages

    def _read_posts(self, files: Sequence[PostFile]) -> Story | None:
        """Return the story of these versions, None if none can be read; note those that are not archived."""
        posts, versions = {}, {}
        for path in (file.path for file in files):
            try:
                with self.crawl.time_budget(printable(path)), open(path, "rb") as file:
                    post = reader.read(file.read(reader.LARGEST + 1), printable(path))
                    posts[path] = replace(post, body=_with_origins(post, path))
                    versions[path] = posts[path].cleaned()
            except (OSError, PostError, PageError) as error:
                self._fail(path, error)
        if not versions:
            return None
        best, others = choose(versions)
        for other, reason in others:
            self._settle_file(other, Outcome.SKIPPED, "other version")
            self._note_version(other, f"{reason}; {printable(best)} is the version that counts")
        address = address_of(versions.values())
        story = versions[best] if address == versions[best].address else posts[best].story(address)
        self.files[story.address.key_in(self.files)] = best
        return story

    def _read_page(self, capture: KeptPage) -> Story | None:
        try:
            with self.crawl.time_budget(str(capture.address)):
                page = Page.of(response_of(capture, HttpCompressionMiddleware(crawler=self.crawler).process_response))
                wants_details = self.crawl.wants_details
                story = self.crawl.editions.read_story(page, capture.address, reader.SECTION, wants_details)
        except (OSError, PageError) as error:
            self._settle_file(str(capture), Outcome.FAILED, f"{capture}: {error}")
            return None
        story.fetched = capture.at
        self.files[story.address.key_in(self.files)] = capture.path
        return story

    def _settle_file(self, path: str, outcome: Outcome, reason: str) -> None:
        # By the path, because the story itself may yet be archived from another file.
        self.signals.settle(reader.SECTION, printable(path), outcome, reason)

    def _fail(self, path: str, error: OSError | PostError | PageError) -> None:
        what = f"{printable(path)}: not read: {error.strerror}" if isinstance(error, OSError) else str(error)
        self._settle_file(path, Outcome.FAILED, what)

    def _folder_not_read(self, error: OSError) -> None:
        self.signals.problem(printable(error.filename), f"folder not read: {error.strerror}")

    def _note_version(self, path: str, what: str) -> None:
        self.other_versions += 1
        if self.other_versions <= _MOST_NOTES:
            self.signals.note(printable(path), what)
        else:
            self.logger.info("%s: %s", printable(path), what)

    def story_settled(self, address: StoryAddress | str, outcome: Outcome, reason: str) -> None:
        self.left -= 1
        if not isinstance(address, StoryAddress):
            return
        path = self.files.pop(address.key_in(self.files), "")
        if reason == OTHER_VERSION and path:
            self._note_version(path, f"{OTHER_VERSION}, {self.crawl.archive.find(address)}")
        if self.show:
            post = self.crawl.archive.find(address) or self.crawl.archive.path_of(address)
            self.show(f"{outcome.value}: {post} from {printable(path)}")

    def closed(self, reason: str) -> None:
        if (more := self.other_versions - _MOST_NOTES) > 0:
            self.signals.note("import", f"{more} more versions are left out; the log names them (-L INFO)")
        if self.left > 0:
            what = f"{self.left} posts were not processed before the run ended ({reason}); run it again"
            self.signals.problem("import", what)


def _with_origins(post: reader.Post, path: str) -> str:
    """Return the body of a post with the original addresses of the pictures that its archive keeps."""

    def is_kept(source: str) -> bool:
        return source.startswith(link_from_post(""))

    if not any(map(is_kept, sources([post.body]))):
        return post.body
    root = root_of(Path(path))
    files = Archive(root).notes.pictures.find(post.address) if root else {}
    (body,) = with_sources([post.body], {link_from_post(file): address for address, file in files.items()})
    if any(map(is_kept, sources([body]))):
        note = f"_data/pictures/{post.address.number}.json"
        what = f"its pictures are kept in another archive, and the note of their addresses ({note}) is missing"
        raise PostError(f"{path}: body: {what}; import the post from its place there")
    return body

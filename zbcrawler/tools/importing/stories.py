"""Find the posts and kept pages in the files of an import, read their stories, and report what becomes of each."""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from pathlib import Path

from scrapy import Spider

from zbcrawler.archive.archive import Archive
from zbcrawler.archive.decide import OTHER_VERSION
from zbcrawler.archive.file_paths import link_from_post, root_of
from zbcrawler.archive.story_versions import PostFile, StoryVersion, address_of, choose
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import PageError, PostError, WarcError
from zbcrawler.common.outcomes import Outcome
from zbcrawler.common.text import escape_attribute
from zbcrawler.common.time_budget import TimeBudget
from zbcrawler.editions import Editions, Page
from zbcrawler.items import Story
from zbcrawler.signals import RunSignals, run_planned, story_settled
from zbcrawler.tools.importing import reader
from zbcrawler.tools.importing.files import WARCS, post_files, printable
from zbcrawler.tools.importing.warcs import KeptPage, Unpack, captures, resolve_revisits, response_of

logger = logging.getLogger(__name__)

_KEPT_PICTURE = re.compile(rf'(?<=<img src="){re.escape(link_from_post(""))}[^"]*')
_FILES_AT_ONCE = 100
# A summary has at most this many notes about other versions.
_MOST_NOTES = 100


class ImportReport(RunSignals):
    """Send the signals of an import."""

    def __init__(self, spider: Spider, archive: Archive, show: Callable[[str], None] | None) -> None:
        super().__init__(spider)
        self.archive = archive
        self.show = show  # called with a line for each story that is settled
        self.left = 0  # posts and kept pages that are not settled
        self.other_versions = 0
        self.files: dict[str, str] = {}  # by key, the files of the stories in the pipelines
        spider.crawler.signals.connect(self.story_settled, signal=story_settled)

    def plan(self, count: int) -> None:
        """Report how many posts and kept pages were found."""
        self.left = count
        self.send(run_planned, count=count)

    def settle_file(self, path: str, outcome: Outcome, reason: str) -> None:
        """Report the outcome of a file that is not archived."""
        # By the path, because the story itself may yet be archived from another file.
        self.settle(reader.SECTION, printable(path), outcome, reason)

    def fail(self, path: str, error: OSError | PostError | PageError) -> None:
        """Report a file that cannot be read."""
        what = f"{printable(path)}: not read: {error.strerror}" if isinstance(error, OSError) else str(error)
        self.settle_file(path, Outcome.FAILED, what)

    def note_version(self, path: str, what: str) -> None:
        """Note why the version in a file is not archived."""
        self.other_versions += 1
        if self.other_versions <= _MOST_NOTES:
            self.note(printable(path), what)
        else:
            logger.info("%s: %s", printable(path), what)

    def folder_not_read(self, error: OSError) -> None:
        """Report a folder whose files are unknown."""
        self.problem(printable(error.filename), f"folder not read: {error.strerror}")

    def story_settled(self, address: StoryAddress | str, outcome: Outcome, reason: str) -> None:
        self.left -= 1
        if not isinstance(address, StoryAddress):
            return
        path = self.files.pop(address.key_in(self.files), "")
        if reason == OTHER_VERSION and path:
            self.note_version(path, f"{OTHER_VERSION}, {self.archive.find(address)}")
        if self.show:
            post = self.archive.find(address) or self.archive.path_of(address)
            self.show(f"{outcome.value}: {post} from {printable(path)}")

    def close(self, reason: str) -> None:
        """Report the notes that were left out, and the posts that were left when Scrapy ended the run."""
        if (more := self.other_versions - _MOST_NOTES) > 0:
            self.note("import", f"{more} more versions are left out; the log names them (-L INFO)")
        if self.left > 0:
            what = f"{self.left} posts were not processed before the run ended ({reason}); run it again"
            self.problem("import", what)


def find_posts_and_pages(
    paths: Sequence[str], page_hosts: frozenset[str], report: ImportReport
) -> Generator[None, None, tuple[list[PostFile], list[KeptPage]]]:
    """Return the posts, and the kept pages with the oldest first; pause after each hundred files.

    :param page_hosts: hosts of kept pages besides the public ones
    """
    posts: list[PostFile] = []
    pages: list[KeptPage] = []
    for count, path in enumerate(post_files(paths, report.archive.root, report.folder_not_read)):
        if count % _FILES_AT_ONCE == 0:
            yield
        try:
            if path.lower().endswith(WARCS):
                pages += captures(path, page_hosts, report.problem)
            else:
                with open(path, "rb") as file:
                    address = reader.recognise(file.read(reader.HEAD))
                if isinstance(address, reader.Ignored):
                    report.settle_file(path, Outcome.SKIPPED, address.value)
                else:
                    posts.append(PostFile(address.number, address.day, path))
        except OSError as error:
            report.fail(path, error)
    pages, lost = resolve_revisits(pages)
    if lost:
        what = f"{len(lost)} records refer to a page that is in none of the files"
        report.note("import", f"{what}; the first: {lost[0]}")
    if not posts and not pages:
        report.problem(", ".join(map(printable, paths)), "no post of 联合早报")
    return posts, pages


def read_posts(files: Sequence[PostFile], page_seconds: float, report: ImportReport) -> Story | None:
    """Return the story of these versions, None if none can be read; report the versions that are not archived."""
    posts, versions = {}, []
    for path in (file.path for file in files):
        try:
            with TimeBudget(page_seconds, printable(path)), open(path, "rb") as file:
                post = reader.read(file.read(reader.LARGEST + 1), printable(path))
                posts[path] = replace(post, body=_with_origins(post, path))
                versions.append(StoryVersion(path, posts[path].cleaned()))
        except (OSError, PostError, PageError) as error:
            report.fail(path, error)
    if not versions:
        return None
    best, others = choose(versions)
    for other, reason in others:
        report.settle_file(other.path, Outcome.SKIPPED, "other version")
        report.note_version(other.path, f"{reason}; {printable(best.path)} is the version that counts")
    story = posts[best.path].story(address_of(versions))
    report.files[story.address.key_in(report.files)] = best.path
    return story


def read_page(
    editions: Editions, capture: KeptPage, unpack: Unpack, with_details: bool, page_seconds: float, report: ImportReport
) -> Story | None:
    """Return the story of a kept page as a crawl reads it, None if it cannot be read."""
    try:
        with TimeBudget(page_seconds, capture.address):
            page = Page.of(response_of(capture, unpack))
            story = editions.read_story(page, capture.address, reader.SECTION, with_details)
    except (OSError, WarcError, PageError) as error:
        report.settle_file(str(capture), Outcome.FAILED, f"{capture}: {error}")
        return None
    story.fetched = capture.at
    report.files[story.address.key_in(report.files)] = capture.path
    return story


def _with_origins(post: reader.Post, path: str) -> str:
    """Return the body of a post with the original addresses of the pictures that its archive keeps.

    :raises PostError: if that archive has no note of the addresses
    """
    if not _KEPT_PICTURE.search(post.body):
        return post.body
    root = root_of(Path(path))
    known = Archive(root).notes.pictures.find(post.address) if root else {}
    origins = {link_from_post(file): origin for origin, file in known.items()}

    def origin(found: re.Match[str]) -> str:
        if (link := html.unescape(found[0])) not in origins:
            raise PostError(
                f"{path}: body: its pictures are kept in another archive, and the note of their addresses"
                f" (_data/pictures/{post.address.number}.json) is missing; import the post from its place there"
            )
        return escape_attribute(origins[link])

    return _KEPT_PICTURE.sub(origin, post.body)

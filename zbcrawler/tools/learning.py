"""What ``scrapy learn`` runs: learning by hand, and adopting or forgetting what was learnt."""

import shutil
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from scrapy import Request
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from zbcrawler.archive.archive import Archive
from zbcrawler.archive.disk import RAW, edition_path, learnt_editions
from zbcrawler.archive.story_versions import PostFile
from zbcrawler.common import arguments
from zbcrawler.common.addresses import StoryAddress, section_path
from zbcrawler.common.errors import ArgumentError, PageError
from zbcrawler.downloading.failures import describe_failure, request_of
from zbcrawler.editions import ADOPTED, Editions, Page
from zbcrawler.extensions.bookkeeping import Books
from zbcrawler.items import Story
from zbcrawler.signals import page_unreadable
from zbcrawler.spiders.base import SiteSpider
from zbcrawler.spiders.realtime import RealtimeSpider
from zbcrawler.tools.importing.files import KeptPage
from zbcrawler.tools.importing.spider import ImportSpider


class LearnSpider(SiteSpider):
    """Learn to read the pages of some sections that no edition reads; archive nothing.

    ``scrapy crawl`` does not list this spider, because it is in no spider module.
    """

    name = "learn"
    owes = False
    ARGUMENTS: ClassVar = {"sections": RealtimeSpider.ARGUMENTS["sections"]}

    def first_requests(self) -> Iterator[Request]:
        for name in self.sections:
            address, details = f"{self.site}/{section_path(name)}", {"section": name}
            yield Request(address, self.parse_listing, errback=self.listing_failed, cb_kwargs=details)

    def parse_listing(self, response: Response, section: str) -> None:
        try:
            with self.crawl.time_budget(response.url):
                self.crawl.editions.read_listing(Page.of(response), self.crawl.clock.now())
            self.crawl.site.learn(response)
        except PageError:
            self.signals.send(page_unreadable, response=response, section=section)
        finally:
            self.crawl.site.answered.set()

    def listing_failed(self, failure: Failure) -> None:
        self.signals.problem(f"section {request_of(failure).cb_kwargs['section']}", describe_failure(failure))
        self.crawl.site.answered.set()

    def spider_idle(self) -> None:
        self.learn(by_hand=True)


def check_name(archive: Archive, name: str) -> None:
    """Raise an ArgumentError if neither the archive nor its notes know a learnt edition of this name."""
    known = {path.stem for path in learnt_editions(archive.root)} | set(archive.notes.learnt.all().values())
    if name not in known or "/" in name:
        has = f"it has {', '.join(sorted(known))}" if known else "it has none"
        raise ArgumentError(f"{name}: is no learnt edition of the archive {archive.root}; {has}")


def forget(archive: Archive, name: str) -> int:
    """Remove an edition, its notes and, with the last edition, the kept pages; return the number of its notes."""
    archive.remove(archive.root / edition_path(name))
    for address in (addresses := _written_by(archive, name)):
        archive.notes.learnt.remove(address)
    if not any(learnt_editions(archive.root)) and not archive.dry_run:
        shutil.rmtree(archive.root / RAW, ignore_errors=True)
    return len(addresses)


def _written_by(archive: Archive, name: str) -> list[StoryAddress]:
    return [address for address, edition in archive.notes.learnt.all().items() if edition == name]


def adopt(archive: Archive, name: str) -> Path:
    """Move an edition from the archive to the project, unless a person has done so; return its file there."""
    file, path = ADOPTED / f"{name}.yml", archive.root / edition_path(name)
    if path.is_file() and not archive.dry_run:
        file.parent.mkdir(exist_ok=True)
        whole = file.with_suffix(".new")  # a run that begins now reads all files of the folder that end in .yml
        whole.write_bytes(path.read_bytes())
        whole.replace(file)
        archive.remove(path)
    return file


def raw_folders(settings: BaseSettings) -> list[str]:
    own = Archive.from_settings(settings).root / RAW
    return [folder for folder in (arguments.raw_folder(settings), str(own)) if folder and Path(folder).is_dir()]


class AdoptSpider(ImportSpider):
    """Clean again the posts that an adopted edition wrote when it was learnt, from the latest kept page of each."""

    def __init__(self, paths: Sequence[str], edition: str) -> None:
        super().__init__(paths)
        self.edition = edition

    def find_posts_and_pages(self) -> Generator[None, None, tuple[list[PostFile], list[KeptPage]]]:
        _, pages = yield from super().find_posts_and_pages()
        self.crawl.editions = Editions()  # the adopted one among them
        keys = {address.key_in(()) for address in _written_by(self.crawl.archive, self.edition)}
        latest = {page.address.key_in(keys): page for page in pages}  # the oldest come first
        return [], [latest[key] for key in sorted(keys & latest.keys())]

    def read_stories(self) -> Iterator[Story | None]:
        for story in super().read_stories():
            if story:
                story.cuts_are_marked = True  # a shorter text is the same page, read better
            yield story

    def closed(self, reason: str) -> None:
        super().closed(reason)
        books = self.crawler.get_extension(Books)
        if reason == "finished" and books and not books.problems and not books.failures:
            forget(self.crawl.archive, self.edition)

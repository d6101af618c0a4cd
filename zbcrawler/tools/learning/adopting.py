"""What becomes of a learnt edition: a person adopts it as one of the project's, or forgets it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from scrapy.settings import BaseSettings

from zbcrawler.archive.archive import Archive
from zbcrawler.archive.file_paths import RAW, edition_path, learnt_editions
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.arguments import raw_folder
from zbcrawler.common.errors import ArgumentError
from zbcrawler.editions import ADOPTED, Editions
from zbcrawler.editions.learnt import read_editions
from zbcrawler.extensions.bookkeeping import Books
from zbcrawler.items import Story
from zbcrawler.tools.importing.spider import ImportSpider
from zbcrawler.tools.importing.warcs import KeptPage


def check_name(archive: Archive, name: str) -> None:
    """Check the name of a learnt edition.

    :raises ArgumentError: if neither the archive nor its notes know it
    """
    known = {path.stem for path in learnt_editions(archive.root)} | set(archive.notes.learnt.all().values())
    if name not in known:
        has = f"it has {', '.join(sorted(known))}" if known else "it has none"
        raise ArgumentError(f"{name}: is no learnt edition of the archive {archive.root}; {has}")


def forget(archive: Archive, name: str) -> int:
    """Remove an edition, its notes and, with the last edition, the kept pages; return the number of its notes.

    :raises OSError: if the archive cannot be written
    """
    archive.remove(archive.root / edition_path(name))
    addresses = _written_by(archive, name)
    for address in addresses:
        archive.notes.learnt.remove(address)
    if not any(learnt_editions(archive.root)) and not archive.dry_run:
        shutil.rmtree(archive.root / RAW, ignore_errors=True)
    return len(addresses)


def _written_by(archive: Archive, name: str) -> list[StoryAddress]:
    return [address for address, edition in archive.notes.learnt.all().items() if edition == name]


def adopt(archive: Archive, name: str) -> Path:
    """Move an edition from the archive to the project, unless a person has done so; return its file there.

    :raises OSError: if a file cannot be read or written
    """
    file, path = ADOPTED / f"{name}.yml", archive.root / edition_path(name)
    if path.is_file() and not archive.dry_run:
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(path.read_bytes())
        archive.remove(path)
    return file


def raw_folders(settings: BaseSettings) -> list[str]:
    """Return the existing folders of kept pages."""
    own = Archive.from_settings(settings).root / RAW
    return [folder for folder in (raw_folder(settings), str(own)) if folder and Path(folder).is_dir()]


class AdoptSpider(ImportSpider):
    """Clean again the posts that an adopted edition wrote when it was learnt, from the latest kept page of each."""

    def __init__(self, paths: Sequence[str], edition: str) -> None:
        super().__init__(paths)
        self.edition = edition

    def choose_pages(self, pages: list[KeptPage]) -> list[KeptPage]:
        self.editions = Editions(read_editions(ADOPTED))  # the adopted one among them
        keys = {address.key_in(()) for address in _written_by(self.report.archive, self.edition)}
        latest = {page.address.key_in(keys): page for page in pages}  # the oldest come first
        return [latest[key] for key in sorted(keys & latest.keys())]

    def _stories(self) -> Iterator[Story | None]:
        for story in super()._stories():
            if story:
                story.cuts_are_marked = True  # a shorter text is the same page, read better
            yield story

    def closed(self, reason: str) -> None:
        super().closed(reason)
        books = self.crawler.get_extension(Books)
        if reason == "finished" and books and not books.problems and not books.failures:
            forget(self.report.archive, self.edition)

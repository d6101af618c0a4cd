"""Looks through the files of an import: which are posts of the newspaper, and which hold kept pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from zbcrawler.archive.choosing import PostFile
from zbcrawler.common.outcomes import Outcome
from zbcrawler.tools.importing import reader
from zbcrawler.tools.importing.files import is_warc, post_files, printable
from zbcrawler.tools.importing.report import ImportReport
from zbcrawler.tools.importing.warcs import KeptPage, captures, with_pages

_FILES_AT_ONCE = 100


class ImportSources:
    """What the files hold.

    :ivar posts: files that are posts
    :ivar pages: kept story pages, the oldest first
    """

    def __init__(self, report: ImportReport, page_hosts: frozenset[str]) -> None:
        """Look through nothing yet.

        :param page_hosts: hosts of kept pages besides the public ones
        """
        self.report = report
        self.page_hosts = page_hosts
        self.posts: list[PostFile] = []
        self.pages: list[KeptPage] = []

    def look_through(self, paths: Sequence[str], archive: Path) -> Iterator[None]:
        """Recognise each file, and pause after each hundred files.

        :param archive: the folder that is imported into
        """
        for count, path in enumerate(post_files(paths, archive, self._report_folder)):
            if count % _FILES_AT_ONCE == 0:
                yield
            try:
                if is_warc(path):
                    self._add_pages(path)
                else:
                    self._add_post(path)
            except OSError as error:
                self.report.fail(path, error)
        self.pages, lost = with_pages(self.pages)
        if lost:
            what = f"{len(lost)} records only say that a page was the same as another, which is in none of the files"
            self.report.note("import", f"{what}; the first: {lost[0]}")
        if not self.posts and not self.pages:
            self.report.problem(", ".join(map(printable, paths)), "no post of 联合早报")

    def _add_post(self, path: str) -> None:
        with open(path, "rb") as file:
            address = reader.recognise(file.read(reader.HEAD))
        if isinstance(address, reader.Ignored):
            self.report.settle(path, Outcome.SKIPPED, address.value)
        else:
            self.posts.append(PostFile(address.number, address.day, path))

    def _add_pages(self, path: str) -> None:
        self.pages += captures(path, self.page_hosts, lambda what: self.report.problem(printable(path), what))

    def _report_folder(self, error: OSError) -> None:
        self.report.problem(printable(error.filename), f"folder not read: {error.strerror}")

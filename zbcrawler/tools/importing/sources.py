"""Looks through the files of an import: which are posts of the newspaper, and which hold kept pages."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from zbcrawler.archive.versions import PostFile
from zbcrawler.common.outcomes import Outcome
from zbcrawler.tools.importing import reader
from zbcrawler.tools.importing.files import WARCS, post_files, printable
from zbcrawler.tools.importing.report import ImportReport
from zbcrawler.tools.importing.warcs import KeptPage, captures, with_pages

_FILES_AT_ONCE = 100


def look_through(
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
                posts += _recognise(path, report)
        except OSError as error:
            report.fail(path, error)
    pages, lost = with_pages(pages)
    if lost:
        what = f"{len(lost)} records refer to a page that is in none of the files"
        report.note("import", f"{what}; the first: {lost[0]}")
    if not posts and not pages:
        report.problem(", ".join(map(printable, paths)), "no post of 联合早报")
    return posts, pages


def _recognise(path: str, report: ImportReport) -> list[PostFile]:
    with open(path, "rb") as file:
        address = reader.recognise(file.read(reader.HEAD))
    if isinstance(address, reader.Ignored):
        report.settle_file(path, Outcome.SKIPPED, address.value)
        return []
    return [PostFile(address.number, address.day, path)]

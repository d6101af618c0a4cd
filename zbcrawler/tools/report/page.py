"""The report as a page of its own, which needs no other file: ``scrapy verify --report``."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from datetime import datetime
from functools import partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from zbcrawler.archive import posts
from zbcrawler.archive.archive import Archive
from zbcrawler.archive.disk import is_post, post_path
from zbcrawler.common.errors import PostError
from zbcrawler.common.processes import chunks, in_processes
from zbcrawler.common.text import letters
from zbcrawler.common.times import SINGAPORE
from zbcrawler.tools.report.coverage import FOLDER, PostCounts, ReportedPost, describe_coverage
from zbcrawler.tools.verifying.files import all_files
from zbcrawler.tools.website.catalogue import Catalogue
from zbcrawler.tools.website.edits import Edits

_MANY = 2000  # files that are worth several processes
_AT_ONCE = 200
TEMPLATES = Environment(
    loader=FileSystemLoader(FOLDER), autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
)


def make_coverage_report(root: Path, files: int, found: Mapping[str, Counter[str]], now: datetime) -> str:
    """Return the report of an archive as HTML.

    :param files: the number of files that were checked
    :param found: by kind, the number of findings by rule
    :param now: aware
    :raises GitError: if git cannot read the archive's history
    """
    notes = Archive(root).notes
    # The catalogue has only what git knows; the posts are a stream.
    with closing(Catalogue()) as catalogue:
        edits = Edits(catalogue, root)
        with catalogue.transaction():
            edits.refresh()
        owed, absent = notes.owed.reasons(), notes.absent.reasons()
        read = _read_posts(root, catalogue, files >= _MANY)
        values = describe_coverage(PostCounts.of(read), edits.counts(), owed, absent, now, (files, found))
    return TEMPLATES.get_template("page.html").render(name=root.resolve().name, **values)


def _read_posts(root: Path, catalogue: Catalogue, is_much: bool) -> Iterator[ReportedPost]:
    """Yield all posts but those that ``scrapy verify`` calls broken or misplaced."""
    parts = chunks(filter(is_post, all_files(root)), _AT_ONCE)
    for part in in_processes(partial(_read_part, root), parts, is_much):
        for path, (time, section, length, published) in part:
            yield ReportedPost(time, section, length, published, catalogue.seen(path))


def _read_part(root: Path, paths: Sequence[str]) -> list[tuple[str, tuple[datetime, str, int, datetime | None]]]:
    found = []
    for path in paths:
        with suppress(PostError, OSError, ValueError, OverflowError):
            story = posts.read((root / path).read_text("utf-8"), path)
            if post_path(story.address) == path and story.date and story.title:
                length = len(letters(posts.text_of(story.body)))
                found.append((path, (story.date.astimezone(SINGAPORE), story.address.section, length, story.published)))
    return found

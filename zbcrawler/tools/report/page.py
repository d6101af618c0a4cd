"""The report as a page of its own, which needs no other file: ``scrapy verify --report``."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from zbcrawler.archive import disk, posts
from zbcrawler.archive.archive import Archive
from zbcrawler.archive.git import Git
from zbcrawler.archive.past import PostChange, read_changes, read_edits
from zbcrawler.common.errors import PostError
from zbcrawler.common.text import letters
from zbcrawler.common.times import SINGAPORE
from zbcrawler.tools.report.coverage import EditCounts, ReportedPost, describe_coverage

FOLDER = Path(__file__).parent
"""The folder of the templates: ``coverage.html`` is the text, ``coverage.css`` its style, ``page.html`` this frame."""
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
    seen: dict[str, datetime] = {}
    edits, notes = read_history(root, seen), Archive(root).notes
    owed, absent = notes.owed.reasons(), notes.absent.reasons()
    values = describe_coverage(_read_posts(root, seen), edits, owed, absent, now, (files, found))
    return TEMPLATES.get_template("page.html").render(name=root.resolve().name, **values)


def read_history(root: Path, seen: dict[str, datetime]) -> EditCounts | None:
    """Return what git knows of edits; None if the archive is in no repository, or has no commit.

    :param seen: gets by path when a realtime run committed a story as new
    """
    git = Git(root)
    if git.is_unborn():
        return None
    # The oldest commits of a shallow clone, which git shows as adding all posts that came before them.
    shallow = git.folder / git("rev-parse", "--git-path", "shallow").strip()
    ends = set(shallow.read_text().split()) if shallow.exists() else set()

    def changes() -> Iterator[PostChange]:
        for change in read_changes(git):
            if change.commit in ends or not disk.is_post(change.path):
                continue
            if not change.old_blob:
                # The newest change comes first, so the first time that a story came overwrites the others.
                seen.pop(change.path, None)
                if change.spider == "realtime":
                    seen[change.path] = change.time
            yield change

    edits, retitles = Counter[str](), Counter[str]()
    for edit in read_edits(git, changes()):
        edits[month := f"{edit.time:%Y-%m}"] += 1
        retitles[month] += edit.old.title != edit.new.title
    return EditCounts({month: (edits[month], retitles[month]) for month in edits}, is_cut=bool(ends))


def _read_posts(root: Path, seen: Mapping[str, datetime]) -> Iterator[ReportedPost]:
    """Yield the posts of an archive, without broken and misplaced ones, which ``scrapy verify`` reports."""
    for folder, _, names in os.walk(root / disk.POSTS):
        place = os.path.relpath(folder, root)
        for path in (f"{place}/{name}" for name in names):
            with suppress(PostError, OSError, ValueError, OverflowError):
                story = posts.read((root / path).read_text("utf-8"))
                if disk.post_path(story.address) == path and story.date:
                    time, length = story.date.astimezone(SINGAPORE), len(letters(posts.text_of(story.body)))
                    yield ReportedPost(time, story.address.section, length, story.published, seen.get(path))

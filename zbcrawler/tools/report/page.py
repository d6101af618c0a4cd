"""The report as a page of its own, which needs no other file: ``scrapy verify --report``."""

from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from zbcrawler.archive.archive import Archive
from zbcrawler.tools.report.coverage import FOLDER, describe_coverage
from zbcrawler.tools.website.catalogue import Catalogue
from zbcrawler.tools.website.changes import Changes
from zbcrawler.tools.website.edits import Edits
from zbcrawler.tools.website.reading import ReadPost

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
    with closing(Catalogue()) as catalogue:
        edits, changes = Edits(catalogue, root), Changes(catalogue)
        with catalogue.transaction():
            # Broken posts are left out: ``scrapy verify`` reports them.
            changes.find(root, lambda _: None)
            changes.put((ReadPost.read(root, *one) for one in changes.found()), lambda _: None)
            edits.refresh()
        owed, absent = notes.owed.reasons(), notes.absent.reasons()
        values = describe_coverage(catalogue.reported(), edits.counts(), owed, absent, now, (files, found))
    return TEMPLATES.get_template("page.html").render(name=root.resolve().name, **values)

"""Report the outcome of each file of an import, and count the files that are left."""

from __future__ import annotations

import logging
from collections.abc import Callable

from scrapy import Spider

from zbcrawler.archive.archive import Archive
from zbcrawler.archive.decide import OTHER_VERSION
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import PageError, PostError
from zbcrawler.common.outcomes import Outcome
from zbcrawler.signals import RunSignals, run_planned, story_settled
from zbcrawler.tools.importing.files import printable
from zbcrawler.tools.importing.reader import SECTION

logger = logging.getLogger(__name__)

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
        self.settle(SECTION, printable(path), outcome, reason)

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

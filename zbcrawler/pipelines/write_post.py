"""Write new stories, and new versions of stories, into the archive, and signal the outcome of each."""

import errno
import io
from contextlib import suppress
from pathlib import Path

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from zbcrawler.archive.archive import Archive
from zbcrawler.archive.committing import mark_news
from zbcrawler.archive.decide import IS_LATE, Decision, decide, is_late, note_replaced
from zbcrawler.archive.disk import edition_path
from zbcrawler.archive.posts import front_matter_keys
from zbcrawler.archive.repeated_blocks import RepeatedBlocks
from zbcrawler.archive.story_versions import blocks, news_of
from zbcrawler.common.errors import NotTakenError, Outcome, PostError
from zbcrawler.downloading.spider_protocol import CrawlerPart
from zbcrawler.exporters import PostExporter
from zbcrawler.items import Story

# Errors that affect every story: the disk is full, missing, broken or read-only.
_DISK_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ENXIO, errno.ESTALE})


class WritePostPipeline(CrawlerPart):
    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.optional_keys = front_matter_keys(crawler.settings)

    def process_item(self, item: Story) -> Story:
        """Write a prepared story, if it is new or has changed; raise DropItem if it cannot be written."""
        item.optional_keys |= self.optional_keys
        try:
            decision, path = decide_on(item, self.archive)
            if path and decision.outcome not in (Outcome.UNCHANGED, Outcome.FAILED):
                decision = self._check(decision, item, path)
            outcome, story, reason, _ = self._apply(decision, path)
        except (OSError, PostError) as error:
            if getattr(error, "errno", None) in _DISK_ERRORS:
                self.signals.end_requests(f"archive {self.archive.root}", f"cannot be written: {error}")
                raise NotTakenError(str(item.address)) from error
            raise DropItem(f"{item.address}: {error}") from error
        if outcome is Outcome.FAILED:
            item.address = story.address  # the summary shows the archived address
            raise DropItem(f"{item.address}: {reason}")
        if outcome is Outcome.DOUBTFUL:  # this needs a person, and after three days it is known
            debt = None
            with suppress(PostError):  # a broken note is replaced
                debt = self.archive.notes.owed.find(story.address)
            is_known = debt and debt.doubtful and debt.is_known(self.clock.now())
            (self.signals.note if is_known else self.signals.problem)(str(story.address), reason)
        self.signals.settle(story.section, story.address, outcome, reason)
        if outcome.is_written:
            self.logger.info("%s: %s %s", outcome.value, story.address, story.title)
            if story.truncated:
                self.signals.count(f"truncated/{story.source}")
        return story

    def _check(self, decision: Decision, item: Story, path: Path) -> Decision:
        """Decide again without words that edits add to many stories; unchanged if a cache is late. Note the old."""
        spider, now = self.spider, self.clock.now()
        if not spider.journals:  # it fetches what a person asks for, or imports
            return decision
        archived = self.archive.read(path)
        if RepeatedBlocks(spider.state, now).take_out(item, archived):
            decision, _ = decide_on(item, self.archive)
        if news_of(decision.story) == news_of(archived):
            return decision
        if is_late(spider.state, decision.story, now):
            return decision._replace(outcome=Outcome.UNCHANGED, reason=IS_LATE)
        if decision.outcome.is_written:
            note_replaced(spider.state, archived, now)
        return decision

    def _apply(self, decision: Decision, path: Path | None) -> Decision:
        """Write the post if the decision says so; return the decision, as unchanged if the bytes were the same."""
        story, notes = decision.story, self.archive.notes
        if path is None and story.half:
            notes.halves.add(story.address, story.half)
        if decision.outcome.is_written:
            # Only what the site shows now is an edit, and not a page that is read again.
            if path and self.spider.owes and not self._is_read_anew(story, path):
                mark_news(self.archive, path)
            file = io.BytesIO()
            PostExporter(file).export_item(story)
            notes.longest.set(story.address, decision.longest)
            notes.learnt.set(story.address, story.edition if is_learnt(story, self.archive) else "")
            if not self.archive.write(path or self.archive.path_of(story.address), file.getvalue()):
                decision = decision._replace(outcome=Outcome.UNCHANGED)
        notes.absent.remove(story.address)
        if decision.outcome is Outcome.DOUBTFUL and notes.kept.has(story.address):
            return decision._replace(outcome=Outcome.UNCHANGED, reason="")
        notes.kept.remove(story.address)
        return decision

    def _is_read_anew(self, story: Story, path: Path) -> bool:
        """Whether an edition only shows more of a story, such as pictures, than the learnt one that read it before."""
        if self.archive.notes.learnt.find(story.address) in (None, story.edition):
            return False
        old = self.archive.read(path)
        return (story.title, blocks(story)) == (old.title, blocks(old))


def decide_on(story: Story, archive: Archive) -> tuple[Decision, Path | None]:
    """Return the decision about a story, and its archived post; raise OSError or PostError if these cannot be read."""
    path = archive.find(story.address)
    if path is None:
        return decide(story, None), None
    is_other_half = bool(story.half) and story.half != archive.notes.halves.find(story.address)
    longest = archive.notes.longest.find(story.address) or 0
    # Reasons go into notes, which clones in other folders share.
    name = path.relative_to(archive.root).as_posix()
    # Learning can prove the pictures of few stories.
    by_words = is_learnt(story, archive) and archive.notes.learnt.find(story.address) != story.edition
    return decide(story, archive.read(path), name, is_other_half, longest, by_words), path


def is_learnt(story: Story, archive: Archive) -> bool:
    return bool(story.edition) and (archive.root / edition_path(story.edition)).is_file()

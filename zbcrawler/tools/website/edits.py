"""The edits of the newspaper that the website shows, read from git once and kept in the catalogue."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from zbcrawler.archive.differences import Difference
from zbcrawler.archive.disk import is_post
from zbcrawler.archive.git import Git
from zbcrawler.archive.past import PostChange, read_changes, read_edits
from zbcrawler.common.errors import GitError
from zbcrawler.common.times import SINGAPORE
from zbcrawler.tools.report.coverage import EditCounts
from zbcrawler.tools.website.catalogue import Catalogue

_LABELS = {"changed": "修改", "shortened": "缩短", "withdrawn": "撤下", "back": "恢复"}
# The words of a difference's summary.
_WORDS = {"title": "标题", "time": "时间", "paragraph": "段落", "sentence": "句", "picture": "图", "caption": "图说"}
_WORD = re.compile("([a-z]+?)s?(?![a-z])")
_WATCHING = "realtime"  # the spider that sees stories soon after they are published
_HEAD = "commit of the edits"
_COLUMNS = "e.path, s.page, s.title, e.time, e.commit_id, e.kind, e.summary, e.old_blob, e.new_blob"


class EditedStory(NamedTuple):
    """An edit as the pages show it."""

    path: str  # of the post
    page: str  # the name of the story's page
    title: str  # of the story today
    time: datetime  # of the commit, in Singapore's zone
    commit: str
    kind: str
    summary: str
    old_blob: str
    new_blob: str
    difference: Difference = Difference()

    @property
    def label(self) -> str:
        return _LABELS[self.kind]

    @property
    def words(self) -> str:
        """What was edited, such as ``标题、2句``."""
        words = _WORD.sub(lambda found: _WORDS[found[1]], self.summary)
        return words.replace("; ", "、").replace(" ", "")


class Edits:
    """The edits of an archive; none if the archive is in no git repository."""

    def __init__(self, catalogue: Catalogue, root: Path) -> None:
        self.catalogue, self.db, self.git = catalogue, catalogue.db, Git(root)
        self.are_known = not self.git.is_unborn()
        # The oldest commits of a shallow clone, which git shows as adding all posts that came before them.
        shallow = Path(root, self.git("rev-parse", "--git-path", "shallow").strip()) if self.are_known else None
        self._ends = set(shallow.read_text().split()) if shallow and shallow.exists() else set()

    def refresh(self) -> None:
        """Read the commits since the last build, and mark the pages that show their edits."""
        head, last = self.git("rev-parse", "HEAD").strip() if self.are_known else "", self.catalogue.fact(_HEAD)
        if head == last:
            return
        base = self._forget_since(head, last)
        if head:
            for edit in read_edits(self.git, self._changes(f"{base}..{head}" if base else head)):
                change = edit.change
                values = edit.path, int(change.time.timestamp()), change.commit, edit.kind, edit.difference.summary
                blobs = change.old_blob, change.new_blob
                self.db.execute("insert or replace into edits values (?, ?, ?, ?, ?, ?, ?)", [*values, *blobs])
                self.catalogue.mark("story", edit.path)
                self.catalogue.mark("versions", edit.path)
        self.catalogue.set_fact(_HEAD, head)

    def _forget_since(self, head: str, last: str) -> str:
        """Forget the edits of commits that the branch no longer has; return the last one that it still has."""
        with suppress(GitError):  # they have no commit in common, or the old ones are gone
            base = self.git("merge-base", last, head).strip()
            for commit in self.git("rev-list", f"{base}..{last}").split():
                self.catalogue.forget_edits("commit_id = ?", commit)
            return base
        self.catalogue.forget_edits()
        self.db.execute("delete from seen")
        return ""

    def _changes(self, revisions: str) -> Iterator[PostChange]:
        """Yield the changes of posts, and note when a run saw each story as new."""
        for change in read_changes(self.git, revisions):
            if change.commit in self._ends:
                continue
            if not change.old_blob and is_post(change.path):
                # The newest change comes first; what counts is when a story came for the first time.
                seen = int(change.time.timestamp()) if change.spider == _WATCHING else None
                self.db.execute("insert or replace into seen values (?, ?)", [change.path, seen])
            yield change

    def counts(self) -> EditCounts | None:
        """Return the number of edits, and of those of a title, by month; None if the past is not known."""
        if not self.are_known:
            return None
        words = """select strftime('%Y-%m', time, 'unixepoch', '+8 hours') month, count(*),
            sum(summary like 'title%') from edits where kind in ('changed', 'shortened') group by month"""
        return EditCounts({month: (edits, titles) for month, edits, titles in self.db.execute(words)}, bool(self._ends))

    def newest(self, most: int, kind: str = "") -> list[EditedStory]:
        """Return the last edits, the newest first, without differences; only of a kind."""
        return list(self._select("(? = '' or e.kind = ?)", [kind, kind], most))

    def read(self, most: int) -> Iterator[EditedStory]:
        """Yield the last edits with their differences."""
        return self._with_differences(self.newest(most))

    def of(self, path: str) -> Iterator[EditedStory]:
        """Yield all edits of a story with their differences, the newest first."""
        return self._with_differences(list(self._select("e.path = ?", [path], -1)))

    def _select(self, where: str, values: Iterable[object], most: int) -> Iterator[EditedStory]:
        words = f"""select {_COLUMNS} from edits e join stories s using (path) where {where}
            order by e.time desc, e.path limit ?"""  # noqa: S608
        for path, page, title, time, *rest in self.db.execute(words, [*values, most]):
            yield EditedStory(path, page, title, datetime.fromtimestamp(time, SINGAPORE), *rest)

    def _with_differences(self, found: list[EditedStory]) -> Iterator[EditedStory]:
        changes = [
            PostChange(one.commit, one.time, one.path, one.old_blob, one.new_blob, "", False)
            for one in found
            if one.kind in ("changed", "shortened")
        ]
        read = read_edits(self.git, changes) if changes else ()
        differences = {(edit.change.commit, edit.path): edit.difference for edit in read}
        for one in found:
            yield one._replace(difference=differences.get((one.commit, one.path), Difference()))

"""Pushes an archive, and merges by rule what others pushed meanwhile."""

from __future__ import annotations

import json
import re
import shlex
import sys
from contextlib import suppress
from pathlib import Path

from zbcrawler.archive import merging
from zbcrawler.archive.folder import ArchiveFolder
from zbcrawler.archive.git import Git
from zbcrawler.common.errors import GitError

_ATTEMPTS = 4
_REJECTED = re.compile(r"rejected|fetch first|non-fast-forward|cannot lock ref")
_DRIVER = "merge.zbcrawler.driver"


class Pusher:
    """Pushes an archive, whether its repository begins at the archive or above it."""

    def __init__(self, archive: ArchiveFolder) -> None:
        self.archive = archive
        self.git = Git(archive.root)

    def push(self) -> bool:
        """Push what is not pushed yet.

        :returns: whether anything was pushed
        :raises GitError: if git fails; the next push has the commits
        """
        if self.git.is_unborn():
            return False
        if self.git.succeeds("config", "--local", _DRIVER):
            with suppress(GitError):
                self.merge_by_rule()  # an older version may have set a driver that is there no longer
        if not self.git.has_upstream():
            self.git("push", "--quiet", "--set-upstream", *self.git.remotes(), "HEAD")
            return True
        if not self.git("rev-list", "--max-count=1", "@{upstream}..HEAD").strip():
            return False
        for left in reversed(range(_ATTEMPTS)):
            try:
                self.git("push", "--quiet")
            except GitError as error:
                if not left or not _REJECTED.search(str(error)):
                    raise
                self.pull()
            else:
                break
        return True

    def pull(self) -> None:
        """Take over what others pushed.

        :raises GitError: if git cannot; nothing has changed then
        """
        self.merge_by_rule()
        self.git("fetch", "--quiet")
        try:
            self.git("rebase", "--quiet", "--autostash", "@{upstream}", variables=self.git.identity())
        except GitError:
            self.git.succeeds("rebase", "--abort")
            raise

    def merge_by_rule(self) -> Path:
        """Make git merge two versions of a story with :mod:`zbcrawler.archive.merging`, in this clone.

        :returns: the file that names what is merged by rule; it is this clone's, because others may lack the program
        :raises GitError: if git refuses, or the file cannot be written
        """
        project = Path(__file__).parents[2]
        program = f"env PYTHONPATH={shlex.quote(str(project))} {shlex.quote(sys.executable)} -m {merging.__name__}"
        for key, value in (("merge.zbcrawler.name", "zbcrawler, by rule"), (_DRIVER, f"{program} %A %B %P")):
            self.git("config", "--local", key, value)
        attributes = self.archive.root / self.git("rev-parse", "--git-path", "info/attributes").strip()
        prefix = self.git("rev-parse", "--show-prefix").strip()
        try:
            known = attributes.read_text("utf-8").splitlines() if attributes.exists() else []
            # Quoted as in JSON: a folder's name may have blanks.
            lines = [f"{json.dumps(prefix + each, ensure_ascii=False)} merge=zbcrawler" for each in merging.PATTERNS]
            if missing := [line for line in lines if line not in known]:
                attributes.parent.mkdir(exist_ok=True)
                attributes.write_text("\n".join([*known, *missing]) + "\n", "utf-8")
        except OSError as error:
            raise GitError(f"git: no rule for merging could be set: {error}") from error
        return attributes

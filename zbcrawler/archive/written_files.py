"""Find the files of an archive that git does not have as they are.

Git finds them by comparing every file, which takes seconds in a large archive. There, a run looks only into folders
that have changed since the last search of all, at most a day ago: runs replace files and never write into them, and a
replaced file changes its folder. What an editor writes into a file is found by the next search of all.
"""

import fnmatch
import glob
import hashlib
import os
import re
from contextlib import suppress
from glob import iglob
from pathlib import Path

from zbcrawler.archive import disk
from zbcrawler.archive.clone_setup import ATTRIBUTES, has_own_attributes
from zbcrawler.archive.disk import EDITIONS, PICTURES, POSTS
from zbcrawler.archive.git import Git, git_paths
from zbcrawler.archive.notes import PLACES

# What runs write in the archive's folder, as patterns of git. Other files there, such as a website's layout, are never
# committed, nor are drafts and an editor's files between the posts.
_GLOB = ":(glob)"
WRITTEN = {place: f"{_GLOB}{place}" if place.endswith(".json") else f"{_GLOB}{place}/[!.]*.json" for place in PLACES}
WRITTEN |= {EDITIONS: f"{_GLOB}{disk.edition_path('[!.]*')}", POSTS: f"{_GLOB}{POSTS}/*/*/*/[0-9]*.md"}
WRITTEN |= {PICTURES: f"{_GLOB}{PICTURES}/*/[0-9a-f]*.[a-z]*"}
_LARGE = 10_000_000  # bytes of git's index; a post takes about 100
_DAY = 86_400  # seconds
_ROUNDING = 2  # seconds; some disks round the times of files


class WrittenFiles:
    """A search for written files. After :meth:`note`, the next search in a large archive is a short one."""

    def __init__(self, git: Git, now: float) -> None:
        """Search nothing yet; ``now``: the time of a file just written, in seconds. Some disks have another clock."""
        self.git = git
        self.places = [*WRITTEN.values(), *([ATTRIBUTES] if has_own_attributes(git) else [])]
        self._now = now
        self._last = git.folder / disk.PRIVATE / "git.searched"  # its time is that of the last search of all
        self._was_short = False

    def find(self) -> list[str]:
        """Return the paths, from the archive's folder, of files that are new, changed or removed."""
        if split_large_index(self.git):
            with suppress(FileNotFoundError):
                since = self._last.stat().st_mtime - _ROUNDING
                self._was_short = self._now - _DAY < since < self._now and not self.git.is_unborn()
                if self._was_short:
                    return self._find_since(since)
        return self.git.names("ls-files", "--modified", "--others", "--exclude-standard", "-z", "--", *self.places)

    def note(self) -> None:
        """Note that git has all that was found."""
        if not self._was_short:
            disk.make_way(self._last)
            self._last.touch()
            os.utime(self._last, (self._now, self._now))

    def _find_since(self, since: float) -> list[str]:
        root, near = self.git.folder, []
        for pattern in WRITTEN.values():
            folders, _, name = pattern.removeprefix(_GLOB).rpartition("/")
            near += [(path, name) for path in iglob(folders, root_dir=root) if (root / path).stat().st_mtime >= since]
        if not near:
            return []
        # Unlike other commands of git, this one does not read the index.
        lines = self.git.names("ls-tree", "-z", "HEAD", "--", *{f"{folder}/" for folder, _ in near})
        known = {path: about.split()[2] for about, _, path in (line.partition("\t") for line in lines)}
        paths = {*known, *(f"{folder}/{file}" for folder, _ in near for file in os.listdir(root / folder))}
        patterns = re.compile("|".join(fnmatch.translate(f"{glob.escape(folder)}/{name}") for folder, name in near))
        found = [path for path in sorted(paths) if patterns.match(path)]
        return [path for path in found if _is_changed(root / path, known.get(path), since)]


def split_large_index(git: Git) -> bool:
    """Let git keep the index of a large archive in two files, of which a commit writes one; return if it does."""
    setting = git("config", "--default=unset", "--get", "core.splitIndex").strip()
    (index,) = git_paths(git, "index")
    if setting == "unset" and index.exists() and index.stat().st_size > _LARGE:
        git("config", "--local", "core.splitIndex", "true")
        git("update-index", "--split-index")
        return True
    return setting == "true"


def _is_changed(path: Path, blob: str | None, since: float) -> bool:
    """Whether a file differs from git's ``blob`` of it; a file older than ``since`` does not."""
    if blob is None or not path.is_file():
        return path.is_file() or blob is not None
    if path.stat().st_mtime < since:
        return False
    data = path.read_bytes()
    return hashlib.new("sha256" if len(blob) == 64 else "sha1", b"blob %d\0%s" % (len(data), data)).hexdigest() != blob

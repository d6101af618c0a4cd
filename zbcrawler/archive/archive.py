"""Find and read the posts of the archive, and give access to its notes."""

import os
import stat
import warnings
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.settings import BaseSettings
from typing_extensions import Self

from zbcrawler.archive import disk, posts
from zbcrawler.archive.disk import ArchiveFolder
from zbcrawler.archive.notes import Notes
from zbcrawler.common.addresses import NEIGHBOURS, StoryAddress
from zbcrawler.common.arguments import archive_dir
from zbcrawler.common.errors import ArgumentError, PostError
from zbcrawler.items import Story

if TYPE_CHECKING:
    from zbcrawler.archive.reading import ArchivedStory, StoryEdit

_LONGEST_OUTAGE = 400  # in days
_MOST_READ = 10_000  # posts that are opened to find the newest of a section


def _warn(what: str) -> None:
    warnings.warn(f"left out: {what}", stacklevel=3)  # at the line of the program that asks for the next story


class Archive(ArchiveFolder):
    """The posts and notes of the archive; methods raise OSError if a folder or a post cannot be read.

    Programs of users iterate over it, and use ``stories`` and ``edits``. All other methods are for runs.
    """

    def __init__(self, root: str | os.PathLike[str], dry_run: bool = False, chooses_home: bool = True) -> None:
        """Write nothing yet; ``chooses_home``: the half of the first story becomes the home of an empty archive."""
        super().__init__(os.path.expanduser(root), dry_run)
        self.notes = Notes(self, chooses_home)

    def __iter__(self) -> Iterator["ArchivedStory"]:
        return self.stories()

    def stories(
        self, first: date = date.min, last: date = date.max, broken: Callable[[str], object] = _warn
    ) -> Iterator["ArchivedStory"]:
        """Yield the stories from one day to another, by the day in the address, oldest first; hold one at a time.

        :param broken: called for each post that cannot be read, with the file and the reason; default: warn
        :raises FileNotFoundError: if the folder is no archive
        """
        from zbcrawler.archive.reading import ArchivedStory  # noqa: PLC0415  # not for runs

        if not (self.root / disk.POSTS).is_dir():
            raise FileNotFoundError(f"{self.root}: has no {disk.POSTS}; is it an archive?")
        for _, folder, names in disk.day_folders(self.root, first, last):
            for path in (Path(folder, name) for name in sorted(names)):
                try:
                    story = self.read(path)
                except (OSError, PostError) as error:
                    broken(str(error))
                else:
                    yield ArchivedStory.of(story, path)

    def edits(self) -> Iterator["StoryEdit"]:
        """Yield what the newspaper edited in all stories, the newest edit first; hold one at a time.

        :raises GitError: if the archive is in no git repository, or has no commit
        """
        from zbcrawler.archive.reading import read_edits  # noqa: PLC0415

        return read_edits(self.root)

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        """Return the archive of the settings; raise ArgumentError if ``ARCHIVE_DIR`` is not allowed."""
        root = archive_dir(settings)
        if os.path.isdir(root) and not os.access(root, os.R_OK | os.X_OK):
            raise ArgumentError(f"ARCHIVE_DIR={root}: cannot be read by this user; correct its owner and permissions")
        return cls(root, settings.getbool("DRY_RUN"), settings.getbool("CHOOSE_HOME", True))

    def path_of(self, address: StoryAddress) -> Path:
        return self.root / disk.post_path(address)

    def find(self, address: StoryAddress) -> Path | None:
        """Return the post of a story, searched up to two days before and after its day; None if there is none."""
        for shift in NEIGHBOURS:
            with suppress(FileNotFoundError, NotADirectoryError, OverflowError):  # the calendar's last day
                path = f"{self.root}/{disk.post_path(address, shift)}"
                # Unlike os.path.isfile, raise for a post that cannot be accessed: such a post is not missing.
                if stat.S_ISREG(os.stat(path).st_mode):
                    return Path(path)
        return None

    def read(self, path: Path) -> Story:
        """Return the story in a post; raise PostError if the file is not a post as zbcrawler writes it."""
        return posts.read(posts.decoded(path.read_bytes(), str(path)), str(path))

    def title(self, path: Path) -> str | None:
        return posts.read_title(path.read_bytes().decode("utf-8", "replace"))

    def posts_between(self, first: date, last: date) -> Iterator[Path]:
        """Yield the posts from a day to another, by the day of their folder; read none."""
        for shift in range((last - first).days + 1):
            yield from disk.posts_of(self.root, first + timedelta(days=shift))

    def address_in(self, path: Path) -> StoryAddress | None:
        return StoryAddress.parse(posts.read_link(path.read_bytes().decode("utf-8", "replace")) or "")

    def newest_stories(self, sections: Collection[str], most: int) -> list[Story]:
        """Return the newest readable stories of sections; ``china`` is ``realtime/china`` and ``news/china``."""
        found: list[Story] = []
        for path in sorted(self.root.glob(f"{disk.POSTS}/*/*/*/*.md"), reverse=True)[:_MOST_READ]:
            address = self.address_in(path)
            if address and address.section.partition("/")[2] in sections:
                with suppress(PostError):
                    found.append(self.read(path))
            if len(found) == most:
                break
        return found

    def newest_before(self, last: date, section: str, without: set[str]) -> datetime | None:
        """Return when the newest post of a section up to a day was published; no number of ``without`` counts."""
        dates: list[datetime] = []
        left = _LONGEST_OUTAGE
        while left:
            found = [(path, self.address_in(path)) for path in disk.posts_of(self.root, last)]
            wanted = [path for path, of in found if of and of.section == section and of.number not in without]
            # Addresses of a later day may have an earlier time.
            left = min(left, len(NEIGHBOURS)) - 1 if wanted or dates else left - 1
            dates += [date for path in wanted if (date := self.read(path).date)]
            last -= timedelta(days=1)
        return max(dates, default=None)

"""The folder of the archive: paths, posts, notes, what runs remember, git, and the decision about a new version.

Programs of users read an archive with what ``__all__`` names (docs/how-to/reading-with-python.md). This is kept stable;
everything else in ``zbcrawler`` may change.
"""

from typing import TYPE_CHECKING

__all__ = ["Archive", "ArchivedStory", "StoryEdit"]

if TYPE_CHECKING:
    from zbcrawler.archive.archive import Archive
    from zbcrawler.archive.reading import ArchivedStory, StoryEdit
else:

    def __getattr__(name):
        # Runs import this package without these.
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from zbcrawler.archive import archive, reading  # noqa: PLC0415

        return getattr(archive if name == "Archive" else reading, name)

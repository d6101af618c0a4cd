"""Stories and their edits, as programs of users read them: with plain types, and nothing that can be changed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, cast

from typing_extensions import Self

from zbcrawler.archive import disk, past, pictures, posts
from zbcrawler.archive.git import Git
from zbcrawler.common.times import SINGAPORE
from zbcrawler.items import Story


@dataclass(frozen=True)
class ArchivedStory:
    """A story as the archive has it, or had it before an edit. Times are aware, in Singapore's zone."""

    number: str  # rarely, two stories of different years share one
    url: str  # https://www.zaobao.com/realtime/china/story20260131-3120268
    section: str  # realtime/china
    title: str
    published: datetime  # if the site gave no time: when the story was archived
    updated: datetime | None  # when the newspaper says that it edited; only with the optional key
    byline: str  # empty without the optional key
    text: str = field(repr=False)  # a line for each paragraph, list item and caption
    html: str = field(repr=False)  # the same with its markup, cleaned
    pictures: tuple[str, ...] = field(repr=False)  # their addresses; of kept pictures, the path in the archive
    path: Path = field(repr=False)  # of the post

    @classmethod
    def of(cls, story: Story, path: Path) -> Self:
        published = story.published or cast(datetime, story.date)  # every post has a date
        return cls(
            number=story.address.number,
            url=story.address.url,
            section=story.address.section,
            title=story.title,
            published=published.astimezone(SINGAPORE),
            updated=story.updated and story.updated.astimezone(SINGAPORE),
            byline=story.byline,
            text="\n".join(filter(None, map(str.strip, posts.text_of(story.body).split("\n")))),
            html="\n".join(story.body),
            pictures=tuple(link.removeprefix(disk.link_from_post("")) for link in pictures.sources(story.body)),
            path=path,
        )

    @property
    def edits(self) -> list["StoryEdit"]:
        """What the newspaper edited in the story, the newest first; asks git, so it takes a moment.

        :raises GitError: if the archive is in no git repository, or has no commit
        """
        root = disk.root_of(self.path) or self.path
        return list(read_edits(root, past.paths_of(self.path.resolve().relative_to(root).as_posix())))


class StoryEdit(NamedTuple):
    """One edit of the newspaper."""

    time: datetime  # when a run committed the edit
    kind: str  # changed, shortened, withdrawn or back
    before: ArchivedStory
    after: ArchivedStory  # equals ``before`` if the story was withdrawn, or is back


def read_edits(root: Path, paths: Iterable[str] = ()) -> Iterator[StoryEdit]:
    """Yield the edits of all stories, or of those with these paths, the newest first."""
    git = Git(root)
    for edit in past.read_edits(git, past.read_changes(git, paths=paths)):
        before, after = (ArchivedStory.of(story, root / edit.path) for story in (edit.old, edit.new))
        yield StoryEdit(edit.time, edit.kind, before, after)

"""What the report counts: the posts of an archive, and what git knows of their past."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from zbcrawler.archive import posts
from zbcrawler.archive.disk import POSTS
from zbcrawler.archive.git import Git
from zbcrawler.common.text import letters
from zbcrawler.common.times import SINGAPORE
from zbcrawler.tools.website.stories import read_post, read_stories

_COMMIT = "commit "


class PostFacts(NamedTuple):
    """What the report counts of a post."""

    time: datetime  # the post's date, in Singapore's zone
    section: str  # such as ``realtime/china``
    path: str  # from the archive's folder
    length: int  # letters, digits and Han characters of the body
    published: datetime | None  # the site's own time (aware), None if the site gave none


def read_facts(root: Path) -> Iterator[PostFacts]:
    """Yield the posts of an archive, the oldest first. Skip broken posts: ``scrapy verify`` reports them.

    :raises OSError: if a file cannot be read
    """
    for story in read_stories(root, lambda _: None):
        if post := read_post(root, story):
            length = len(letters(posts.text_of(post.body)))
            yield PostFacts(story.time, story.section, story.path, length, post.published)


class History(NamedTuple):
    """The past of the posts."""

    first: dict[str, datetime]  # by path, when a post was first committed (Singapore's zone)
    edits: Counter[str]  # by month (``2026-01``), how often a post was changed
    retitles: Counter[str]  # by month, how often a title was changed; part of ``edits``
    cut: bool  # older commits are missing (a shallow clone), and ``first`` lacks the posts that they added


def read_history(root: Path) -> History | None:
    """Return the past of an archive's posts; None if the archive is in no repository, or has no commit.

    :raises GitError: if git fails
    """
    git = Git(root)
    if git.is_unborn():
        return None
    ends = _ends(git)
    # The newest commit comes first, so the oldest commit that added a path overwrites the others.
    added = {path: (when, commit) for when, commit, path in _log(git, "--diff-filter=A")}
    return History(
        first={path: when for path, (when, commit) in added.items() if commit not in ends},
        edits=_months(git, "--diff-filter=M"),
        retitles=_months(git, "--diff-filter=M", "-G", "^title: "),
        cut=bool(ends),
    )


def _ends(git: Git) -> frozenset[str]:
    """Return the oldest commits of a shallow clone, which git shows as adding all posts that came before them."""
    path = git.folder / git("rev-parse", "--git-path", "shallow").strip()
    return frozenset(path.read_text().split()) if path.exists() else frozenset()


def _months(git: Git, *words: str) -> Counter[str]:
    return Counter(f"{when:%Y-%m}" for when, _, _ in _log(git, *words))


def _log(git: Git, *words: str) -> Iterator[tuple[datetime, str, str]]:
    """Yield time, commit and path of each change of a post that ``git log`` selects."""
    options = ("--no-renames", "--relative", "--name-only", f"--format={_COMMIT}%ct %H")
    when, commit = None, ""
    for line in git("log", *options, *words, "--", POSTS).splitlines():
        if line.startswith(_COMMIT):
            seconds, commit = line.removeprefix(_COMMIT).split()
            when = datetime.fromtimestamp(int(seconds), SINGAPORE)
        elif line and when:
            yield when, commit, line

"""Change the build of the site under an archive: does the archive heal, and is every post right? See :func:`heal`.

The archive is made by a real crawl of the replica. Then the build changes, new stories are published, and realtime
runs follow, one an hour. Every post is compared with the replica's truth after every run.
"""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from support.crawling import MOMENT, crawl, tree
from support.without_edition import settings_without
from zbcrawler.archive.archive import Archive
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.times import Clock
from zbcrawler.replica import Newsroom, Replica, ReplicaStory, oddities, text
from zbcrawler.replica.composer import compose
from zbcrawler.replica.redesigns import REDESIGNS

RUNS = 3
_ODD = (
    "table",
    "gallery",
    "links",
    "pre_and_rule",
    "figures_in_a_row",
    "picture_in_paragraph",
    "youtube",
    "residue",
    "tweet",
)
RARE = (oddities.everyday, *map(oddities.MAKERS.__getitem__, _ODD))
_ALT = re.compile(' alt="[^"]*"')
_NUMBER = 9_000_000


@dataclass(frozen=True)
class Truth:
    """What the post of a story must hold. The lines are compared without ``alt``, which a build may lack."""

    title: str
    published: datetime | None
    lines: list[str]


@dataclass
class Healing:
    """What the runs after a redesign did.

    :ivar codes: the exit code of each run
    :ivar requests: the requests of each run
    :ivar seconds: the duration of each run
    :ivar wrong: what is wrong in posts after any run, as ``run 2: PATH: text: -what it should hold +what it holds``
    :ivar missing: the paths of new stories without a post after the last run
    :ivar learnt: the files of learnt editions after the last run, with their text
    :ivar outputs: the output of each run
    """

    before: str
    after: str
    codes: list[int] = field(default_factory=list)
    requests: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    learnt: dict[str, str] = field(default_factory=dict)
    outputs: list[str] = field(default_factory=list)

    @property
    def healed(self) -> bool:
        """Return whether all new stories are archived, no post was ever wrong, and the last run was content."""
        return not self.wrong and not self.missing and self.codes[-1] == 0


def heal(
    folder: Path,
    before: str = "react",
    after: str = "hashed",
    stories: int = 150,
    published: int = 12,
    seed: int = 7,
    bodies: Path | None = None,
    taken_out: bool = True,
    **settings: object,
) -> Healing:
    """Archive the replica in one build, change it to another and run up to three times, until all is well.

    :param folder: empty; gets the archive
    :param before: an edition in code
    :param after: a redesign, or an edition
    :param stories: in the archive, of all sections together
    :param published: ordinary stories that are new after the change; the rare ones of ``RARE`` follow
    :param bodies: a folder of real bodies, as for the replica; then posts of the old build are the truth
    :param taken_out: whether the runs lack the code of the edition ``after``
    :param settings: of the runs after the change
    """
    newsroom = Newsroom(seed, Clock(MOMENT), stories=stories, bodies=bodies)
    healing, archive = Healing(before, after), Archive(folder)
    with Replica(newsroom, before) as replica:
        _archive_all(replica, folder)
        truths = {story.path: _truth(story, before, replica, archive) for story in newsroom.expected()}
        old = tree(folder)
        if after in REDESIGNS:
            replica.redesign(after)
        else:
            replica.edition = after
            settings |= settings_without(after) if taken_out else {}
        newsroom.clock = Clock(MOMENT + timedelta(hours=1))
        new = list(publish(newsroom, [compose] * published + list(RARE)))
        edition = "react" if after in REDESIGNS else after
        truths |= {story.path: _truth(story, edition, replica, archive) for story in new}
        for number in range(1, RUNS + 1):
            newsroom.clock = Clock(MOMENT + timedelta(hours=number, minutes=5))
            _run(replica, folder, healing, settings)
            known = {fault.partition(": ")[2] for fault in healing.wrong}
            faults = _faults(archive, newsroom, truths, old)
            healing.wrong += [f"run {number}: {fault}" for fault in faults if fault not in known]
            healing.missing = [one.path for one in new if not archive.find(StoryAddress.parse(one.path))]
            if healing.healed:
                break
    healing.learnt = {path.name: path.read_text() for path in sorted(folder.glob("_data/editions/*.yml"))}
    return healing


def _archive_all(replica: Replica, folder: Path) -> subprocess.CompletedProcess[str]:
    # The Astro listing shows only the newest stories.
    if replica.edition == "astro":
        links = ",".join(story.path for story in replica.newsroom.expected())
        run = crawl("story", replica.url, folder, replica.newsroom, url=links)
    else:
        run = crawl("realtime", replica.url, folder, replica.newsroom, pages=40)
    assert run.returncode == 0, run.stdout + run.stderr
    return run


def _truth(story: ReplicaStory, edition: str, replica: Replica, archive: Archive) -> Truth:
    """Return the truth of a story; of a real body, what the archive holds."""
    lines = replica.expected_lines(story)
    if lines is None:
        lines = archive.read(archive.find(StoryAddress.parse(story.path))).body
    return Truth(story.expected_title_in(edition), story.expected_time, lines)


def publish(newsroom: Newsroom, makers: Sequence[oddities.Maker]) -> Iterator[ReplicaStory]:
    """Publish a story of each maker over the last hour, in all sections."""
    for place, make in enumerate(makers):
        rng = text.generator(newsroom.seed, f"redesigned/{place}")
        section = newsroom.sections[place % len(newsroom.sections)]
        published = newsroom.clock.now() - timedelta(minutes=2 * place + 1)
        title = f"{text.headline(rng)}（{place}）"
        yield newsroom.add(section, _NUMBER - 9 * place, published.date(), title, published, content=make(rng))


def _run(replica: Replica, folder: Path, healing: Healing, settings: dict[str, object]) -> None:
    asked, start = len(replica.requests), time.monotonic()
    run = crawl("realtime", replica.url, folder, replica.newsroom, settings=settings)
    healing.seconds.append(round(time.monotonic() - start, 1))
    healing.requests.append(len(replica.requests) - asked)
    healing.codes.append(run.returncode)
    healing.outputs.append(run.stdout + run.stderr)


def _faults(archive: Archive, newsroom: Newsroom, truths: dict[str, Truth], old: dict[str, bytes]) -> Iterator[str]:
    """Yield what is wrong in an archive's posts. A post is right if nothing changed, or if it holds the truth."""
    posts = tree(archive.root)
    yield from (f"{name}: vanished" for name in old.keys() - posts.keys() if name.startswith("_posts/"))
    for name, data in posts.items():
        if not name.startswith("_posts/") or old.get(name) == data:
            continue
        post = archive.read(archive.root / name)
        story = newsroom.find(post.address.path)
        truth = story and truths.get(story.path)
        if not truth:
            yield f"{post.address.path}: no listing shows this story"
            continue
        for what, is_, should in (
            ("title", [post.title], [truth.title]),
            ("time", [str(post.published)], [str(truth.published)]),
            ("text", without_alt(post.body), without_alt(truth.lines)),
        ):
            if is_ != should:
                yield f"{post.address.path}: {what}: {difference(should, is_)}"


def without_alt(lines: list[str]) -> list[str]:
    """Return lines of a post without the ``alt`` of their pictures."""
    return [_ALT.sub("", line) for line in lines]


def difference(should: list[str], is_: list[str]) -> str:
    """Return the first lines that one of two texts lacks, each shortened."""
    lost = [f"-{_short(line)}" for line in should if line not in is_]
    added = [f"+{_short(line)}" for line in is_ if line not in should]
    return " ".join([*lost[:2], *added[:2]]) or "in another order"


def _short(line: str) -> str:
    return line if len(line) <= 160 else f"{line[:70]} … {line[-70:]}"

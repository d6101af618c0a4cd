"""The demo: archives a replica of the site three times, and shows what the archive looks like."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from zbcrawler.archive.layout import PRIVATE
from zbcrawler.archive.store import Archive
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.clock import Clock
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.server import Replica

_PROJECT = Path(__file__).parents[2]
_MOMENT = "2026-01-31T20:00:00+08:00"
_STORIES = 90
# The replica needs no manners, everything else is as in a real run.
_AT_FULL_SPEED = {
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": False,
    "CONCURRENT_REQUESTS": 8,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
}


def show_demo() -> bool:
    """Run it; whether every crawl did its job, and the second one changed nothing."""
    archive = Path(tempfile.mkdtemp(prefix="zbcrawler-demo-")) / "archive"
    archive.mkdir()
    clock = Clock.parse(_MOMENT)
    newsroom = Newsroom(seed=1, clock=clock, stories=_STORIES)
    with Replica(newsroom, edition="react") as replica:
        show = _Show(replica, clock, archive)
        show.say(f"A replica of the site runs at {replica.url}; its text is invented.")
        show.crawl("The first crawl archives what the sections list.")
        show.commit("first crawl")
        before = _snapshot(archive)
        show.crawl("The second crawl finds nothing new, and changes nothing.")
        unchanged = _snapshot(archive) == before
        if not unchanged:
            show.say("THE SECOND CRAWL CHANGED FILES: this is a fault.")
        retitled = _make_news(newsroom, clock)
        show.crawl(
            "Two hours later three stories are new, two have other titles, two other texts."
            " The titles show in the listing; recheck=1d asks for the rest.",
            "recheck=1d",
        )
        show.changes()
        show.post(Archive(archive).path_of(retitled))
    show.say(f"The replica is stopped. The archive of this demo stays in {archive}")
    return unchanged and show.all_passed


class _Show:
    def __init__(self, replica: Replica, clock: Clock, archive: Path) -> None:
        self.replica = replica
        self.clock = clock
        self.archive = archive
        self.all_passed = True

    def say(self, text: str) -> None:
        print(f"\n== {text}", flush=True)

    def crawl(self, text: str, *arguments: str) -> None:
        self.say(text)
        settings = {
            "SITE_URL": self.replica.url,
            "ARCHIVE_DIR": self.archive,
            "CLOCK": self.clock.now().isoformat(),
            "LOG_LEVEL": "ERROR",
            **_AT_FULL_SPEED,
        }
        command = [sys.executable, "-m", "scrapy", "crawl", "realtime"]
        command += [part for argument in arguments for part in ("-a", argument)]
        command += [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]
        self.all_passed &= subprocess.run(command, cwd=_PROJECT, check=False).returncode == 0  # noqa: S603

    def commit(self, message: str) -> None:
        if self._git("init", "--quiet") is None:
            self.say("git is not installed, so there will be no diff to show.")
            return
        self._git("add", "--all")
        self._git("-c", "commit.gpgsign=false", "commit", "--quiet", "--no-verify", "--message", message)

    def changes(self) -> None:
        self._git("add", "--all")
        summary = self._git("diff", "--cached", "--stat=100", "--summary")
        if summary:
            self.say("git diff --stat says of that crawl:")
            print(summary)

    def post(self, path: Path) -> None:
        self.say(f"One of the retitled posts, {path.relative_to(self.archive.parent)}:")
        print(path.read_text("utf-8"))

    def _git(self, *arguments: str) -> str | None:
        git = shutil.which("git")
        if git is None:
            return None
        identity = ("-c", "user.name=zbcrawler demo", "-c", "user.email=demo@localhost", "-c", "core.autocrlf=false")
        command = [git, "-C", str(self.archive), *identity, *arguments]
        # GIT_DIR and the like, set inside hooks, would lead into the caller's own repository.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        done = subprocess.run(command, check=True, capture_output=True, encoding="utf-8", env=environment)  # noqa: S603
        return done.stdout


def _make_news(newsroom: Newsroom, clock: Clock) -> StoryAddress:
    """Publish, retitles and edits stories two hours later; returns one that got a new title."""
    section = newsroom.sections[0]
    ordinary = [story for story in newsroom.listed(section) if story not in newsroom.cases.values()]
    clock.advance(timedelta(hours=2))
    for name in newsroom.sections:
        newsroom.publish(name)
    for story in ordinary[:2]:
        newsroom.retitle(story)
    for story in ordinary[2:4]:
        newsroom.edit(story)
    return StoryAddress.parse(ordinary[0].path)


def _snapshot(archive: Path) -> dict[Path, tuple[bytes, int]]:
    files = [path for path in archive.rglob("*") if path.is_file() and not {".git", PRIVATE} & set(path.parts)]
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}

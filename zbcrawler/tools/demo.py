"""The demo: archive a replica of the site three times, and show what the archive looks like."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from zbcrawler.archive.layout import PRIVATE, post_path
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.clock import Clock
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.server import Replica

_PROJECT = Path(__file__).parents[2]
_MOMENT = "2026-01-31T20:00:00+08:00"
_STORIES = 90
# The replica needs no manners; all other settings are those of a real run.
_AT_FULL_SPEED = {
    "LOG_LEVEL": "ERROR",
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": False,
    "CONCURRENT_REQUESTS": 8,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
}


def show_demo() -> bool:
    """Run the demo; return whether every crawl did its job, and the second crawl changed nothing."""
    archive = Path(tempfile.mkdtemp(prefix="zbcrawler-demo-")) / "archive"
    archive.mkdir()
    clock = Clock.parse(_MOMENT)
    newsroom = Newsroom(seed=1, clock=clock, stories=_STORIES)
    with Replica(newsroom, edition="react") as replica:
        _say(f"A replica of the site runs at {replica.url}; its text is invented.")
        _say("The first crawl archives what the sections list.")
        passed = [_crawl(replica.url, clock, archive)]
        if _git(archive, "init", "--quiet") is None:
            _say("git is not installed, so there will be no diff to show.")
        _git(archive, "add", "--all")
        _git(archive, "-c", "commit.gpgsign=false", "commit", "--quiet", "--no-verify", "--message", "first crawl")
        before = _snapshot(archive)
        _say("The second crawl finds nothing new, and changes nothing.")
        passed.append(_crawl(replica.url, clock, archive))
        unchanged = _snapshot(archive) == before
        if not unchanged:
            _say("THE SECOND CRAWL CHANGED FILES: this is a fault.")
        retitled = _make_news(newsroom, clock)
        _say(
            "Two hours later three stories are new, two have other titles, two other texts."
            " The titles show in the listing; recheck=1d asks for the rest."
        )
        passed.append(_crawl(replica.url, clock, archive, "-a", "recheck=1d"))
        _git(archive, "add", "--all")
        if diff := _git(archive, "diff", "--cached", "--stat=100", "--summary"):
            _say("git diff --stat says of that crawl:")
            print(diff)
        post = archive / post_path(retitled)
        _say(f"One of the retitled posts, {post.relative_to(archive.parent)}:")
        print(post.read_text("utf-8"))
    _say(f"The replica is stopped. The archive of this demo stays in {archive}")
    return unchanged and all(passed)


def _say(text: str) -> None:
    print(f"\n== {text}", flush=True)


def _crawl(site: str, clock: Clock, archive: Path, *words: str) -> bool:
    settings = {"SITE_URL": site, "ARCHIVE_DIR": archive, "CLOCK": clock.now().isoformat(), **_AT_FULL_SPEED}
    command = [sys.executable, "-m", "scrapy", "crawl", "realtime", *words]
    command += [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]
    return subprocess.run(command, cwd=_PROJECT, check=False).returncode == 0  # noqa: S603


def _git(archive: Path, *words: str) -> str | None:
    """Return the output of git, None if git is not installed."""
    git = shutil.which("git")
    if git is None:
        return None
    identity = ("-c", "user.name=zbcrawler demo", "-c", "user.email=demo@localhost", "-c", "core.autocrlf=false")
    command = [git, "-C", str(archive), *identity, *words]
    # GIT_DIR and the like, which git sets for hooks, name the caller's own repository.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(command, check=True, capture_output=True, encoding="utf-8", env=environment).stdout  # noqa: S603


def _make_news(newsroom: Newsroom, clock: Clock) -> StoryAddress:
    """Publish, retitle and edit stories, two hours later; return a story with a new title."""
    ordinary = [story for story in newsroom.listed(newsroom.sections[0]) if story not in newsroom.cases.values()]
    clock.advance(timedelta(hours=2))
    for name in newsroom.sections:
        newsroom.publish(name)
    for story in ordinary[:2]:
        newsroom.retitle(story)
    for story in ordinary[2:4]:
        newsroom.edit(story)
    address = StoryAddress.parse(ordinary[0].path)
    if address is None:
        raise ValueError(f"{ordinary[0].path}: not the address of a story")
    return address


def _snapshot(archive: Path) -> dict[Path, tuple[bytes, int]]:
    files = [path for path in archive.rglob("*") if path.is_file() and not {".git", PRIVATE} & set(path.parts)]
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}

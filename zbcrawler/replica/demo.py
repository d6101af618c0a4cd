"""The demo: archive a replica of the site three times, and show what the archive looks like."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

from zbcrawler.common.times import Clock
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.server import Replica
from zbcrawler.replica.story import ReplicaStory

_PROJECT = Path(__file__).parents[2]
_MOMENT = "2026-01-31T20:00:00+08:00"
_STORIES = 90
# The replica needs no pauses between requests. All other settings are those of a real run.
_AT_FULL_SPEED = {
    "LOG_LEVEL": "ERROR",
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": False,
    "CONCURRENT_REQUESTS": 8,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
}


def show_demo(archive: Path, run_git: Callable[..., str]) -> bool:
    """Run the demo; return whether every crawl did its job, and the second crawl changed nothing.

    :param archive: an empty folder
    :param run_git: runs git in this folder and returns what git prints
    """
    identity = ("-c", "user.name=zbcrawler demo", "-c", "user.email=demo@localhost")
    git = partial(run_git, *identity, "-c", "core.autocrlf=false")
    clock = Clock.parse(_MOMENT)
    newsroom = Newsroom(seed=1, clock=clock, stories=_STORIES)
    with Replica(newsroom, edition="react") as replica:
        _say(f"A replica of the site runs at {replica.url}; its text is invented.")
        _say("The first crawl archives what the sections list.")
        passed = [_crawl(replica.url, clock, archive)]
        if has_git := shutil.which("git"):
            git("init", "--quiet")
            git("add", "--all")
            git("-c", "commit.gpgsign=false", "commit", "--quiet", "--no-verify", "--message", "first crawl")
        else:
            _say("git is not installed, so there will be no diff to show.")
        before = _snapshot(archive)
        _say("The second crawl finds nothing new, and changes nothing.")
        passed.append(_crawl(replica.url, clock, archive))
        unchanged = _snapshot(archive) == before
        if not unchanged:
            _say("THE SECOND CRAWL CHANGED FILES: this is a fault.")
        retitled = _make_news(newsroom, clock)
        _say(
            "Two hours later three stories are new, two have other titles, two other texts."
            " The titles show in the listing; looking again at young stories finds the texts."
        )
        passed.append(_crawl(replica.url, clock, archive))
        if has_git:
            git("add", "--all")
            if diff := git("diff", "--cached", "--stat=100", "--summary"):
                _say("git diff --stat after that crawl:")
                print(diff)
        (post,) = (archive / "_posts").rglob(f"*-{retitled.number}.md")
        _say(f"One of the retitled posts, {post.relative_to(archive.parent)}:")
        print(post.read_text("utf-8"))
    _say(f"The replica is stopped. The archive of this demo stays in {archive}")
    return unchanged and all(passed)


def _say(text: str) -> None:
    print(f"\n== {text}", flush=True)


def _crawl(site: str, clock: Clock, archive: Path) -> bool:
    settings = {"SITE_URL": site, "ARCHIVE_DIR": archive, "CLOCK": clock.now().isoformat(), **_AT_FULL_SPEED}
    command = [sys.executable, "-m", "scrapy", "crawl", "realtime"]
    command += [part for name, value in settings.items() for part in ("-s", f"{name}={value}")]
    return subprocess.run(command, cwd=_PROJECT, check=False).returncode == 0  # noqa: S603


def _make_news(newsroom: Newsroom, clock: Clock) -> ReplicaStory:
    """Publish, retitle and edit stories, two hours later; return a story with a new title."""
    ordinary = [story for story in newsroom.listed(newsroom.sections[0]) if story not in newsroom.cases.values()]
    clock.advance(timedelta(hours=2))
    for name in newsroom.sections:
        newsroom.publish(name)
    for story in ordinary[:2]:
        newsroom.retitle(story)
    for story in ordinary[2:4]:
        newsroom.edit(story)
    return ordinary[0]


def _snapshot(archive: Path) -> dict[Path, tuple[bytes, int]]:
    """Return the files of the archive, without the folders of git and of the runs."""
    files = [path for path in archive.glob("[!.]*/**/*") if path.is_file()]
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}

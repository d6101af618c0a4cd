"""A real cluster on this machine: a Redis, a bare repository, and processes with a clone each."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from support.crawling import AT_FULL_SPEED, PATIENCE, PROJECT
from support.programs import needs
from zbcrawler.replica.newsroom import Newsroom

# Seconds. A killed worker is noticed sooner than on a real network.
IMPATIENT = {"WORK_WAIT": 2, "WORK_LEASE": 5}


def git(folder: Path, *words: str) -> str:
    """Run git and return its output. Fail the test if git fails."""
    names = ("-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *names, *words], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """Start a Redis and yield its address."""
    program = needs("redis-server")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    server = subprocess.Popen([program, *words], stdout=subprocess.DEVNULL)
    try:
        with redis.Redis(port=port) as client:
            for _ in range(10 * PATIENCE):
                try:
                    client.ping()
                    break
                except redis.ConnectionError:
                    time.sleep(0.1)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait()


class Hub:
    """A bare repository and clones of it."""

    def __init__(self, folder: Path, site: str, redis_url: str, newsroom: Newsroom, **settings: object) -> None:
        self.folder = folder
        self.settings = {
            "SITE_URL": site,
            "REDIS_URL": redis_url,
            "CLOCK": newsroom.clock.now().isoformat(),
            "ARCHIVE_COMMIT": 1,
            "ARCHIVE_PUSH": 1,
            **AT_FULL_SPEED,
            **IMPATIENT,
            **settings,
        }
        needs("git")
        git(folder, "init", "--quiet", "--bare", "--initial-branch=main", "hub.git")
        first = self.clone("first")
        git(first, "commit", "--quiet", "--allow-empty", "--message=begun")
        git(first, "push", "--quiet", "--set-upstream", "origin", "HEAD:main")

    def clone(self, name: str) -> Path:
        """Return a new clone."""
        git(self.folder, "clone", "--quiet", "hub.git", name)
        return self.folder / name

    def start(self, spider: str, clone: Path, *words: object, **settings: object) -> subprocess.Popen[str]:
        """Start a run of a spider in a clone."""
        given = {**self.settings, "ARCHIVE_DIR": clone, **settings}
        options = [word for name, value in given.items() for word in ("-s", f"{name}={value}")]
        command = [sys.executable, "-m", "scrapy", "crawl", spider, *map(str, words), *options]
        environment = {**os.environ, "SCRAPY_PROJECT": "cluster"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        with (clone.parent / f"{clone.name}.log").open("a") as log:
            return subprocess.Popen(
                command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, stderr=log, encoding="utf-8"
            )


class Worker(threading.Thread):
    """A thread that runs ``work`` in a clone again and again, as a service does."""

    def __init__(self, hub: Hub, name: str, **settings: object) -> None:
        super().__init__(daemon=True)
        self.hub, self.clone, self.settings = hub, hub.clone(name), settings
        self.told: list[tuple[int, str]] = []
        self.process: subprocess.Popen[str] | None = None
        self._over = threading.Event()
        self.start()

    def run(self) -> None:
        while not self._over.is_set():
            self.process = self.hub.start("work", self.clone, **self.settings)
            told = self.process.communicate()[0]
            self.told.append((self.process.returncode, told))

    def stop(self) -> None:
        """End the worker after its present run."""
        self._over.set()
        if self.process:
            self.process.terminate()
        self.join(PATIENCE)

    def kill(self) -> None:
        """Kill the worker."""
        self._over.set()
        self.process.kill()
        self.join(PATIENCE)

"""Today's code goes on with an archive that an older version made, and moves it as docs/how-to/updating.md says."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import threading
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.crawling import AT_FULL_SPEED, PATIENCE, PROJECT, scrapy, snapshot, tree
from support.programs import needs
from support.repositories import git

# tests/old_archive.py makes them.
ARCHIVES = sorted((PROJECT / "tests/fixtures/archives").glob("*.tar.xz"))
PAGE = (PROJECT / "docs/how-to/updating.md").read_text("utf-8")


class OldSite:
    """An archive, and the pages that its site served when it was made. The server is the proxy of the runs.

    :ivar asked: the paths of requests, with the status that answered each
    """

    def __init__(self, file: Path, folder: Path) -> None:
        with tarfile.open(file) as tar:
            tar.extractall(folder, filter="fully_trusted")  # noqa: S202  # our own file
        self.archive = folder / "archive"
        pages = json.loads((folder / "pages.json").read_text())
        self.site, self.owed, self.answers = pages["site"], pages["owed"], pages["answers"]
        self.time = datetime.fromisoformat(pages["time"])
        self.asked: list[tuple[str, int]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                target = parts.path + (f"?{parts.query}" if parts.query else "")
                answer = site.answers.get(target, {"status": 404, "headers": {}, "body": ""})
                known, etag = self.headers.get("If-None-Match"), answer["headers"].get("ETag")
                status, body = answer["status"], bytes.fromhex(answer["body"])
                if known and known == etag:
                    status, body = 304, b""
                site.asked.append((target, status))
                self.send_response(status)
                for name, value in {**answer["headers"], "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def crawl(self, later: timedelta, archive: Path | None = None, **settings: object) -> list[str]:
        """Run ``scrapy crawl`` so much later than the old version's last run; return its summary."""
        given = {"SITE_URL": self.site, "PICTURE_SITE": self.site, "ARCHIVE_DIR": archive or self.archive, **settings}
        given |= {"CLOCK": (self.time + later).isoformat(), "ARCHIVE_COMMIT": 1, "NEWEST_LIMIT": "off", **AT_FULL_SPEED}
        words = [word for name, value in given.items() for word in ("-s", f"{name}={value}")]
        self.asked.clear()
        run = scrapy("crawl", "realtime", *words)
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout.splitlines()


@pytest.fixture(params=ARCHIVES, ids=lambda file: file.name.partition(".")[0])
def old(request, tmp_path, monkeypatch):
    needs("git")
    folder = tmp_path / "old"
    folder.mkdir()
    site = OldSite(request.param, folder)
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{site.server.server_port}")
    monkeypatch.setenv("no_proxy", "")
    yield site
    site.server.shutdown()
    site.server.server_close()


def test_a_run_of_today_is_quiet_and_rewrites_no_post(old):
    before, head = snapshot(old.archive), git(old.archive, "rev-parse", "HEAD")
    assert len([name for name in before if name.endswith(".md")]) > 25
    state = (old.archive / ".zbcrawler/state.sqlite").stat().st_ino
    lines = old.crawl(timedelta(minutes=1), KEEP_PICTURES=1)
    assert [re.sub(", .*", "", line) for line in lines[:3]] == [
        f"{name}: 0 new" for name in ("china", "world", "singapore")
    ]
    assert all("0 changed" in line for line in lines[:3])
    assert snapshot(old.archive) == before
    assert git(old.archive, "rev-parse", "HEAD") == head
    assert git(old.archive, "status", "--short") == ""
    # The state was understood: its file is the old one, owed stories are not due, and what is looked at again is known.
    assert [status for target, status in old.asked if "/story" in target] in ([], [304])
    assert (old.archive / ".zbcrawler/state.sqlite").stat().st_ino == state


def test_later_runs_use_what_the_old_version_knew(old):
    before = tree(old.archive)
    owed = {path.rpartition("-")[2] for path in old.owed}
    lines = old.crawl(timedelta(hours=3), KEEP_PICTURES=1)
    assert lines[0].startswith("china: 2 new, 0 changed")
    assert all("0 new, 0 changed" in line for line in lines[1:3])
    looked_again = [status for target, status in old.asked if "/story" in target and target not in old.owed]
    assert looked_again.count(304) > 20  # the old version knew the validators of every page
    after = tree(old.archive)
    gone = {name for name in before if after.get(name) != before[name]}
    assert gone == {f"_data/owed/{number}.json" for number in owed}
    new = [name for name in after.keys() - before.keys() if name.startswith("_posts/")]
    assert {Path(name).stem.rpartition("-")[2] for name in new} == owed
    assert git(old.archive, "log", "-1", "--format=%s").startswith("2 new: ")


def test_every_command_reads_the_old_archive(old, tmp_path):
    posts = [name for name in tree(old.archive) if name.endswith(".md")]
    verify = scrapy("verify", old.archive)
    assert verify.returncode == 0, verify.stdout
    status = scrapy("status", old.archive)
    assert status.returncode == 0, status.stdout
    assert re.search(r"^realtime good, ", status.stdout, re.MULTILINE)
    assert f"stories  {len(posts)} on " in status.stdout
    owed = scrapy("owed", "-s", f"ARCHIVE_DIR={old.archive}")
    assert all(f"{path}: " in owed.stdout for path in old.owed)
    history = scrapy("history", "--days", "9999", "--json", "-s", f"ARCHIVE_DIR={old.archive}")
    assert len(history.stdout.splitlines()) == 2
    site = scrapy("site", old.archive, tmp_path / "site")
    assert site.returncode == 0, site.stdout + site.stderr
    assert f"{len(posts)} stories" in site.stdout
    export = scrapy("export", tmp_path / "news.jsonl", old.archive)
    assert export.stdout.startswith(f"{len(posts)} stories")


@pytest.mark.parametrize("way", ["Without its history", "With its history"])
def test_an_archive_moves_out_of_the_clone_as_the_page_says(old, tmp_path, way, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".gitconfig").write_text("[user]\n\tname = A\n\temail = a@b.c\n")
    software, hub = tmp_path / "software", tmp_path / "hub.git"
    git(tmp_path, "clone", "--quiet", "--bare", PROJECT, hub)
    git(tmp_path, "clone", "--quiet", hub, software)
    git(software, "push", "--quiet", "--force", "origin", "HEAD:main")
    git(software, "switch", "--quiet", "--force-create", "main", "--track", "origin/main")
    (software / ".venv").symlink_to(sys.prefix)
    # As an old version left it: the news of two runs are commits of the clone.
    posts = sorted((old.archive / "_posts").rglob("*.md"))
    for part in (posts[:20], posts[20:]):
        for post in part:
            target = software / "archive" / post.relative_to(old.archive)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(post, target)
        git(software, "add", "archive")
        git(software, "commit", "--quiet", "--message", f"News: {len(part)} new")
    shutil.copytree(old.archive, software / "archive", ignore=shutil.ignore_patterns(".git"), dirs_exist_ok=True)
    git(software, "add", "archive")
    git(software, "commit", "--quiet", "--message", "News: notes")

    blocks = re.findall(r"```sh\n(.*?)```", PAGE[PAGE.index(f"**{way}") :], re.DOTALL)
    then = re.findall(r"```sh\n(.*?)```", PAGE[PAGE.index("**Then**") :], re.DOTALL)
    do_as_told(blocks[0], software)
    news = tmp_path / "news"
    assert {**tree(old.archive), "README.md": b"", "zbcrawler.toml": b""}.keys() == tree(news).keys()
    assert {name: data for name, data in tree(news).items() if name in tree(old.archive)} == tree(old.archive)
    subjects = git(news, "log", "--format=%s")
    assert ("News: 20 new" in subjects) == (way == "With its history")
    assert git(news, "status", "--short") == ""
    assert git(news, "remote") == ""
    do_as_told(then[0], software)
    do_as_told(then[1], software)
    assert sorted(path.name for path in (software / "archive").iterdir()) == ["README.md"]
    assert git(software, "status", "--short", "--branch").splitlines() == ["## main...origin/main"]
    before = snapshot(news)
    lines = old.crawl(timedelta(minutes=1), news, KEEP_PICTURES=1)
    assert all("0 new, 0 changed" in line for line in lines[:3])
    assert snapshot(news) == before
    assert [status for target, status in old.asked if "/story" in target] in ([], [304])


def do_as_told(commands: str, folder: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "http_proxy"}
    run = subprocess.run(
        ["sh", "-e", "-c", commands],
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr

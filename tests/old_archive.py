"""Make an archive with an old version of the software again, for the test that today's code goes on with it.

Usage: ``python tests/old_archive.py COMMIT``, in the project's root. It writes ``tests/fixtures/archives/COMMIT.tar.xz``:
an archive with its git repository and the state of its runs, and the pages that its site served. All news are invented.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

PROJECT = Path(__file__).parents[1]
MOMENT = "2026-01-31T12:00:00+08:00"
# Runs in the old version's folder, with its replica of the site: three runs while stories are published, edited, absent
# and broken; then it asks once more for each page, without faults.
_MAKE = """
import json, os, subprocess, sys
from datetime import datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit
from zbcrawler.common.times import Clock
from zbcrawler.replica.faults import Fault
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.server import Replica

archive, pages = map(Path, sys.argv[1:3])
newsroom = Newsroom(1, Clock(datetime.fromisoformat(sys.argv[3])), stories=30)
SITE = "http://www.zaobao.com"  # the replica is its proxy, so the state of the runs names no port

def crawl():
    given = {"SITE_URL": SITE, "PICTURE_SITE": SITE, "ARCHIVE_DIR": archive, "CLOCK": newsroom.clock.now().isoformat()}
    given |= {"DOWNLOAD_DELAY": 0, "AUTOTHROTTLE_ENABLED": 0, "ARCHIVE_COMMIT": 1, "KEEP_PICTURES": 1, "NEWEST_LIMIT": "off"}
    words = [word for name, value in given.items() for word in ("-s", f"{name}={value}")]
    command = [sys.executable, "-m", "scrapy", "crawl", "realtime", "-L", "ERROR", *words]
    subprocess.run(command, env={**os.environ, "http_proxy": replica.url}, check=False)

with Replica(newsroom) as replica:
    replica.validators = True
    crawl()
    ordinary = [one for one in newsroom.listed("world") if one not in newsroom.cases.values()]
    newsroom.clock.advance(timedelta(minutes=30))
    newsroom.retitle(ordinary[0])
    newsroom.edit(ordinary[1])
    broken, absent = newsroom.publish("china", 2)
    replica.faults.add(Fault(pattern=broken.path, status=500))
    replica.faults.add(Fault(pattern=absent.path, status=404))
    crawl()
    newsroom.clock.advance(timedelta(minutes=5))
    newsroom.publish("singapore")
    crawl()
    replica.faults.clear()
    answers = {}
    for method, target, _ in replica.requests:
        if target not in answers:
            connection = HTTPConnection(urlsplit(replica.url).netloc)
            connection.request("GET", target)
            answer = connection.getresponse()
            headers = {name: value for name, value in answer.getheaders() if name in ("Content-Type", "ETag", "Location")}
            answers[target] = {"status": answer.status, "headers": headers, "body": answer.read().hex()}
    site = {"site": SITE, "time": newsroom.clock.now().isoformat(), "owed": [broken.path, absent.path]}
    pages.write_text(json.dumps({**site, "answers": answers}))
"""


def main(commit: str) -> None:
    """Write the archive of a commit, and print its size."""
    target = PROJECT / f"tests/fixtures/archives/{commit}.tar.xz"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        software, archive = folder / "software", folder / "archive"
        archive.mkdir()
        subprocess.run(["git", "init", "--quiet", "--initial-branch=main", archive], check=True)
        exported = subprocess.check_output(["git", "archive", commit], cwd=PROJECT)
        with tarfile.open(fileobj=io.BytesIO(exported)) as tar:
            tar.extractall(software, filter="data")
        (folder / "gitconfig").write_text("")
        # The author is zbcrawler, and not the person who makes the archive.
        environment = {**os.environ, "GIT_CONFIG_GLOBAL": str(folder / "gitconfig"), "PYTHONPATH": str(software)}
        command = [sys.executable, "-c", _MAKE, archive, folder / "pages.json", MOMENT]
        subprocess.run(command, cwd=software, env=environment, check=True)
        for path in (*archive.glob(".git/hooks/*"), *archive.glob(".git/logs/**/*")):
            if path.is_file():
                path.unlink()
        target.parent.mkdir(exist_ok=True)
        with tarfile.open(target, "w:xz") as tar:
            for part in ("archive", "pages.json"):
                tar.add(folder / part, part, filter=_without_owner)
    print(f"{target}: {target.stat().st_size:,} bytes")


def _without_owner(member: tarfile.TarInfo) -> tarfile.TarInfo:
    return member.replace(uid=0, gid=0, uname="", gname="", deep=False)


if __name__ == "__main__":
    main(*sys.argv[1:])

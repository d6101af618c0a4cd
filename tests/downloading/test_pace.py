"""The pace that runs agree on."""

import os
import subprocess
import sys
import time

from support.crawling import AT_FULL_SPEED, MOMENT, PROJECT, start_crawl

from zbcrawler.archive.store import Archive
from zbcrawler.common.clock import Clock
from zbcrawler.downloading.pace import FilePace
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.server import Replica

PROCESS = """
import sys, time
from zbcrawler.archive.store import Archive
from zbcrawler.downloading.pace import FilePace
pace = FilePace(Archive(sys.argv[1]))
for _ in range(20):
    print(time.time() + pace.reserve("site", 0.5))
"""


def test_no_two_processes_get_the_same_turn(archive):
    command = [sys.executable, "-c", PROCESS, str(archive)]
    processes = [subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    turns = sorted(float(line) for process in processes for line in process.communicate()[0].split())
    assert len(turns) == 60
    # A process that is held up tells the time too early or too late.
    assert 59 * 0.5 - 2 < turns[-1] - turns[0] < 59 * 0.5 + 10


def test_hosts_have_turns_of_their_own_and_a_clock_set_back_holds_nobody_up(archive):
    pace = FilePace(Archive(archive))
    pace.reserve("site", 5)
    assert 4 < pace.reserve("site", 5) < 11
    assert pace.reserve("web.archive.org", 0.1) <= 0.1
    later = time.time() + 86_400
    os.utime(archive / ".zbcrawler" / "site.pace", (later, later))
    assert pace.reserve("site", 5) == 0


def test_no_archive_is_made_for_it(tmp_path):
    assert FilePace(Archive(tmp_path / "none")).reserve("site", 5) == 0
    assert FilePace(Archive(tmp_path, dry_run=True)).reserve("site", 5) == 0
    assert list(tmp_path.iterdir()) == []


def test_a_realtime_run_and_a_backfill_together_ask_no_more_than_one_alone(archive):
    delay = 0.1
    newsroom = Newsroom(seed=7, clock=Clock(MOMENT), stories=30)
    with Replica(newsroom) as replica:
        runs = [
            start_crawl(replica.url, archive, newsroom, spider=spider, **(AT_FULL_SPEED | {"DOWNLOAD_DELAY": delay}))
            for spider in ("realtime", "backfill")
        ]
        for run in runs:
            assert run.communicate()[0].splitlines()[-1].startswith("ok: ")
        moments = replica.moments
    assert len(moments) > 60
    # Each for itself, they would need half of that. The first request may be long on its way.
    assert moments[-1] - moments[0] >= 0.75 * (len(moments) - 1) * delay

"""The pace that runs agree on."""

import os
import subprocess
import sys
import time

from scrapy.utils.test import get_crawler
from support.crawling import AT_FULL_SPEED, MOMENT, PROJECT, start_crawl

from zbcrawler.common.times import Clock
from zbcrawler.downloading.pace import FilePace
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.server import Replica

PROCESS = """
import sys, time
from scrapy.utils.test import get_crawler
from zbcrawler.downloading.pace import FilePace
pace = FilePace(get_crawler(settings_dict={"ARCHIVE_DIR": sys.argv[1]}))
for _ in range(20):
    began = time.time()
    wait = pace.reserve("site", 0.5)
    print(began + wait, time.time() + wait)
"""


def pace_of(folder, **settings):
    return FilePace(get_crawler(settings_dict={"ARCHIVE_DIR": folder, **settings}))


def test_no_two_processes_get_the_same_turn(archive):
    command = [sys.executable, "-c", PROCESS, str(archive)]
    began = time.monotonic()
    processes = [subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    # Each turn lies between an earliest and a latest moment, because the machine may hold up a process at any time.
    turns = [tuple(map(float, line.split())) for one in processes for line in one.communicate()[0].splitlines()]
    passed = time.monotonic() - began
    assert len(turns) == 60
    assert max(latest for _, latest in turns) - min(earliest for earliest, _ in turns) >= 59 * 0.5 - 0.1
    assert max(earliest for earliest, _ in turns) - min(latest for _, latest in turns) <= 59 * 0.5 + passed


def test_hosts_have_turns_of_their_own_and_a_clock_set_back_holds_nobody_up(archive):
    pace = pace_of(archive)
    began = time.monotonic()
    pace.reserve("site", 5)
    wait = pace.reserve("site", 5)
    assert 5 - (time.monotonic() - began) - 0.1 <= wait < 11
    assert pace.reserve("web.archive.org", 0.1) <= 0.1
    later = time.time() + 86_400
    os.utime(archive / ".zbcrawler" / "site.pace", (later, later))
    assert pace.reserve("site", 5) == 0


def test_no_archive_is_made_for_it(tmp_path):
    assert pace_of(tmp_path / "none").reserve("site", 5) == 0
    assert pace_of(tmp_path, DRY_RUN=True).reserve("site", 5) == 0
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


def test_a_clock_set_back_by_minutes_holds_nobody_up(archive):
    pace = pace_of(archive)
    pace.reserve("site", 1)
    ahead = time.time() + 540
    os.utime(archive / ".zbcrawler" / "site.pace", (ahead, ahead))
    assert pace.reserve("site", 1) == 0
    assert 0 < pace.reserve("site", 1) <= 1

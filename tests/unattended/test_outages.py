"""What goes on fails every run and alarms once a day; what concerns one story does not make every run fail."""

from __future__ import annotations

import re
import shutil
import sys
from datetime import timedelta

import pytest
from support.crawling import crawl, tree

from zbcrawler.replica.faults import Fault
from zbcrawler.replica.server import Replica

STORIES = r"/story20\d{6}-"
QUARTER = timedelta(minutes=15)


class Cron:
    """Start a run again and again; collect the exit codes, the last output and the alarms."""

    def __init__(self, replica, archive, newsroom, folder, **settings):
        self.replica, self.archive, self.newsroom, self.told = replica, archive, newsroom, folder / "alarms"
        self.told.write_text("")
        code = "import pathlib, sys; open(sys.argv[1], 'a').write(sys.stdin.read() + chr(12))"
        command = f"'{sys.executable}' -c \"{code}\" '{self.told}'"
        self.settings = {"ALARM_COMMAND": command, **settings}
        self.output = ""

    def run(self, *words, **arguments):
        """Run once, after a quarter of an hour; return the exit code."""
        self.newsroom.clock.advance(QUARTER)
        given = {"recheck": "off", **arguments}
        run = crawl("realtime", self.replica.url, self.archive, self.newsroom, *words, settings=self.settings, **given)
        self.output = run.stdout
        return run.returncode

    def alarms(self):
        """Return the last lines of the alarms."""
        return [text.strip().splitlines()[-1] for text in self.told.read_text().split("\f")[:-1]]

    def asked_for(self, stories, before):
        """Return for how many of the stories runs have asked after a number of requests."""
        return len({path for _, path, _ in self.replica.requests[before:]} & {story.path for story in stories})


def posts(archive):
    return [name for name in tree(archive) if name.startswith("_posts/")]


def shown(moment):
    return f"{moment + timedelta(hours=8):%H:%M} SGT"


@pytest.mark.parametrize("pattern", [STORIES, "^/realtime/"])
def test_six_hours_without_answers_fail_each_run_and_alarm_at_their_begin_and_end(newsroom, archive, tmp_path, pattern):
    with Replica(newsroom) as replica:
        cron = Cron(replica, archive, newsroom, tmp_path)
        assert [cron.run(), cron.run()] == [0, 0]
        newsroom.publish("china", 4)
        replica.faults.add(Fault(pattern=pattern, status=500))
        assert {cron.run() for _ in range(24)} == {1}
        began = shown(newsroom.clock.now() - 23 * QUARTER)
        assert f"failing since {began}" in cron.output
        assert len(cron.alarms()) == 1
        replica.faults.clear()
        assert [cron.run(), cron.run()] == [0, 0]
    begin, end = cron.alarms()
    assert re.match(r"\d+ failed: ", begin)
    assert end.startswith(f"ok: 4 new stories; the failure since {began} is over; ")
    assert len(posts(archive)) == len(newsroom.expected())


def test_between_two_tries_a_run_fails_and_tries_one_story(newsroom, archive, tmp_path):
    with Replica(newsroom) as replica:
        cron = Cron(replica, archive, newsroom, tmp_path)
        cron.run()
        stories = newsroom.publish("china", 5)
        replica.faults.add(Fault(pattern="|".join(story.number for story in stories), status=500))
        assert [cron.run(), cron.run()] == [1, 1]  # at once, and after ten minutes
        before = len(replica.requests)
        assert cron.run() == 1
        began, due = shown(newsroom.clock.now() - 2 * QUARTER), shown(newsroom.clock.now() + timedelta(minutes=5))
        assert f"failed: stories: still failing since {began}, next try {due}; " in cron.output
        assert cron.asked_for(stories, before) == 1
        replica.faults.clear()
        before = len(replica.requests)
        assert cron.run() == 0
        assert cron.asked_for(stories, before) == 5
    assert f"the failure since {began} is over" in cron.output
    assert len(posts(archive)) == len(newsroom.expected())


def test_stories_that_are_not_due_wait_no_longer_than_the_first_run_that_reads_one(newsroom, archive, tmp_path):
    with Replica(newsroom) as replica:
        cron = Cron(replica, archive, newsroom, tmp_path)
        cron.run()
        newsroom.publish("china", 5)
        replica.faults.add(Fault(pattern=STORIES, status=500))
        for _ in range(8):
            cron.run()  # the next try of each story is hours away
        replica.faults.clear()
        assert cron.run() == 0
    assert "china: 5 new" in cron.output
    assert len(posts(archive)) == len(newsroom.expected())


def test_a_redesign_that_cannot_be_learnt_alarms_once_a_day(newsroom, archive, tmp_path):
    page = b"<!DOCTYPE html><html><head><title>news</title></head><body><canvas></canvas></body></html>"
    with Replica(newsroom) as replica:
        cron = Cron(replica, archive, newsroom, tmp_path, LEARN_REQUESTS=8)
        cron.run()
        newsroom.publish("china", 5)
        replica.faults.add(Fault(pattern=STORIES, body=page))
        codes = []
        for _ in range(26):
            newsroom.clock.advance(3 * QUARTER)
            codes.append(cron.run())
        assert set(codes) == {1}
        assert len(cron.alarms()) == 2
        assert "failed: stories: still failing since 2026-01-31 " in cron.output
        replica.faults.clear()
        assert cron.run() == 0
    *_, last = cron.alarms()
    assert len(cron.alarms()) == 3
    assert last.startswith("ok: 5 new stories; the failure since 2026-01-31 ")


def test_a_story_that_always_fails_is_reported_at_once_and_once_a_day_for_three_days(newsroom, archive, tmp_path):
    with Replica(newsroom) as replica:
        cron = Cron(replica, archive, newsroom, tmp_path, NEWEST_LIMIT="off")
        cron.run()
        victim = newsroom.publish("china")[0]
        replica.faults.add(Fault(pattern=victim.number, status=500))
        codes, notes = [cron.run()], 0
        began = newsroom.clock.now()
        for _ in range(5 * 12):
            newsroom.clock.advance(timedelta(hours=2) - QUARTER)
            if (newsroom.clock.now() - began).seconds < 7200:
                newsroom.publish("world")
            codes.append(cron.run())
            notes += f"note: {replica.url}{victim.path}: answered 500 (reported before)\n" in cron.output
    days = [sum(codes[first : first + 12]) for first in (0, 12, 24, 36, 48)]
    assert (codes[0], days[0], days[3:]) == (1, 1, [0, 0])
    assert 1 <= sum(days[1:3]) <= 2
    assert notes >= 5
    assert len(cron.alarms()) == sum(codes)
    assert all(re.match("1 failed: ", line) for line in cron.alarms())


def test_each_of_two_stories_that_fail_is_reported(newsroom, archive, tmp_path):
    with Replica(newsroom) as replica:
        cron = Cron(replica, archive, newsroom, tmp_path)
        cron.run()
        for _ in range(2):
            victim = newsroom.publish("china")[0]
            replica.faults.add(Fault(pattern=victim.number, status=500))
            newsroom.publish("world", 20)
            assert cron.run() == 1
            assert f"failed: {replica.url}{victim.path}: answered 500\n" in cron.output
            newsroom.publish("world", 20)
            assert cron.run() == 0
    assert len(cron.alarms()) == 2


def test_a_lost_state_in_an_outage_loses_no_story(newsroom, archive, tmp_path):
    with Replica(newsroom) as replica:
        cron = Cron(replica, archive, newsroom, tmp_path)
        cron.run()
        newsroom.publish("china", 5)
        replica.faults.add(Fault(pattern=STORIES, status=500))
        assert [cron.run(), cron.run()] == [1, 1]
        shutil.rmtree(archive / ".zbcrawler")
        assert cron.run() == 1
        assert len(cron.alarms()) == 2  # nothing says that somebody was told
        shutil.rmtree(archive / ".zbcrawler")
        replica.faults.clear()
        assert cron.run() == 0
    assert len(posts(archive)) == len(newsroom.expected())


def test_a_second_cause_in_a_failure_that_goes_on_alarms_at_once(newsroom, archive, tmp_path):
    with Replica(newsroom) as replica:
        cron = Cron(replica, archive, newsroom, tmp_path)
        cron.run()
        replica.faults.add(Fault(pattern="^/realtime/", status=500))
        assert [cron.run(), cron.run()] == [1, 1]
        assert len(cron.alarms()) == 1
        (archive / "_data" / "gaps").mkdir(exist_ok=True)
        (archive / "_data" / "gaps" / "china.json").write_text("[")
        assert [cron.run(), cron.run()] == [1, 1]
    assert len(cron.alarms()) == 2
    assert "failed: notes: " in cron.told.read_text().split("\f")[1]


def test_an_alarm_that_could_not_be_sent_is_sent_by_the_next_run_that_fails(newsroom, archive, tmp_path):
    with Replica(newsroom) as replica:
        cron = Cron(replica, archive, newsroom, tmp_path)
        replica.faults.add(Fault(pattern="^/realtime/", status=500))
        works, cron.settings["ALARM_COMMAND"] = cron.settings["ALARM_COMMAND"], "false"
        assert cron.run() == 1
        assert "alarm not sent (ALARM_COMMAND): exit code 1" in cron.output
        cron.settings["ALARM_COMMAND"] = works
        assert [cron.run(), cron.run()] == [1, 1]
        assert len(cron.alarms()) == 1
        # While one of two ways works, the other does not repeat the alarm.
        cron.settings["ALARM_WEBHOOK"] = "http://127.0.0.1:9/"
        assert [cron.run(), cron.run()] == [1, 1]
    assert len(cron.alarms()) == 1


def test_a_failure_that_only_one_run_reports_alarms_in_an_outage_too(newsroom, archive, tmp_path):
    with Replica(newsroom) as replica:
        cron = Cron(replica, archive, newsroom, tmp_path)
        cron.run()
        replica.faults.add(Fault(pattern="^/realtime/world", status=500))
        assert cron.run() == 1
        for story in newsroom.every():
            story.listed = False
        newsroom.clock.advance(timedelta(days=1))
        for _ in range(3):
            newsroom.publish("china", 5)
        before = len(cron.alarms())
        assert cron.run() == 1
    assert "failed: section china: its last page still held news" in cron.output
    assert len(cron.alarms()) == before + 1

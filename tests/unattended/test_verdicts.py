"""The verdict of a run, and the receivers of its alarms."""

from __future__ import annotations

import json
import sys
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from support.crawling import crawl, scrapy, tree

from zbcrawler.replica.faults import Fault
from zbcrawler.replica.server import Replica


def publish_everywhere(newsroom, count=1):
    for section in newsroom.sections:
        newsroom.publish(section, count)


def test_after_a_long_outage_the_gap_is_named_once(newsroom, archive):
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom)
        for story in newsroom.every():
            story.listed = False
        newsroom.clock.advance(timedelta(days=4))
        publish_everywhere(newsroom, 3)
        after = crawl("realtime", replica.url, archive, newsroom, "--quiet")
        then = crawl("realtime", replica.url, archive, newsroom)
    assert (after.returncode, then.returncode) == (1, 0), then.stdout
    for section in newsroom.sections:
        gap = f"failed: section {section}: its last page still held news: stories from 2026-01-31 1"
        assert gap in after.stdout
    assert "to 2026-02-04 12:00 SGT may be missing; the site lists no more; " in after.stdout
    fill = "scrapy crawl backfill -a since=2026-01-31 -a until=2026-02-04 -a sections=realtime/china"
    assert f"{fill} -s ARCHIVE_DIR={archive} fetches them" in after.stdout


def test_a_gap_that_more_pages_would_close_says_how(newsroom, archive):
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom)
        newsroom.clock.advance(timedelta(hours=20))
        for _ in range(30):
            newsroom.clock.advance(timedelta(minutes=10))
            newsroom.publish("china")
        publish_everywhere(newsroom)
        cut = crawl("realtime", replica.url, archive, newsroom, pages=1)
        assert "failed: section china: its last page still held news: stories from" in cut.stdout
        words = cut.stdout.partition("scrapy crawl ")[2].partition(" reads on")[0].split()
        assert words == ["realtime", "-a", "sections=china", "-a", "pages=2", "-s", f"ARCHIVE_DIR={archive}"]
        filled = crawl("realtime", replica.url, archive, newsroom, sections="china", pages=2)
    assert (cut.returncode, filled.returncode) == (1, 0)
    assert not [name for name in tree(archive) if "/gaps/" in name]
    posts = [name for name in tree(archive) if name.startswith("_posts/")]
    assert len(posts) == len(newsroom.expected())


def test_a_section_that_has_fallen_silent_is_a_failure(newsroom, archive):
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom)
        newsroom.clock.advance(timedelta(days=3))
        for section in ("china", "world"):
            newsroom.publish(section)
        run = crawl("realtime", replica.url, archive, newsroom)
        settings = {"NEWEST_LIMIT": "2d, singapore=9d"}
        allowed = crawl("realtime", replica.url, archive, newsroom, settings=settings)
    assert (run.returncode, allowed.returncode) == (1, 0), allowed.stdout
    assert run.stdout.count("\nfailed: ") == 1
    assert "failed: section singapore: http" in run.stdout
    assert "/realtime/singapore: its newest story is of 2026-01-31, older than 48 hours" in run.stdout


class Receiver(HTTPServer):
    """A server that collects the alarms posted to it."""

    def __init__(self, status=200):
        self.status, self.got = status, []
        super().__init__(("127.0.0.1", 0), _Handler)
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/hook"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.headers["Content-Type"], json.loads(body)))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_):
        pass


def test_alarms_go_out_when_a_run_fails_and_only_then(newsroom, archive, tmp_path):
    receiver, file = Receiver(), tmp_path / "alarm.txt"
    code = "import pathlib, sys; pathlib.Path(sys.argv[1]).write_bytes(sys.stdin.buffer.read())"
    settings = {"ALARM_WEBHOOK": receiver.url, "ALARM_COMMAND": f"'{sys.executable}' -c '{code}' '{file}'"}
    with Replica(newsroom) as replica:
        good = crawl("realtime", replica.url, archive, newsroom, settings=settings)
        told = (list(receiver.got), file.exists())
        replica.redesign("listing")
        bad = crawl("realtime", replica.url, archive, newsroom, "--quiet", settings=settings)
        receiver.shutdown()
    assert (good.returncode, bad.returncode) == (0, 1)
    assert told == ([], False)
    [(kind, report)] = receiver.got
    assert kind == "application/json; charset=utf-8"
    assert (report["verdict"], report["exit_code"], report["spider"]) == ("failed", 1, "realtime")
    assert [line["where"] for line in report["failed"]] == [f"section {name}" for name in newsroom.sections]
    assert report["text"] == bad.stdout.strip()
    assert file.read_text("utf-8") == bad.stdout


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"ALARM_COMMAND": "sh -c 'echo no line >&2; exit 3'"}, "alarm not sent (ALARM_COMMAND): exit code 3 no line"),
        ({"ALARM_WEBHOOK": "http://127.0.0.1:9/secret"}, "alarm not sent (ALARM_WEBHOOK): Connection refused"),
        ({"ALARM_WEBHOOK": "500"}, "alarm not sent (ALARM_WEBHOOK): answered 500"),
    ],
)
def test_an_alarm_that_cannot_be_sent_is_said(newsroom, archive, settings, said):
    receiver = Receiver(status=500)
    if settings.get("ALARM_WEBHOOK") == "500":
        settings = {"ALARM_WEBHOOK": receiver.url}
    run = crawl("realtime", "http://127.0.0.1:9", archive, newsroom, "--quiet", settings=settings)
    receiver.shutdown()
    assert run.returncode == 1
    assert said in run.stdout
    assert "secret" not in run.stdout


def test_the_summary_for_programs_says_what_the_one_for_people_says(newsroom, archive, tmp_path):
    file = tmp_path / "summary.json"
    victim = newsroom.publish("china")[0]
    with Replica(newsroom) as replica:
        replica.faults.add(Fault(pattern=victim.number, status=500))
        run = crawl("realtime", replica.url, archive, newsroom, "--summary-json", file)
    report = json.loads(file.read_text("utf-8"))
    assert report["text"] == run.stdout.strip()
    assert (report["verdict"], report["exit_code"], report["archive"]) == ("failed", 1, str(archive))
    china = report["sections"]["china"]
    assert china["new"] == int(run.stdout.split("china: ")[1].split(" new")[0])
    assert (china["failed"], china["owed"], sum(china["skipped_as"].values())) == (1, 1, china["skipped"])
    [failed] = report["failed"]
    assert failed["where"] == victim.url
    assert failed["what"].endswith(f"{victim.path}: answered 500")


def test_what_is_owed_is_listed_and_can_be_forgotten(newsroom, archive):
    victim = newsroom.publish("china")[0]
    with Replica(newsroom) as replica:
        replica.faults.add(Fault(pattern=victim.number, status=500))
        replica.faults.add(Fault(pattern=r"world\?.*page=1", status=500))
        crawl("realtime", replica.url, archive, newsroom)
    settings = ["-s", f"ARCHIVE_DIR={archive}", "-s", f"CLOCK={newsroom.clock.now().isoformat()}"]
    listed = scrapy("owed", *settings)
    assert listed.returncode == 0
    assert scrapy("owed", archive, *settings[2:]).stdout == listed.stdout
    lines = listed.stdout.splitlines()
    line = f"{victim.url}: answered 500; since 2026-01-31 12:00 SGT, tried once, again after 2026-01-31 12:10 SGT"
    assert line in lines
    assert "section world: stories may be missing behind page 1 of its listing" in lines
    assert lines[-1].endswith(f"owed, 1 gaps: archive {archive}")
    forgotten = scrapy("owed", "--forget", victim.url, victim.number, *settings)
    assert f"forgotten: {victim.url}: answered 500" in forgotten.stdout
    assert victim.url not in scrapy("owed", *settings).stdout
    unknown = scrapy("owed", "--forget", "5", *settings)
    assert (unknown.returncode, unknown.stdout) == (1, "failed: 5: is not owed\n")
    assert scrapy("owed", archive, "--forget", "5").stdout == unknown.stdout
    assert "is it an archive?" in scrapy("owed", "docs").stderr
    assert scrapy("owed", victim.url, *settings).returncode == 2
    assert scrapy("owed", "-s", "ARCHIVE_DIR=/nowhere").returncode == 2
    next((archive / "_data" / "owed").iterdir()).write_text("[")
    broken = scrapy("owed", *settings)
    assert broken.returncode == 1
    assert "not a note of zbcrawler" in broken.stdout

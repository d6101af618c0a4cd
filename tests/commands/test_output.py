"""What a person reads of a run: with and without a terminal, in a file, and in colour."""

from __future__ import annotations

import json
import re
import sys

import pytest
from support.crawling import AT_FULL_SPEED, crawl, scrapy
from support.terminals import printed_on_terminal

from zbcrawler.extensions.bookkeeping import Line
from zbcrawler.replica.faults import Fault
from zbcrawler.replica.server import Replica


def on_terminal(*words, **environment):
    """Return what ``scrapy`` prints if its standard output is a terminal."""
    return printed_on_terminal([sys.executable, "-m", "scrapy", *map(str, words)], **environment)[1]


def crawl_words(replica, archive, newsroom):
    given = {"SITE_URL": replica.url, "ARCHIVE_DIR": archive, "CLOCK": newsroom.clock.now().isoformat()}
    return [
        "crawl",
        "realtime",
        *(word for one in (given | AT_FULL_SPEED).items() for word in ("-s", "=".join(map(str, one)))),
    ]


def test_without_a_terminal_a_run_prints_a_line_for_each_section_and_the_verdict(newsroom, archive):
    with Replica(newsroom) as replica:
        run = crawl("realtime", replica.url, archive, newsroom)
    count = len(newsroom.expected())
    assert run.stderr == ""
    *sections, verdict = run.stdout.splitlines()
    assert [line.partition(":")[0] for line in sections] == list(newsroom.sections)
    assert re.fullmatch(rf"ok: {count} new stories; the archive is in {archive}; \d+\.\d s", verdict)


def test_a_failed_story_is_in_the_summary_and_not_in_the_log_as_well(newsroom, archive):
    victim = newsroom.publish("china")[0]
    with Replica(newsroom) as replica:
        replica.faults.add(Fault(pattern=victim.number, status=500))
        run = crawl("realtime", replica.url, archive, newsroom)
    assert run.returncode == 1
    assert run.stderr == ""
    assert run.stdout.count(victim.path) == 1


@pytest.mark.parametrize("words", [("-L", "INFO"), ("-s", "LOG_LEVEL=INFO")])
def test_whoever_asks_for_details_gets_a_line_for_each_story_and_the_counters(newsroom, archive, words):
    story = newsroom.publish("china")[0]
    with Replica(newsroom) as replica:
        run = crawl("realtime", replica.url, archive, newsroom, *words)
    assert f"new: {story.url}" in run.stderr
    assert "Dumping Scrapy stats" in run.stderr


@pytest.mark.parametrize("words", [(), ("--quiet",)])
def test_a_log_file_has_the_details_and_standard_error_nothing(newsroom, archive, tmp_path, words):
    story = newsroom.publish("china")[0]
    with Replica(newsroom) as replica:
        run = crawl("realtime", replica.url, archive, newsroom, "--logfile", tmp_path / "log", *words)
    assert (run.returncode, run.stderr) == (0, "")
    assert bool(run.stdout) != bool(words)
    text = (tmp_path / "log").read_text("utf-8")
    assert f"new: {story.url}" in text
    assert "'zbcrawler/stories/new':" in text


def test_a_level_of_the_user_holds_for_the_log_file_too(newsroom, archive, tmp_path):
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom, "--logfile", tmp_path / "log", "-L", "ERROR")
    assert (tmp_path / "log").read_text("utf-8") == ""


def test_many_stories_that_fail_for_one_reason_are_one_line_in_the_place_of_the_first(newsroom, archive, tmp_path):
    lone = next(story for story in newsroom.expected() if "/realtime/singapore/" in story.path)
    file = tmp_path / "summary.json"
    with Replica(newsroom) as replica:
        replica.faults.add(Fault(pattern="/realtime/world/story", status=503))
        replica.faults.add(Fault(pattern=lone.number, status=500))
        run = crawl("realtime", replica.url, archive, newsroom, "--summary-json", file, settings={"GIVE_UP_AFTER": 999})
    world, singapore = [line for line in run.stdout.splitlines() if line.startswith("failed: ")]
    stories = [line["where"] for line in json.loads(file.read_text("utf-8"))["failed"] if "/world/" in line["where"]]
    first = min(stories, key=lambda address: (address.split("story")[1][:8], int(address.rpartition("-")[2])))
    assert len(stories) > 20
    assert world == f"failed: {len(stories)} stories: answered 503; the first: {first}"
    assert singapore.endswith(f"{lone.path}: answered 500")
    assert run.stdout.splitlines()[-1].startswith(f"{len(stories) + 1} failed: ")


def test_a_terminal_gets_a_green_ok_and_red_failures_unless_the_reader_wants_no_colours(newsroom, archive):
    with Replica(newsroom) as replica:
        words = crawl_words(replica, archive, newsroom)
        good = on_terminal(*words)
        replica.faults.add(Fault(pattern="^/realtime/", status=500))
        bad, plain, dumb = on_terminal(*words), on_terminal(*words, NO_COLOR="1"), on_terminal(*words, TERM="dumb")
        empty = on_terminal(*words, NO_COLOR="")
    assert "\x1b[32mok\x1b[0m: " in good
    assert "\x1b[31mfailed\x1b[0m: section china: " in bad
    assert "\x1b[31m3 failed\x1b[0m: " in bad
    assert "\x1b" in empty
    assert "\x1b" not in plain + dumb
    status = on_terminal("status", archive)
    assert re.search(r"^realtime \x1b\[31mFAILED\x1b\[0m ", status, re.MULTILINE)
    assert "\x1b" not in on_terminal("status", archive, NO_COLOR="1") + scrapy("status", archive).stdout


def test_verify_shows_what_is_wrong_in_red_and_nothing_wrong_in_green(newsroom, archive):
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom)
    clock = ("-s", f"CLOCK={newsroom.clock.now().isoformat()}")
    assert "\x1b[32m0 wrong\x1b[0m" in on_terminal("verify", archive, *clock)
    post = next((archive / "_posts").rglob("*.md"))
    post.write_text(post.read_text("utf-8").replace("layout: post", "layout: page"), "utf-8")
    wrong = on_terminal("verify", archive, *clock)
    assert "\x1b[31m" in wrong
    assert "\x1b" not in scrapy("verify", archive, *clock).stdout


def test_no_escape_sequence_of_the_site_reaches_the_terminal():
    assert str(Line("section china", "answered \x1b[31m\x9b2J\u202e500")) == "section china: answered [31m2J500"

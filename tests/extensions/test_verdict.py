"""The verdict on a run: nothing that went wrong leaves it a good one."""

from __future__ import annotations

import logging
from types import SimpleNamespace

import pytest
from scrapy import signals
from scrapy.utils.test import get_crawler

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import Outcome
from zbcrawler.extensions.verdict import Verdict, make_report, summarize
from zbcrawler.signals import run_note, run_problem, story_requested, story_settled

ADDRESS = StoryAddress.parse("/realtime/china/story20260131-1154260")


EXTENSIONS = {"zbcrawler.extensions.bookkeeping.Books": 10, "zbcrawler.extensions.verdict.Verdict": 15}


def begin(tmp_path, sections=(), **settings):
    given = {"ARCHIVE_DIR": str(tmp_path), "FAILED_LIMIT": 0, "MISSING_LIMIT": 0.2, "EXTENSIONS": EXTENSIONS}
    crawler = get_crawler(settings_dict=given | settings)
    send(crawler, signals.spider_opened, spider=SimpleNamespace(sections=sections))
    return crawler


@pytest.fixture
def crawler(tmp_path):
    return begin(tmp_path)


@pytest.fixture
def verdict(crawler):
    verdict = crawler.get_extension(Verdict)
    yield verdict
    logging.root.removeHandler(verdict.log)


def send(crawler, signal, **details):
    crawler.signals.send_catch_log(signal, **details)


def settle(crawler, outcome, reason="", address=ADDRESS):
    send(crawler, story_settled, section="china", address=address, outcome=outcome, reason=reason)


def close(verdict, reason="finished"):
    send(verdict.crawler, signals.spider_closed, spider=SimpleNamespace(sections=(), journals=False), reason=reason)


def test_a_run_without_news_is_a_good_one(crawler, verdict):
    settle(crawler, Outcome.UNCHANGED)
    send(crawler, run_note, where="section china", what="something to know")
    close(verdict)
    assert verdict.passed
    assert "china: 0 new, 0 changed, 1 unchanged\n" in summarize(verdict)
    assert "note: section china: something to know" in summarize(verdict)
    assert (
        summarize(verdict).splitlines()[-1].startswith(f"ok: nothing new; the archive is in {verdict.books.folder}; ")
    )


def test_a_failed_story_is_named_once(crawler, verdict):
    send(crawler, story_requested, section="china", address=ADDRESS)
    settle(crawler, Outcome.FAILED, f"{ADDRESS}: answered 500")
    close(verdict)
    assert not verdict.passed
    assert summarize(verdict).count(ADDRESS.url) == 1
    assert f"failed: {ADDRESS}: answered 500" in summarize(verdict)
    assert summarize(verdict).splitlines()[-1].startswith("1 failed: ")


def test_a_problem_of_the_run_is_named(crawler, verdict):
    send(crawler, run_problem, where="section china", what="answered\n404")
    close(verdict)
    assert not verdict.passed
    assert "failed: section china: answered 404" in summarize(verdict)


def test_a_story_that_was_asked_for_and_never_settled_fails(crawler, verdict):
    send(crawler, story_requested, section="china", address=ADDRESS)
    close(verdict)
    assert not verdict.passed
    assert "1 left" in summarize(verdict)
    assert "failed: run: 1 stories were not dealt with; a fault of zbcrawler" in summarize(verdict)


def test_a_run_that_was_stopped_fails(verdict):
    close(verdict, "shutdown")
    assert not verdict.passed
    assert "ended too early (shutdown)" in summarize(verdict)


def test_a_run_that_was_killed_before_it_could_close_fails(verdict):
    assert not verdict.passed
    assert "run: was killed before it ended" in summarize(verdict)


def test_an_error_that_only_the_log_knows_fails(verdict):
    logging.getLogger("scrapy.something").error("a receiver broke: %s", "why")
    close(verdict)
    assert not verdict.passed
    assert "a receiver broke: why" in summarize(verdict)


def test_mostly_absent_stories_fail_and_a_handful_does_not(crawler, verdict):
    for number in range(5):
        ask_in_vain(crawler, StoryAddress.parse(f"/realtime/china/story20260131-{number}"))
    close(verdict)
    assert verdict.passed
    ask_in_vain(crawler, ADDRESS)
    close(verdict)
    assert not verdict.passed


def ask_in_vain(crawler, address):
    send(crawler, story_requested, section="china", address=address)
    settle(crawler, Outcome.OWED, "answered 404", address)


def test_so_many_stories_may_fail(tmp_path):
    crawler = begin(tmp_path, FAILED_LIMIT=1)
    verdict = crawler.get_extension(Verdict)
    settle(crawler, Outcome.FAILED, f"{ADDRESS}: answered 500")
    close(verdict)
    assert verdict.passed
    assert f"note: {ADDRESS}: answered 500" in summarize(verdict)
    settle(crawler, Outcome.FAILED, f"{ADDRESS}: answered 500")
    assert not verdict.passed
    assert summarize(verdict).splitlines()[-1].startswith("2 failed: ")


def test_a_field_that_too_many_pages_lack_is_a_failure(crawler, verdict):
    crawler.stats.set_value("zbcrawler/edition/react", 20)
    crawler.stats.set_value("zbcrawler/missing/time/react", 4)
    close(verdict)
    assert verdict.passed
    crawler.stats.set_value("zbcrawler/missing/time/react", 5)
    close(verdict)
    assert "failed: react edition: 5 of 20 pages have no time, more than MISSING_LIMIT allows" in summarize(verdict)


def test_the_order_of_a_summary_is_that_of_sections_days_and_numbers_whatever_came_first(tmp_path):
    crawler = begin(tmp_path, sections=("china", "world"))
    verdict = crawler.get_extension(Verdict)
    send(crawler, run_problem, where="section world", what="answered 500")
    send(crawler, run_note, where="https://www.zaobao.com/realtime/world/story20260131-7", what="a redesign?")
    for section, path in [
        ("world", "/realtime/world/story20260131-10"),
        ("world", "/realtime/china/story20260131-9"),
        ("china", "/realtime/china/story20260131-11"),
        ("world", "/realtime/world/story20260130-12"),
    ]:
        address = StoryAddress.parse(path)
        send(crawler, story_settled, section=section, address=address, outcome=Outcome.FAILED, reason=path)
    send(crawler, run_note, where="section china", what="new here")
    send(crawler, run_note, where="pictures", what="3 could not be kept")
    send(crawler, run_problem, where="section china", what="answered 500")
    send(crawler, run_problem, where="site", what="answered 503")
    close(verdict)
    lines = [line for line in summarize(verdict).splitlines() if line.startswith(("note:", "failed:"))]
    assert lines == [
        "note: pictures: 3 could not be kept",
        "note: section china: new here",
        "note: https://www.zaobao.com/realtime/world/story20260131-7: a redesign?",
        "failed: site: answered 503",
        "failed: section china: answered 500",
        "failed: section world: answered 500",
        "failed: /realtime/china/story20260131-11",
        "failed: /realtime/world/story20260130-12",
        "failed: /realtime/china/story20260131-9",
        "failed: /realtime/world/story20260131-10",
    ]
    report = make_report(verdict, "realtime", 1)
    numbers = [line["where"].rpartition("-")[2] for line in report["failed"][3:]]
    assert numbers == ["11", "12", "9", "10"]
    assert [line["where"] for line in report["notes"][:2]] == ["pictures", "section china"]

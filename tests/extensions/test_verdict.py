"""The books of a run: nothing that went wrong leaves it a good one."""

from __future__ import annotations

import logging
from types import SimpleNamespace

import pytest
from scrapy.utils.test import get_crawler

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.outcomes import Outcome
from zbcrawler.extensions.verdict import Verdict
from zbcrawler.signals import run_note, run_problem, story_requested, story_settled

ADDRESS = StoryAddress.parse("/realtime/china/story20260131-1154260")


@pytest.fixture
def crawler(tmp_path):
    return get_crawler(settings_dict={"ARCHIVE_DIR": str(tmp_path), "FAILED_LIMIT": 0, "MISSING_LIMIT": 0.2})


@pytest.fixture
def verdict(crawler):
    verdict = Verdict.from_crawler(crawler)
    verdict.spider_opened(SimpleNamespace(sections=()))
    yield verdict
    logging.root.removeHandler(verdict.errors)


def send(crawler, signal, **details):
    crawler.signals.send_catch_log(signal, **details)


def settle(crawler, outcome, reason="", address=ADDRESS):
    send(crawler, story_settled, section="china", address=address, outcome=outcome, reason=reason)


def close(verdict, reason="finished"):
    verdict.spider_closed(SimpleNamespace(sections=()), reason)


def test_a_run_without_news_is_a_good_one(crawler, verdict):
    settle(crawler, Outcome.UNCHANGED)
    send(crawler, run_note, where="section china", what="something to know")
    close(verdict)
    assert verdict.passed
    assert "china: 0 new, 0 changed, 1 unchanged\n" in verdict.summary()
    assert "note: section china: something to know" in verdict.summary()
    assert verdict.summary().splitlines()[-1].startswith("ok: archive ")


def test_a_failed_story_is_named_once(crawler, verdict):
    send(crawler, story_requested, section="china", address=ADDRESS)
    settle(crawler, Outcome.FAILED, f"{ADDRESS}: answered 500")
    close(verdict)
    assert not verdict.passed
    assert verdict.summary().count(ADDRESS.url) == 1
    assert f"failed: {ADDRESS}: answered 500" in verdict.summary()
    assert verdict.summary().splitlines()[-1].startswith("1 failed: ")


def test_a_problem_of_the_run_is_named(crawler, verdict):
    send(crawler, run_problem, where="section china", what="answered\n404")
    close(verdict)
    assert not verdict.passed
    assert "failed: section china: answered 404" in verdict.summary()


def test_a_story_that_was_asked_for_and_never_settled_fails(crawler, verdict):
    send(crawler, story_requested, section="china", address=ADDRESS)
    close(verdict)
    assert not verdict.passed
    assert "1 left" in verdict.summary()
    assert "failed: run: 1 stories were not dealt with; a fault of zbcrawler" in verdict.summary()


def test_a_run_that_was_stopped_fails(verdict):
    close(verdict, "shutdown")
    assert not verdict.passed
    assert "ended before its time (shutdown)" in verdict.summary()


def test_a_run_that_was_killed_before_it_could_close_fails(verdict):
    assert not verdict.passed
    assert "run: was killed before it ended" in verdict.summary()


def test_an_error_that_only_the_log_knows_fails(verdict):
    logging.getLogger("scrapy.something").error("a receiver broke: %s", "why")
    close(verdict)
    assert not verdict.passed
    assert "a receiver broke: why" in verdict.summary()


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
    settings = {"ARCHIVE_DIR": str(tmp_path), "FAILED_LIMIT": 1, "MISSING_LIMIT": 0.2}
    crawler = get_crawler(settings_dict=settings)
    verdict = Verdict.from_crawler(crawler)
    verdict.spider_opened(SimpleNamespace(sections=()))
    settle(crawler, Outcome.FAILED, f"{ADDRESS}: answered 500")
    close(verdict)
    assert verdict.passed
    assert f"note: {ADDRESS}: answered 500" in verdict.summary()
    settle(crawler, Outcome.FAILED, f"{ADDRESS}: answered 500")
    assert not verdict.passed
    assert verdict.summary().splitlines()[-1].startswith("2 failed: ")


def test_a_field_that_too_many_pages_lack_is_a_failure(crawler, verdict):
    crawler.stats.set_value("zbcrawler/edition/react", 20)
    crawler.stats.set_value("zbcrawler/missing/time/react", 4)
    close(verdict)
    assert verdict.passed
    crawler.stats.set_value("zbcrawler/missing/time/react", 5)
    close(verdict)
    assert "failed: react edition: 5 of 20 pages have no time, more than MISSING_LIMIT allows" in verdict.summary()

"""A budget interrupts code that runs too long, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from contextlib import suppress

import pytest

from zbcrawler.common.errors import PageError, PageTooSlowError
from zbcrawler.common.markup import TimeBudget

pytestmark = pytest.mark.quick
# Seconds; short, so that the tests are. Nothing is compared with a clock.
SOON = 0.05


@pytest.fixture(autouse=True)
def _nothing_is_left():
    before = signal.getsignal(signal.SIGPROF)
    yield
    assert signal.getsignal(signal.SIGPROF) is before
    assert signal.getitimer(signal.ITIMER_PROF) == (0, 0)


def endless():
    while True:
        pass


def test_endless_code_ends_with_an_error_that_names_the_page_and_the_setting():
    message = r"^the page: took over 0\.05 seconds to read \(PAGE_SECONDS\)$"
    with pytest.raises(PageTooSlowError, match=message), TimeBudget(SOON, "the page"):
        endless()
    assert issubclass(PageTooSlowError, PageError)


def test_a_regular_expression_is_interrupted():
    with pytest.raises(PageTooSlowError), TimeBudget(SOON, "the page"):
        re.match(r"(?:a+)+$", "a" * 60 + "b")


def test_code_that_swallows_the_error_is_interrupted_again():
    swallowed = []

    def careless():
        for _ in range(2):
            try:
                endless()
            except Exception as error:
                swallowed.append(error)
        endless()

    with pytest.raises(PageTooSlowError), TimeBudget(SOON, "the page"):
        careless()
    assert len(swallowed) == 2


def test_a_budget_inside_another_changes_nothing():
    def nested():
        with TimeBudget(SOON, "outer"):
            with TimeBudget(1000, "inner"):
                pass
            endless()

    with pytest.raises(PageTooSlowError, match="outer"):
        nested()


def test_code_that_ends_in_time_is_left_alone_and_an_error_of_its_own_passes():
    with TimeBudget(1000, "the page"):
        pass
    with pytest.raises(KeyError), TimeBudget(1000, "the page"):
        raise KeyError
    with suppress(PageTooSlowError), TimeBudget(SOON, "the page"):
        endless()
    with TimeBudget(1000, "the next page"):
        assert signal.getitimer(signal.ITIMER_PROF)[0] > 900


def test_no_budget_is_set_with_0_seconds_or_in_another_thread():
    timers = []

    def run(seconds):
        with TimeBudget(seconds, "the page"):
            timers.append(signal.getitimer(signal.ITIMER_PROF))

    run(0)
    thread = threading.Thread(target=run, args=(1000,))
    thread.start()
    thread.join()
    assert timers == [(0, 0), (0, 0)]


def test_the_handler_of_others_is_restored():
    calls = []
    before = signal.signal(signal.SIGPROF, lambda *_: calls.append(1))
    try:
        with suppress(PageTooSlowError), TimeBudget(SOON, "the page"):
            endless()
        signal.raise_signal(signal.SIGPROF)
    finally:
        signal.signal(signal.SIGPROF, before)
    assert calls == [1]


def test_an_alarm_at_the_first_or_last_moment_leaves_nothing_behind():
    for _ in range(200):
        with suppress(PageTooSlowError), TimeBudget(1e-6, "the page"):
            pass
        assert signal.getsignal(signal.SIGPROF) == signal.SIG_DFL
        assert signal.getitimer(signal.ITIMER_PROF) == (0, 0)


def test_a_machine_that_sleeps_while_it_reads_harms_no_page():
    waker = subprocess.Popen(["sh", "-c", f"sleep {10 * SOON}; kill -CONT {os.getpid()}"])
    with TimeBudget(SOON, "the page"):
        os.kill(os.getpid(), signal.SIGSTOP)
    waker.wait()


def test_an_alarm_after_the_end_is_harmless():
    budget = TimeBudget(1000, "the page")
    with budget:
        pass
    budget._interrupt(signal.SIGPROF, None)
    time.sleep(0)

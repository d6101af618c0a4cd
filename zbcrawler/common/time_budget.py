"""Bound the time that one page may take, whatever its markup does to the code that reads it."""

from __future__ import annotations

import signal
import threading
from types import FrameType

from scrapy.settings import BaseSettings

from zbcrawler.common import arguments
from zbcrawler.common.errors import PageTooSlowError

# Seconds. The alarm repeats, because a library may swallow the first error, and the budget's own code ignores it.
_AGAIN = 0.1


def page_seconds(settings: BaseSettings) -> float:
    """Return the setting ``PAGE_SECONDS``; 0, for no limit, without the project's settings."""
    return arguments.number(settings, "PAGE_SECONDS") if "PAGE_SECONDS" in settings else 0


class TimeBudget:
    """The time for one page, in a ``with`` statement.

    Only put code inside that reads: the error may come at any of its lines, so a file or database could be left half
    written. An alarm of the operating system interrupts Python code and searches of regular expressions, but no other
    C code, such as lxml's: ``zbcrawler.common.markup`` limits the sizes that lxml receives. Only the time of the
    processor counts: a machine that sleeps or is busy with other work harms no page. Does nothing outside the main
    thread, on systems without such an alarm, inside another budget, and with 0 seconds.
    """

    _is_spent = False  # whether a budget is being spent; alarms belong to the process

    def __init__(self, seconds: float, address: object) -> None:
        self.seconds = seconds
        self.address = address  # of the page, for the error
        self._ends = False  # whether the alarm is set

    def __enter__(self) -> None:
        is_possible = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
        if self.seconds and is_possible and not TimeBudget._is_spent:
            TimeBudget._is_spent = self._ends = True
            self._before = signal.signal(signal.SIGPROF, self._interrupt)
            signal.setitimer(signal.ITIMER_PROF, self.seconds, _AGAIN)

    def __exit__(self, *error: object) -> None:
        if self._ends:
            self._ends = TimeBudget._is_spent = False
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, self._before)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        # An error inside the two methods above would leave the alarm set for ever.
        is_own = frame is not None and frame.f_code in (TimeBudget.__enter__.__code__, TimeBudget.__exit__.__code__)
        if self._ends and not is_own:
            raise PageTooSlowError(f"{self.address}: took over {self.seconds:g} seconds to read (PAGE_SECONDS)")

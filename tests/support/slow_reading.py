"""A Scrapy add-on that makes the reading of some pages slow, as a fault that nobody thought of would.

The pages hold one of the words below. On the first alarms, the slow code behaves as a library that swallows errors.
"""

from __future__ import annotations

import json
import time

from scrapy.settings import BaseSettings

from zbcrawler.cleaning import body_walk
from zbcrawler.editions.edition import Edition

READING, CLEANING = "慢慢读", "慢慢洗"
# Settings of a run, for a budget of one second.
SETTINGS = {"ADDONS": json.dumps({"tests.support.slow_reading.SlowReading": 0}), "PAGE_SECONDS": 1}
# Of the processor; longer than any budget of a test, and short enough that a run without a budget ends.
SECONDS = 20


def crawl_along() -> None:
    end = time.process_time() + SECONDS
    swallowed = 0
    while time.process_time() < end:
        try:
            while time.process_time() < end:
                pass
        except Exception:
            swallowed += 1
            if swallowed > 2:
                raise


class SlowReading:
    """Patches the code that finds a story's title, and the walk over its body."""

    def update_settings(self, settings: BaseSettings) -> None:
        recognises, write = Edition.recognises, body_walk.Walk.write

        def recognises_slowly(self, page):
            if page.contains(READING):
                crawl_along()
            return recognises(self, page)

        def write_slowly(self, element, blocks):
            if CLEANING in (element.text or ""):
                crawl_along()
            write(self, element, blocks)

        Edition.recognises, body_walk.Walk.write = recognises_slowly, write_slowly

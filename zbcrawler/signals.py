"""The signals by which the parts of a run report what happens, and who sends and receives them.

Each comment names the details that are sent:
``section``, ``where``, ``what`` and ``reason`` are texts, ``address`` is a :class:`StoryAddress`, ``count`` a number.
"""

from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import Outcome

# A story is about to be fetched: section, address.
story_requested = object()
# The outcome of a story is known: section, address (a text if the story was not requested), outcome, reason.
story_settled = object()
# The outcome of many stories is known, without addresses: section, outcome, count.
stories_settled = object()

# A page of a section's listing was read: section, page (int, from 1).
listing_read = object()
# A section has unread news behind its last page read; stories may be missing: section, pages (int, those read).
listing_cut = object()
# A section was read far enough that no story is missing: section.
listing_finished = object()

# A page at the address of a listing or a story cannot be read as one: response, section (empty for a story's page).
page_unreadable = object()
# A learnt edition was written into the archive.
edition_learnt = object()

# A body was cleaned: address, removed (pairs of a rule's name and the lxml element that it dropped, in reading order).
# The elements are valid only while the signal is handled.
body_cleaned = object()

# The size of a run is known: count (of stories).
run_planned = object()
# It is known which stories of a part of the past are missing: what.
part_planned = object()
# A problem that needs a person and is not about one story: where, what, once (bool: no later run will report it).
run_problem = object()
# A fact for the summary that is no failure: where, what.
run_note = object()
# This run must send no more requests: where, what, by_pages (bool: only because its pages cannot be read, so requests
# that learn to read them may follow). The first such signal of a run counts as a run_problem.
requests_must_end = object()
# This run must write nothing: what (is wrong with the command line; empty: the machine's clock is wrong).
must_write_nothing = object()
# The site asks for a pause that is longer than RETRY_AFTER_LIMIT: address (a text), until (aware datetime).
site_asked_to_wait = object()


_SIGNALS = {name: signal for name, signal in (vars(signals) | globals()).items() if type(signal) is object}


def connect_signals(crawler: Crawler, part: object) -> None:
    """Connect the methods of a part, which the caller keeps alive, to the signals of their names, Scrapy's and ours."""
    for name in sorted(_SIGNALS.keys() & set(dir(type(part)))):
        crawler.signals.connect(getattr(part, name), signal=_SIGNALS[name])


class RunSignals:
    """Send the signals of a run for ``part``, a spider or another part with a crawler."""

    def __init__(self, part: Any) -> None:
        self._part = part
        self.muted: set[object] = set()  # signals that are not sent

    def send(self, signal: object, **details: Any) -> None:
        if signal not in self.muted:
            self._part.crawler.signals.send_catch_log(signal, **details)

    def count(self, name: str, number: int = 1) -> None:
        """Add to the counter ``zbcrawler/NAME``."""
        self._part.crawler.stats.inc_value(f"zbcrawler/{name}", number)

    def announce(self, section: str, address: StoryAddress) -> None:
        """Announce a request for a story, whose outcome :meth:`settle` sends later."""
        self.send(story_requested, section=section, address=address)

    def settle(self, section: str, address: StoryAddress | str, outcome: Outcome, reason: str = "") -> None:
        self.send(story_settled, section=section, address=address, outcome=outcome, reason=reason)

    def problem(self, where: str, what: str, once: bool = False) -> None:
        self.send(run_problem, where=where, what=what, once=once)

    def end_requests(self, where: str, what: str, by_pages: bool = False) -> None:
        self.send(requests_must_end, where=where, what=what, by_pages=by_pages)

    def note(self, where: str, what: str) -> None:
        self.send(run_note, where=where, what=what)

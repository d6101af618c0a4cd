"""Parse HTML, the same way everywhere, and bound the time that one page may take, whatever its markup."""

import re
import signal
import threading
from types import FrameType, SimpleNamespace
from typing import Any

from lxml import etree
from lxml.html import HtmlComment, HtmlElement, HTMLParser, HtmlProcessingInstruction, document_fromstring

from zbcrawler.common.errors import PageTooHardError, PageTooSlowError
from zbcrawler.common.text import drop_unprintable

# Pages of the site have under half a million characters; a larger page than this is malicious or broken.
MOST_CHARACTERS = 4_000_000
MOST_BYTES = 3 * MOST_CHARACTERS  # a Chinese character has three bytes
MOST_ATTRIBUTES = 1_000
# Of a whole page, in which selectors are searched. The time of some searches grows with the square of the elements, and
# nothing can interrupt a search; with this many it takes five seconds at worst. Real pages have a few thousand tags.
MOST_TAGS = 50_000
# Parsing time grows with the square of an element's attributes. A page of up to this many bytes takes a few seconds at
# worst, so its attributes are not counted, which would take longer than parsing a normal page.
_HARMLESS = 320_000

# Without huge_tree the parser stops at 256 levels, and silently loses deeper elements.
_PARSER = HTMLParser(encoding="utf-8", huge_tree=True)
# lxml's own lookup calls Python for each element, to find classes for forms, which are not used here.
_PARSER.set_element_class_lookup(
    etree.ElementDefaultClassLookup(element=HtmlElement, comment=HtmlComment, pi=HtmlProcessingInstruction)
)

_PAGE_TAGS = re.compile(r"</?(?:html|body)\b[^<>]*>", re.IGNORECASE)
# Seconds. The alarm repeats, because a library may swallow the first error, and the budget's own code ignores it.
_AGAIN = 0.1


def parse_document(html: str) -> HtmlElement:
    """Return the root element of a page, also of an empty one; raise PageTooHardError for an impossible size."""
    if len(html) > MOST_CHARACTERS:
        raise PageTooHardError(f"{len(html)} characters of markup are more than any story's page has")
    # libxml2 stops at a NUL, and cannot read lone surrogates.
    data = (html.replace("\x00", "") if "\x00" in html else html).encode("utf-8", "replace")
    if len(data) > _HARMLESS and _most_attributes(data) > MOST_ATTRIBUTES:
        raise PageTooHardError(f"an element with over {MOST_ATTRIBUTES} attributes, which no story page has")
    try:
        return document_fromstring(data, parser=_PARSER)
    except etree.ParserError:  # nothing, or nothing but comments
        return document_fromstring(b"<html></html>", parser=_PARSER)


def parse_fragment(html: str) -> HtmlElement:
    """Return a piece of HTML as the content of one element."""
    # A stray </body> or </html> would end the body, and the text behind it would be lost.
    root = parse_document(f"<html><body>{_PAGE_TAGS.sub('', html)}</body></html>")
    # Unbalanced markup can leave words outside the body.
    return root[0] if len(root) == 1 and root[0].tag == "body" else root


def drop_refused(text: str) -> str:
    """Return a text without the characters, of which two are line ends, that lxml refuses in attributes and text."""
    return drop_unprintable(text.replace("\x0b", " ").replace("\x0c", " "))


def _most_attributes(data: bytes) -> int:
    # Without a tree, many attributes take little time.
    counts = [0]
    target: Any = SimpleNamespace(start=lambda _, given: counts.append(len(given)), close=lambda: max(counts))
    most: Any = etree.fromstring(data, parser=etree.HTMLParser(target=target, encoding="utf-8", huge_tree=True))
    return int(most)


class TimeBudget:
    """The time for one page, in a ``with`` statement.

    Only put code inside that reads: the error may come at any of its lines. An alarm of the operating system interrupts
    Python code and searches of regular expressions, but not lxml: this module limits the sizes that lxml receives. Only
    the time of the processor counts. Does nothing outside the main thread, on systems without such an alarm, inside
    another budget, and with 0 seconds.
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

"""Find the boxes of a section's own entries on unknown listing pages, apart from sidebars and hot lists."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from itertools import islice, pairwise
from typing import NamedTuple
from urllib.parse import urljoin

from lxml.html import HtmlElement

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.editions.expanded import ExpandedPage
from zbcrawler.editions.learning.selectors import places_of
from zbcrawler.editions.learnt_listing import link_in, story_in

# Entries on a page, at least and at most.
FEWEST, _MOST = 3, 300
_SAMPLE = 200  # boxes of a page
_DEEPEST = 100  # levels above a box: the time of a search may grow with them
# Searches of all pages take seconds: of one with so many elements, a tenth of a second.
_MOST_SEARCHES, _FEWEST_SEARCHES, _SEARCHED = 200, 20, 2_000_000


class ListingPage(NamedTuple):
    """A page of a section, as the learner gets it."""

    page: ExpandedPage
    section: str  # the section's name, such as ``china``
    fetched: datetime  # aware

    def is_own(self, story: StoryAddress) -> bool | None:
        """Whether an address names the section; None if it names no section."""
        parts = story.section.split("/")
        return self.section in parts if len(parts) > 1 else None


class Marked:
    """A listing page, and the stories to which its elements link."""

    def __init__(self, lesson: ListingPage, hosts: frozenset[str]) -> None:
        self.lesson = lesson
        # The stories in each element, by number; of several, two. Elements as keys must live as long as the page.
        self.held: dict[HtmlElement, dict[str, StoryAddress]] = {}
        self.size = 0
        for element in lesson.page.tree.iter("*"):
            self.size += 1
            link = link_in(element)
            story = story_in(link)
            if story and StoryAddress.parse(urljoin(lesson.page.address, link), hosts):
                for above in (element, *element.iterancestors()):
                    stories = self.held.setdefault(above, {})
                    if story.number in stories or len(stories) > 1:
                        break
                    stories[story.number] = story

    @cached_property
    def boxes(self) -> list[HtmlElement]:
        """The largest elements that link to one story each."""
        alone = (element for element, stories in self.held.items() if len(stories) == 1)
        return [one for one in alone if len(self.held.get(one.getparent(), ())) > 1]

    @property
    def sample(self) -> list[HtmlElement]:
        """Some of the boxes; none of a page with boxes as deep as no site's, whose searches would take minutes."""
        some = self.boxes[:: len(self.boxes) // _SAMPLE + 1]
        return [] if any(next(islice(one.iterancestors(), _DEEPEST, None), None) is not None for one in some) else some

    def stories_in(self, boxes: Sequence[HtmlElement]) -> list[StoryAddress]:
        """Return the stories of boxes that hold one each; none if the boxes are no entries."""
        held = [self.held[box] for box in boxes if box in self.held]
        stories = {number: story for one in held if len(one) == 1 for number, story in one.items()}
        several = sum(len(one) > 1 for one in held)
        is_list = len(boxes) <= _MOST and 2 * len(stories) >= len(boxes) and 10 * several <= len(held)
        return list(stories.values()) if is_list and 4 * len(held) <= 5 * (len(stories) + several) else []


def entries_of(pages: Sequence[Marked]) -> list[str]:
    """Return selectors of the entries, none if no page is a section's list; a section may have a form of its own."""
    chosen: list[str] = []
    while pages and (css := _best_selector(pages)):
        chosen.append(css)
        pages = [page for page in pages if not page.lesson.page.all(css)]
    return chosen


def _best_selector(pages: Sequence[Marked]) -> str:
    """Return the selector that finds most of the sections' own stories and little else; empty if there is none."""
    boxes = [box for page in pages for box in page.sample]
    names = places_of(([(box, "")] for box in boxes), FEWEST)
    # Boxes without names are told by their list, if need be by its position.
    above = places_of(([(box.getparent(), "")] for box in boxes), FEWEST)
    names += [f"{css} > {tag}" for css in above for tag in sorted({str(box.tag) for box in boxes})]
    # With the section's name in it, a selector would find nothing on other sections' pages.
    sections = {page.lesson.section for page in pages}
    wanted = [css for css in names if not any(name in css for name in sections)]
    searches = max(_FEWEST_SEARCHES, min(_MOST_SEARCHES, _SEARCHED // (1 + sum(page.size for page in pages))))
    scores = {css: _score(css, pages) for css in wanted[:searches]}
    best = max(scores, key=lambda css: scores[css], default="")
    return best if best and scores[best] > 0 else ""


def _score(css: str, pages: Sequence[Marked]) -> int:
    """Return how many of the sections' own stories a selector finds, less what speaks against it."""
    found = [page.lesson.page.all(css) for page in pages]
    listed = [page.stories_in(boxes) for page, boxes in zip(pages, found, strict=True)]
    sections = {
        (page.lesson.section, one.number) for page, stories in zip(pages, listed, strict=True) for one in stories
    }
    times = Counter(number for _, number in sections)
    score = 0
    for page, boxes, stories in zip(pages, found, listed, strict=True):
        foreign = sum(page.lesson.is_own(one) is False for one in stories)
        shared = sum(times[one.number] > 1 for one in stories)
        # Hot lists are not in the order of days.
        disorder = sum(first.day < second.day for first, second in pairwise(stories))
        if boxes and (len(stories) < FEWEST or disorder > len(stories) / 4):
            return 0
        score += len(stories) - 3 * foreign - 2 * shared - 4 * disorder
    return score

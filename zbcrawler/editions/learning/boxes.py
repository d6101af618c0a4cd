"""Find the boxes of a section's own entries on unknown listing pages, apart from sidebars and hot lists."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice, pairwise
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


@dataclass(eq=False)
class ListingPage:
    """A page of a section, and the stories to which its elements link."""

    page: ExpandedPage
    section: str  # the section's name, such as ``china``
    fetched: datetime  # aware
    hosts: frozenset[str] = frozenset()  # further hosts that stand for the site

    def is_own(self, story: StoryAddress) -> bool | None:
        """Whether an address names the section; None if it names no section."""
        parts = story.section.split("/")
        return self.section in parts if len(parts) > 1 else None

    @cached_property
    def held(self) -> dict[HtmlElement, dict[str, StoryAddress]]:
        """The stories in each element, by number; of several, two."""
        held: dict[HtmlElement, dict[str, StoryAddress]] = {}
        for element in self.page.tree.iter("*"):
            link = link_in(element)
            story = story_in(link)
            if story and StoryAddress.parse(urljoin(self.page.address, link), self.hosts):
                for above in (element, *element.iterancestors()):
                    stories = held.setdefault(above, {})
                    if story.number in stories or len(stories) > 1:
                        break
                    stories[story.number] = story
        return held

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


def entries_of(pages: Sequence[ListingPage]) -> list[str]:
    """Return selectors of the entries, none if no page is a section's list; a section may have a form of its own."""
    chosen: list[str] = []
    while pages and (css := _best_selector(pages)):
        chosen.append(css)
        pages = [page for page in pages if not page.page.all(css)]
    return chosen


def _best_selector(pages: Sequence[ListingPage]) -> str:
    """Return the selector that finds most of the sections' own stories and little else; empty if there is none."""
    boxes = [box for page in pages for box in page.sample]
    names = places_of(([(box, "")] for box in boxes), FEWEST)
    # Boxes without names are told by their list, if need be by its position.
    above = places_of(([(box.getparent(), "")] for box in boxes), FEWEST)
    names += [f"{css} > {tag}" for css in above for tag in sorted({str(box.tag) for box in boxes})]
    # With the section's name in it, a selector would find nothing on other sections' pages.
    sections = {page.section for page in pages}
    wanted = [css for css in names if not any(name in css for name in sections)]
    size = sum(1 for page in pages for _ in page.page.tree.iter("*"))
    searches = max(_FEWEST_SEARCHES, min(_MOST_SEARCHES, _SEARCHED // (1 + size)))
    scores = {css: _score(css, pages) for css in wanted[:searches]}
    best = max(scores, key=lambda css: scores[css], default="")
    return best if best and scores[best] > 0 else ""


def _score(css: str, pages: Sequence[ListingPage]) -> int:
    """Return how many of the sections' own stories a selector finds, less what speaks against it."""
    listed = [(page, page.stories_in(page.page.all(css))) for page in pages]
    times = Counter(number for _, number in {(page.section, one.number) for page, stories in listed for one in stories})
    score = 0
    for page, stories in listed:
        foreign = sum(page.is_own(one) is False for one in stories)
        shared = sum(times[one.number] > 1 for one in stories)
        # Hot lists are not in the order of days.
        disorder = sum(first.day < second.day for first, second in pairwise(stories))
        if page.page.all(css) and (len(stories) < FEWEST or disorder > len(stories) / 4):
            return 0
        score += len(stories) - 3 * foreign - 2 * shared - 4 * disorder
    return score

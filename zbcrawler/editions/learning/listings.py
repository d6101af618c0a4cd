"""Learn how an unknown edition lists stories, and prove it.

The caller

1. fetches the listings of one or several sections, once each;
2. calls :func:`learn_listing` with them and with what is known of stories: ``known`` looks up the archive;
3. if the result is not proved and names ``unread`` stories: reads some of them from their own pages, makes ``known``
   find them too, and calls again. Without an archive of these days that is the only way to know titles;
4. if it is proved: asks for the addresses of ``next_pages()`` one by one, and gives each answer to ``goes_on``, until
   that returns True. A listing without a next page is read as one that has no more;
5. writes ``declaration`` as the ``listing`` part of a learnt edition.
"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import islice
from operator import attrgetter
from typing import Any

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.editions.expanded import ExpandedPage
from zbcrawler.editions.learning.boxes import FEWEST, ListingPage, entries_of
from zbcrawler.editions.learning.evidence import Example
from zbcrawler.editions.learning.fields import find_time, find_title, reads_time, reads_title
from zbcrawler.editions.learning.following import number_of, ways_on
from zbcrawler.editions.learning.selectors import selectors_of
from zbcrawler.editions.learning.stories import Learnt
from zbcrawler.editions.learnt_listing import EntryBox, following, read_listing, story_in
from zbcrawler.editions.page import Page
from zbcrawler.items import Story

Known = Callable[[StoryAddress], Story | None]

_FEWEST_TITLES = 5  # that must agree
_EDITED = 0.2  # of the titles may have been edited since (site-layouts 10)
_MOVED = 0.1  # of the times may be wrong: stories are moved
_MOST_LANDMARKS = 100  # that are tried
_age = attrgetter("age_order")


@dataclass
class LearntListing(Learnt):
    unread: list[StoryAddress] = field(default_factory=list)  # listed stories whose titles would prove more
    pages: Sequence[ListingPage] = ()

    def next_pages(self) -> list[str]:
        """Return addresses that may be the next page of the first listing, the likeliest first."""
        return list(ways_on(self.pages[0])) if self.declaration else []

    def goes_on(self, address: str, answer: ExpandedPage) -> bool:
        """Whether the answer of one of ``next_pages`` is the next page; if so, the declaration leads there now."""
        first, declared = self.pages[0], self.declaration or {}
        here, there = (
            {story for one in read_listing(declared, page, first.fetched).entries if (story := story_in(one.link))}
            for page in (first.page, answer)
        )
        old, new = sorted(here, key=_age), sorted(there - here, key=_age)
        own = [first.is_own(story) for story in new]
        if not old or len(new) < max(FEWEST, len(there) / 2) or own.count(False) > len(own) / 2:
            return False
        if _age(new[len(new) // 2]) >= _age(old[len(old) // 2]):
            return False
        for way in ways_on(first)[address]:
            onward = following(way, answer)
            # The second page may be the last, or the place of its link to the first page.
            is_new = onward not in {first.page.address, address, answer.address}
            if is_new and (not onward or number_of(onward) > number_of(address) or not number_of(address)):
                self.declaration = declared | way
                if onward:
                    break
        return "next" in (self.declaration or {})


def learn_listing(pages: Sequence[ListingPage], known: Known, story_pages: Sequence[Page] = ()) -> LearntListing:
    """Learn from pages of one or several sections.

    :param known: what the archive, or the story's own page, knows of a story; its title and its time are used
    :param story_pages: known pages of stories, so that landmarks tell these from listings
    """
    entries = entries_of(pages)
    examples: list[Example] = []
    unread: list[StoryAddress] = []
    for page in pages if entries else ():
        for box in page.page.all(", ".join(entries)):
            for address in page.held.get(box, {}).values() if len(page.held.get(box, ())) == 1 else ():
                if story := known(address):
                    examples.append(Example(story, EntryBox(deepcopy(box), page.fetched), []))
                else:
                    unread.append(address)
    listed = f"{len(examples) + len(unread)} entries by {', '.join(entries) or 'no selector'}"
    title = find_title(examples[::2])
    right = [sum(reads_title(title, one) is True for one in half) for half in (examples[::2], examples[1::2])]
    judged = len(examples) // 2
    proof = {"taught": len(examples) - judged, "judged": judged, "title": right[1]}
    says = f"{listed}, {len(examples)} of known stories; title {right[1]} of {judged}"
    is_proved = sum(right) >= _FEWEST_TITLES and right[1] > 1 and judged - right[1] <= max(1, judged * _EDITED)
    read = [page for page in pages if any(map(page.page.all, entries))]
    landmarks = _landmarks(entries, read, story_pages) if is_proved else []
    if not landmarks:
        why = "nothing tells its pages from those of stories" if is_proved else "not proved"
        return LearntListing(None, f"{says} ({why})", proof, unread, read)
    declared: dict[str, Any] = {"landmarks": landmarks, "entries": entries, "title": title}
    if time := _find_time(examples):
        declared["time"] = time
    return LearntListing(declared, f"{says} (proved)", proof, unread, read)


def _find_time(examples: Sequence[Example]) -> list[dict[str, str]]:
    """Return the places of the time, those that are exact if there are such; none if too many are wrong."""
    exact = [Example(one.story, EntryBox(one.page.tree), []) for one in examples]
    for shown in (exact, examples):
        time = find_time(shown)
        wrong = sum(reads_time(time, one) is False for one in shown)
        if time and wrong <= max(1, len(shown) * _MOVED):
            return time
    return []


def _landmarks(entries: list[str], pages: Sequence[ListingPage], story_pages: Sequence[Page]) -> list[str]:
    """Return the entries' selectors, and one more that stands on no story page; neither, if both stand there."""
    boxes, section = ", ".join(entries), pages[0].section
    box = pages[0].page.all(boxes)[0]
    near = (css for one in (*box.iterancestors(), *box.iter()) for css in selectors_of(one)[:5] if section not in css)
    for css in (*islice(dict.fromkeys(near), _MOST_LANDMARKS), boxes):
        if all(page.page.all(css) for page in pages) and not any(page.all(css) for page in story_pages):
            return list(dict.fromkeys((boxes, css)))
    return []

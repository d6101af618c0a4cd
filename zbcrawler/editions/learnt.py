"""Editions that are data: learnt from the archive, or adopted from there (docs/explanation/learning.md).

A file declares what a module of an edition declares, in the same words. Each place is a CSS selector on the
:mod:`expanded <zbcrawler.editions.expanded>` page, perhaps with an attribute: ``h1.title``, ``time @datetime``.

In the part ``listing``, ``entries`` selects boxes with one story each, and the places of ``title`` and ``time`` are
inside a box. ``next`` is the place of the next page's address, or ``?page=N``; then ``first`` is the second page's N.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import yaml
from lxml.etree import XPathError
from lxml.html import HtmlElement, builder

from zbcrawler.cleaning.noise_rules import Rule
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import EditionFileError
from zbcrawler.common.text import excerpt, letters
from zbcrawler.common.times import SINGAPORE, is_relative
from zbcrawler.editions.arranging import address_in, blocks_of, break_into_paragraphs, is_story_link, put_in_order
from zbcrawler.editions.edition import Edition, Listing, ListingEntry, following_number, headline
from zbcrawler.editions.expanded import ExpandedPage, expand
from zbcrawler.editions.field_sources import FieldValue, find, place_of, shown, time_source, value_in
from zbcrawler.editions.listing_end import is_same_frame
from zbcrawler.editions.page import Page, all_of, text_of
from zbcrawler.items import Story

# The attribute that holds the address, for elements that stand for these.
_ADDRESSES = {"img": "src", "a": "href"}
_LONGEST_LINE = 120  # characters of a block that a rule about its beginning may drop
# What a wrong declaration leads to; the last two are errors of selectors.
_WRONG = (LookupError, TypeError, AttributeError, ArithmeticError, ValueError, SyntaxError, RuntimeError, XPathError)
_LONGEST_FILE = 200_000  # characters; YAML of this size takes two seconds to read
# What must be declared of story pages, and of listings.
NO_STORIES: dict[str, Any] = {"landmarks": ["html"], "title": [], "published": [], "body": ["html"]}
_NO_LISTINGS: dict[str, Any] = {"entries": ["html"], "title": ["html"], "time": [], "first": 1}
_COUNTED = re.compile(r"\?([\w-]+)=N")
_LONGEST_LINK = 500


def outermost(elements: Iterable[HtmlElement]) -> list[HtmlElement]:
    """Return the elements that lie in none of the others, in the page's order."""
    wanted = dict.fromkeys(elements)
    found = [element for element in wanted if not any(outer in wanted for outer in element.iterancestors())]
    if len(found) > 1:
        order = {element: place for place, element in enumerate(found[0].getroottree().getroot().iter())}
        found.sort(key=order.__getitem__)
    return found


class LearntEdition(Edition):
    """An edition that a file declares: a part for story pages, one for listings, or both."""

    LANDMARKS = ()  # a file's landmarks are of its parts

    def __init__(self, declared: Mapping[str, Any]) -> None:
        """Check a declaration; raise EditionFileError if a part is missing or cannot be used."""
        try:
            # The editions in code are classes, these objects.
            self.name, self.half = declared["name"].strip(), declared.get("half", Edition.half).strip()  # type: ignore[misc]
            self.of_stories: dict[str, Any] = dict(declared.get("story") or {})
            self.of_listings: dict[str, Any] = dict(declared.get("listing") or {})
            self.parts = [part for part in (self.of_stories, self.of_listings) if part]
            if not self.parts:
                raise KeyError("story or listing")
            for part in self.parts:
                _check(part["landmarks"])
                set(part.get("replaces", ()))
            story = self.of_stories or NO_STORIES
            self.TITLE = tuple(map(shown, story["title"]))  # type: ignore[misc]
            self.PUBLISHED = tuple(map(time_source, story["published"]))  # type: ignore[misc]
            self.BODY = tuple(story["body"])  # type: ignore[misc]
            listing = _NO_LISTINGS | self.of_listings
            read = (*map(shown, listing["title"]), *map(time_source, listing["time"]))
            following(listing | {"first": int(listing["first"])}, ExpandedPage("", ""))
            self._forms = [(*place_of(place), builder.E(tag).tag) for place, tag in story.get("forms", {}).items()]
            self._kinds = [(*place_of(place), set(known)) for place, known in story.get("kinds", {}).items()]
            self._order, self._breaks = str(story.get("order") or ""), int(story.get("breaks") or 0)
            rules = story.get("noise", ())
            self.NOISE = {one["css"]: _rule(one) for one in rules if "css" in one}  # type: ignore[misc]
            self._sentences = {one["sentence"]: _rule(one) for one in rules if "sentence" in one}
            self._links = next((_rule(one) for one in rules if one.get("links")), None)
            self._beginnings = {one["begins"]: _rule(one) for one in rules if "begins" in one}
            if not self.BODY or any("".startswith(start) for start in self._beginnings):
                raise ValueError("no body, or a rule about every block")
            _check([*self.BODY, *self.NOISE, *story.get("lead", ()), *story.get("captions", ()), *listing["entries"]])
            where = [source.where for source in (*self.TITLE, *self.PUBLISHED, *read)]
            _check(["html", *where, *(css for css, *_ in (*self._forms, *self._kinds))])
        except _WRONG as error:
            raise EditionFileError(f"not an edition: {type(error).__name__} {error!s:.80}") from error

    def replaces(self, page: Page, known: Edition | None) -> bool:
        parts = [part for part in self.parts if (known.name if known else "") in part.get("replaces", [""])]
        return any(all(map(expand(page).all, part["landmarks"])) for part in parts)

    def listing(self, page: Page, now: datetime) -> Listing:
        listing = read_listing(self.of_listings, expand(page), now) if self.of_listings else Listing()
        if not listing.entries:
            raise self.missing(page, *self.of_listings.get("entries", ("listing",)))
        listing.ends_at = partial(self._is_end, expand(page))
        return listing

    def _is_end(self, before: ExpandedPage, page: Page) -> bool:
        """Whether a page is ``before`` without its entries, and shows no further stories, as a redesign would."""
        entries = {box for css in self.of_listings["entries"] for box in before.all(css)}
        stories, known = ({story_in(link_in(one)) for one in read.tree.iter("*")} for read in (expand(page), before))
        return stories <= known and is_same_frame(expand(page), before, entries)

    def story(self, page: Page, address: StoryAddress) -> Story:
        if not self.of_stories:
            raise self.missing(page, "story")
        page = self.arranged(page)
        title, published = find(page, self.TITLE), find(page, self.PUBLISHED)
        lead, texts = self.lead(page), self.texts(page)
        noise = {found: rule for css, rule in self.NOISE.items() for found in page.all(css)}
        self._check_kinds(page, texts, noise)
        _give_forms(page, self._forms, self.of_stories.get("captions", ()))
        for root in (*lead, *texts):
            noise |= self._noise_of_words(root, noise)
        frame: HtmlElement = builder.E.div()  # the cleaner reads what is inside an element
        for element in lead:
            element.tail = None
            frame.append(element)
        body = FieldValue([frame, *texts], ", ".join(self.BODY))
        return self.as_story(page, address, (title, published, body), noise)

    def arranged(self, page: Page) -> ExpandedPage:
        """Return a page, opened, with the text in reading order and its paragraphs as elements."""
        arranged = ExpandedPage(page.address, page.text)
        if self._order or self._breaks:
            for root in self.texts(arranged):
                for box in list(root.iter()) if self._order else ():
                    put_in_order(box, self._order)
                if self._breaks:
                    break_into_paragraphs(root, self._breaks)
            arranged.forget()
        return arranged

    def texts(self, page: Page) -> list[HtmlElement]:
        """Return the elements that hold the text; raise LandmarkMissingError if the page has none."""
        body = outermost(found for css in self.BODY for found in page.all(css))
        if not any(map(text_of, body)):
            raise self.missing(page, *self.BODY)
        return body

    def lead(self, page: Page) -> list[HtmlElement]:
        """Return the elements outside the text with the story's pictures and their captions."""
        texts = self.texts(page)
        apart = {one for root in texts for one in (*root.iter(), *root.iterancestors())}
        found = outermost(found for css in self.of_stories.get("lead", ()) for found in page.all(css))
        return [element for element in found if element not in apart]

    def _check_kinds(self, page: Page, texts: Sequence[HtmlElement], noise: Mapping[HtmlElement, Rule]) -> None:
        """Refuse a page with a kind of block that the pages did not have that taught the edition."""
        dropped = {inner for element in noise for inner in element.iter()} if self._kinds else set()
        for css, attribute, known in self._kinds:
            found = {one for root in texts for one in root.iter()}.intersection(page.all(css)) - dropped
            found = {one for one in found if any(letters(data.text or "") for data in one.iter(one.tag))}
            if unknown := {one.get(attribute) or "" for one in found} - known:
                what = f"{css} @{attribute} with a known value, not {', '.join(sorted(unknown))}"
                raise self.missing(page, what)

    def _noise_of_words(self, root: HtmlElement, known: Mapping[HtmlElement, Rule]) -> dict[HtmlElement, Rule]:
        found: dict[HtmlElement, Rule] = {}
        for block in blocks_of(root):
            line = text_of(block)
            rule = self._links if self._links and is_story_link(block) else self._sentences.get(line)
            if rule is None and len(line) <= _LONGEST_LINE:
                rule = next((rule for start, rule in self._beginnings.items() if line.startswith(start)), None)
            if rule and block not in known:
                found[block] = rule
        return found


def _give_forms(page: Page, forms: Sequence[tuple[str, str, str]], captions: Sequence[str]) -> None:
    wanted: dict[HtmlElement, tuple[str, str]] = {}  # the first form of an element counts
    for css, name, tag in forms:
        for element in page.all(css):
            wanted.setdefault(element, (name, tag))
    for link in [link for link in page.tree.iter("a") if next(link.iter("img"), None) is not None]:
        if letters(link.text_content()):
            link.tag = "div"  # the link would stay around the picture's caption
    places = map(place_of, captions)
    told = [(one, value_in(one, name)) for css, name in places for one in page.all(css) if one.get(name)]
    for element, (attribute, tag) in wanted.items():
        address = address_in(value_in(element, attribute)) if tag in _ADDRESSES else ""
        if tag == "img" and attribute and (len(element) or element.text):  # the caption may be inside
            element.insert(0, builder.E.img(src=address))
            continue
        if tag in _ADDRESSES:
            element.set(_ADDRESSES[tag], address)
        if tag == "img":
            element.text = None
        element.tag = tag
    for line in list(page.tree.iter("li")):
        box = next(line.iterancestors("ul", "ol"), None)
        while box is not None and (parent := line.getparent()) is not box and parent.tag == "data":
            parent.drop_tag()  # the cleaner knows the lines right below a list
    for element, words in told:
        if element.tag == "img":
            element.append(builder.E.img(dict(element.attrib)))
            element.tag = "figure"
        element.append(builder.E.figcaption(words))


def _check(places: Sequence[str]) -> None:
    if not places:
        raise ValueError("no selectors")
    for place in places:
        all_of(builder.E.html(), place_of(place)[0])


def _rule(declared: Mapping[str, Any]) -> Rule:
    return Rule("learnt", declared["reason"], truncates=bool(declared.get("cuts")))


def read_edition(file: Path) -> LearntEdition:
    """Return the edition that a file declares; raise EditionFileError if the file cannot be used."""
    try:
        return edition_of(file.read_text("utf-8"), file.stem)
    except (OSError, ValueError, EditionFileError) as error:
        remedy = f"restore it from git, or remove it (scrapy learn --forget {file.stem})"
        raise EditionFileError(f"{file}: cannot be used: {excerpt(error)}; {remedy}") from error


def edition_of(text: str, name: str) -> LearntEdition:
    """Return the edition that the text of a file declares; raise EditionFileError if none of this name."""
    if len(text) > _LONGEST_FILE:
        raise EditionFileError(f"{len(text)} characters are more than an edition's file has")
    try:
        declared = yaml.safe_load(text)
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        raise EditionFileError(excerpt(error)) from error
    if not isinstance(declared, dict) or declared.get("name") != name:
        raise EditionFileError(f"not an edition with the name {name}")
    return LearntEdition(declared)


class EntryBox(ExpandedPage):
    """An entry of a listing, read as a page is."""

    def __init__(self, box: HtmlElement, now: datetime | None = None) -> None:
        """Take an element of a listing; ``now`` (aware): when the listing was fetched."""
        super().__init__("", "")
        self.tree, self.now = box, now


def story_in(link: str) -> StoryAddress | None:
    """Return the address of a story's link, on any host; None for other texts."""
    with suppress(ValueError):
        return StoryAddress.parse(urlsplit(link.strip()).path) if "/story20" in link[:_LONGEST_LINK] else None
    return None


def link_in(element: HtmlElement) -> str:
    """Return the link to a story in an element's own attributes or text; empty if there is none."""
    if element.tag in {"link", "meta"} or not isinstance(element.tag, str):
        return ""
    return next(filter(story_in, (*element.attrib.values(), element.text or "")), "")


def read_listing(declared: Mapping[str, Any], page: ExpandedPage, now: datetime) -> Listing:
    """Return the entries of a page that was fetched at ``now`` (aware); none, if it is no listing."""
    read = (_entry(declared, box, now) for css in declared["entries"] for box in page.all(css))
    entries = list(dict.fromkeys(filter(None, read)))
    return Listing(entries, following(declared, page) if entries else None, is_all="next" in declared)


def _entry(declared: Mapping[str, Any], box: HtmlElement, now: datetime) -> ListingEntry | None:
    links = [link for element in box.iter() if (link := link_in(element))]
    stories = {story.number: story for story in map(story_in, links) if story}
    if len(stories) != 1:  # a box with a list of its own, of hot stories for example
        return None
    (story,), entry = stories.values(), EntryBox(box, now)
    title = find(entry, tuple(map(shown, declared["title"]))).value
    time, place = find(entry, tuple(map(time_source, declared.get("time", ()))))
    exact = not (time and is_relative(shown(place).read(entry)))
    if exact and time and time.astimezone(SINGAPORE).date() != story.day:  # the hour of an earlier day
        time = None
    return ListingEntry(links[0], headline(title), time, exact)


def following(declared: Mapping[str, Any], page: ExpandedPage) -> str | None:
    """Return the absolute address of the page behind this one, None if there is none on the same host."""
    place, here = declared.get("next", ""), urlsplit(page.address)
    if counted := _COUNTED.fullmatch(place):
        number = following_number(page, counted[1], declared.get("first", 1))
        return here._replace(query=f"{counted[1]}={number}").geturl()
    with suppress(ValueError):
        address = urljoin(page.address, shown(place).read(page)) if place else page.address
        return address if address != page.address and urlsplit(address)[:2] == here[:2] else None
    return None

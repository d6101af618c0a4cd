"""The React edition of the Singapore half: site-layouts section 4.

Of what stands between headline and text (sections 4.2 and 8), the words and their order are known, and not the
elements around them. So the paywall's marker, the standfirst and the lead pictures are found by words and places.
"""

import re
from datetime import datetime
from functools import cached_property, lru_cache
from html import unescape
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from lxml.etree import XPath
from lxml.html import HtmlElement, builder

from zbcrawler.cleaning.noise_rules import BY_NAME
from zbcrawler.common import times
from zbcrawler.common.markup import drop_refused, parse_fragment
from zbcrawler.common.text import letters, one_line
from zbcrawler.editions import field_sources as at
from zbcrawler.editions.edition import Edition, Listing, ListingEntry, Served, entries_in, following_number
from zbcrawler.editions.embedded_json import assigned, value_at
from zbcrawler.editions.page import Page, all_of, figure, first_of, framed, text_of

HYDRATION = "__staticRouterHydrationData"
ARTICLE = ("context", "payload", "article")
_HYDRATED = f"hydration loaderData.0-0.{'.'.join(ARTICLE)}"  # the place in words
API = "/_plat/api/v2/page-content/"
_A_TIME = r"{}\s*[/：:]\s*\d{{4}}年[^/]{{0,30}}"
BODY = ".articleBody"
LEAD = "article button.w-full img, article .my-\\[16px\\].text-\\[14px\\] > img"

_MARKER = ("订户", "赠阅文章")
_SENTENCE_END = re.compile(r"[。！？…!?][”’」』）]?$")
# The site's own words: the announcement of 赠阅文章, the times, the byline, the sizes of the font.
_OWN_WORDS = re.compile(
    r"早报(?:(?!早报).)*(?:赠阅|VIP会员)|订户专享|^(?:发布|更新|文|作者|记者)\s*[/／：:]|^小\s*标准"
)
_TAG = re.compile(r"<[^<>]*>")
_FARTHEST = 50_000  # characters between the headline and the text; a real page has a few thousand

_SILENT = frozenset(BY_NAME["code"].tags.split())
_WORDS: Any = XPath(
    "descendant::text()[not(ancestor::svg or ancestor::script or ancestor::style)]", smart_strings=False
)
_CAPTIONS = frozenset({"div", "figcaption", "span"})


@lru_cache(maxsize=1)  # the record holds several fields of a page
def hydrated(page: Page) -> dict[str, Any]:
    """Return the story's record in the data that the page's script passes to React, empty if there is none."""
    data = value_at(assigned(page.text, HYDRATION), "loaderData")
    routes = data if isinstance(data, dict) else {}
    articles = (value_at(route, *ARTICLE) for route in [routes.get("0-0"), *routes.values()])
    return next((article for article in articles if isinstance(article, dict)), {})


def in_hydration(name: str, read: at.Reader = at.as_line) -> at.Source:
    """Return the source that reads a field of the story in the hydration data."""
    return at.Source(f"{_HYDRATED}.{name}", lambda page: read(hydrated(page).get(name)))


def shown_beside(label: str, other: str) -> at.Source:
    """Return the source of a time that the page shows behind a label, perhaps beside the time of the other label."""
    # "发布/2025年2月22日 11:07" stands before the headline. Only the text is known, not the markup: the date may be in
    # the element of "发布" or beside it, and so may "更新/…", once a story was edited.
    pattern = re.compile(rf"(?:{_A_TIME.format(other)}?\s)?({_A_TIME.format(label)})")

    def read(page: Page) -> datetime | None:
        body = page.first(BODY)
        inside = set(body.iter()) if body is not None else ()
        for box in page.tree.iter("div", "span", "p", "time"):
            if (box.text or "").strip().startswith((label, other)) and box not in inside:
                for holder in (box, box.getparent()):
                    if found := pattern.match(text_of(holder)):
                        return times.byline_time(found[1])
        return None

    return at.Source(f"{label}/…", read)


class PageTop:
    """The part of a page between the headline and the text, parsed by itself: most pages need no tree of the rest."""

    def __init__(self, page: Page) -> None:
        start = page.text.find("<article")
        headline = max(start, page.text.find("</h1", start, start + _FARTHEST))
        body = page.text.find(BODY[1:], headline, headline + _FARTHEST)
        end = page.text.find(">", body) + 1 if body >= 0 else headline + _FARTHEST
        self._top = page.text[start:end] if start >= 0 else ""
        written = self._top[headline - start :].partition(">")[2]  # without the headline
        self.words = letters(unescape(_TAG.sub("", written)))

    @cached_property
    def _tree(self) -> HtmlElement:
        return parse_fragment(self._top) if self.words or "<img" in self._top else builder.E.body()

    @cached_property
    def _body(self) -> HtmlElement | None:
        return first_of(self._tree, BODY)

    @property
    def is_cut(self) -> bool:
        """Whether the marker of a story that the paywall cuts stands here."""
        if not all(word in self.words for word in _MARKER):
            return False
        shown = [words for piece in self._pieces if (words := letters(_words_of(piece)))]
        return "".join(_MARKER) in shown or _MARKER in pairwise(shown)

    @cached_property
    def standfirst(self) -> list[HtmlElement]:
        """The story's own sentences here; not the headline again, not captions, not the site's words."""
        if self._body is None:
            return []
        pictures = all_of(self._tree, LEAD)
        known = {letters(words) for one in pictures for words in (one.get("alt") or "", self._beside(one))}
        known.add(letters(text_of(first_of(self._tree, "article h1"))))
        found = []
        for piece in self._pieces:
            words = _words_of(piece)
            if _SENTENCE_END.search(words) and not _OWN_WORDS.search(words) and letters(words) not in known:
                found.append(builder.E.p(drop_refused(words)) if isinstance(piece, str) else piece)
        return found

    def pictures(self) -> list[HtmlElement]:
        """Return the pictures above the text in figures, with the captions that the page shows."""
        shown = {letters(words): words for words in map(_words_of, self._pieces)}
        frames = []
        for picture in all_of(self._tree, LEAD) if self._body is not None else ():
            # The caption has the words of `alt`, wherever the picture has one; a standfirst may stand between them.
            alt = letters(picture.get("alt") or "")
            caption = (alt and shown.get(alt)) or self._beside(picture)
            frames.append(framed(picture, caption))
            if alt == letters(caption):
                frames[-1][0].attrib.pop("alt", None)  # the data in the page's script has no `alt` either
        return frames

    def _beside(self, picture: HtmlElement) -> str:
        """Return the words in the element behind a picture, or behind the button around it."""
        holder = picture
        while (beside := holder.getnext()) is None and holder.getparent().tag in {"button", "picture"}:
            holder = holder.getparent()
        tags = _CAPTIONS | {"p"} if holder is picture else _CAPTIONS
        if beside is None or beside.tag not in tags or self._holds_body(beside):
            return ""
        words = text_of(beside)
        return "" if _OWN_WORDS.search(words) else words

    def _holds_body(self, element: HtmlElement) -> bool:
        return self._body is not None and (element is self._body or element in self._body.iterancestors())

    @cached_property
    def _pieces(self) -> list[str | HtmlElement]:
        """What stands here, in order: loose texts, and elements with words of their own."""
        element = first_of(self._tree, "article h1")
        if element is None:
            return []
        pieces: list[str | HtmlElement] = []
        while element.tag != "article":
            if letters(element.tail or ""):
                pieces.append(element.tail)
            if (following := element.getnext()) is None:
                element = element.getparent()
                continue
            element = following
            while element is not self._body and (self._holds_body(element) or _is_wrapper(element)):
                if letters(element.text or ""):
                    pieces.append(element.text)
                element = element[0]
            # Where the text's class is unknown, the first paragraph may be the text's.
            if element is self._body or (self._body is None and element.tag == "p"):
                return pieces
            if isinstance(element.tag, str) and element.tag not in _SILENT:
                pieces.append(element)
        return [] if self._body is not None else pieces


def _is_wrapper(element: HtmlElement) -> bool:
    """Whether an element has other elements and no words of its own."""
    is_silent = not len(element) or element.tag in _SILENT
    return not is_silent and not any(map(letters, (element.text or "", *(child.tail or "" for child in element))))


def _words_of(piece: str | HtmlElement) -> str:
    return one_line(piece if isinstance(piece, str) else "".join(_WORDS(piece)))


_top_of = lru_cache(maxsize=1)(PageTop)


class React(Edition):
    """Served since 2024-06-12. A listing's first screen is HTML, the following pages are JSON."""

    name = "react"
    letter = "D"
    served = Served("2024-06-12")
    marks_cuts = True

    LANDMARKS = (
        at.answer("code", "response"),
        at.script(HYDRATION),
        at.element("#seo-article-page"),
        at.element(".card-listing .card"),
    )

    # -- listings
    ENTRIES = (".card-listing .card .content-header a[href]", ".card-listing .card.timestamp-card a[href]")
    OVERVIEW_TIME = ".text-brand-primary"

    # -- stories
    TITLE = (in_hydration("headline"), *at.Linked.HEADLINES, at.shown("h1"))
    PUBLISHED = (
        in_hydration("create_time", at.any_time),
        at.Linked.PUBLISHED,
        at.in_variable("_data", "pubdate", read=times.machine_time),
        shown_beside("发布", "更新"),
    )
    BODY = (BODY,)
    DETAILS = Edition.DETAILS | {
        "byline": (
            in_hydration("byline", at.byline),
            in_hydration("author", at.byline),
            at.Linked.AUTHOR,
            at.in_variable("_data", "author", read=at.byline),
        ),
        "keywords": (in_hydration("tags", at.keywords), at.each('a[href^="/keywords/"]')),
        "updated": (
            in_hydration("update_time", at.any_time),
            at.Linked.UPDATED,
            shown_beside("更新", "发布"),
        ),
    }

    def is_cut(self, page: Page) -> bool:
        return _top_of(page).is_cut

    def body(self, page: Page) -> at.FieldValue:
        article = hydrated(page)
        text = article.get("body_cn")
        if isinstance(text, str) and text.strip():
            figures, story = _figures(article), parse_fragment(text)
            # The data has no known field for a standfirst. The top is parsed only if it has words besides the captions.
            top, above = _top_of(page), []
            if top.words not in letters(" ".join(map(text_of, figures))):
                words = letters(" ".join(map(text_of, (*figures, story))))
                above = [one for one in top.standfirst if letters(text_of(one)) not in words]
            return at.FieldValue([*above, *figures, story], f"{_HYDRATED}.body_cn")
        found = super().body(page)
        return at.FieldValue([*_top_of(page).standfirst, *found.value], found.where)

    def lead_pictures(self, page: Page, body: HtmlElement) -> list[HtmlElement]:
        linked = value_at(page.linked_data, "image")
        shared = [figure(at.address_in(linked))] if at.image(linked) else []
        return _figures(hydrated(page)) or _top_of(page).pictures() or shared

    def own_links(self, page: Page) -> tuple[object, ...]:
        # Their id is no sign: the newsroom's system has ids of its own (site-layouts 4.2).
        return tuple(hydrated(page).get(name) for name in ("href", "url"))

    def listing(self, page: Page, now: datetime) -> Listing:
        return self._api_listing(page) if page.json is not None else self._first_screen(page, now)

    def _first_screen(self, page: Page, now: datetime) -> Listing:
        entries = []
        for link in self.entries(page):
            title = text_of(first_of(link, "h2")) or at.as_line(link.get("aria-label")) or text_of(link)
            when = (link.tail or "").strip() or text_of(link.getnext()) or text_of(first_of(link, self.OVERVIEW_TIME))
            entries.append(ListingEntry.shown(link, title, when, now))
        # Page 0 of the API is the first screen (site-layouts 4.1). If the API counts from 1, that screen comes twice.
        section = urlsplit(page.address).path.strip("/")
        return Listing(entries, f"{page.origin}{API}{section}?page=1")

    def _api_listing(self, page: Page) -> Listing:
        section = urlsplit(page.address).path.removeprefix(API).strip("/")
        articles = value_at(page.json, "response", "articles")
        if articles is None:
            # Seen in 2026: several lists, the section's with a key like "news_china"; the others are hot news.
            lists = value_at(page.json, "response", "pageContentList")
            wanted = "_" + section.rpartition("/")[2]
            for block in lists if isinstance(lists, list) else []:
                if at.as_line(value_at(block, "key")).endswith(wanted):
                    articles = value_at(block, "articles")
        entries = entries_in(articles, "href", "timestamp", times.epoch_time)
        if not entries and articles != []:
            raise self.missing(page, "response.articles[].href")
        following = f"{page.origin}{API}{section}?page={following_number(page, 'page', 1)}"
        return Listing(entries, following if entries else None)


def _figures(article: dict[str, Any]) -> list[HtmlElement]:
    images = article.get("images")
    return [
        figure(url, value_at(picture, "caption"))
        for picture in (images if isinstance(images, list) else [])
        if isinstance(url := value_at(picture, "url"), str)
    ]

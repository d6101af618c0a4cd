"""The React build of the Singapore edition: site-layouts section 4."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from lxml.html import builder

from zbcrawler import times
from zbcrawler.cleaning.text import drop_unprintable, one_line
from zbcrawler.editions.edition import Edition, Listed, Listing, Reading, without_site_name
from zbcrawler.editions.scripts import assigned, at
from zbcrawler.editions.selectors import all_of, first_of, meta, text_of
from zbcrawler.exceptions import LandmarkMissingError
from zbcrawler.markup import parse_fragment

if TYPE_CHECKING:
    from datetime import datetime

    from lxml.html import HtmlElement

    from zbcrawler.editions.page import Page


class React(Edition):
    """Served since 2024-06-12. A listing's first screen is HTML, what follows comes as JSON."""

    name = "react"
    letter = "D"
    served = "2024-06-12 to now"

    HYDRATION = "__staticRouterHydrationData"
    ARTICLE = ("context", "payload", "article")
    LANDMARKS = "#seo-article-page, .card-listing .card"

    ENTRY = ".card-listing .card .content-header a[href]"
    OVERVIEW_ENTRY = ".card-listing .card.timestamp-card a[href]"
    OVERVIEW_TIME = ".text-brand-primary"
    API = "/_plat/api/v2/page-content/"

    SHOWN_TIME = re.compile(r"发布\s*[/：:]\s*\d{4}年[^/]{0,30}")
    BODY = ".articleBody"
    LEAD = "article.max-w-full > button.w-full img, article .my-\\[16px\\].text-\\[14px\\] > img"
    DATA_LAYER = "script#ga_data_layer"

    def recognises(self, page: Page) -> bool:
        if page.json is not None:
            return at(page.json, "response") is not None and at(page.json, "code") is not None
        if self.HYDRATION in page.text:
            return True
        if "seo-article-page" not in page.text and "card-listing" not in page.text:
            return False
        return first_of(page.tree, self.LANDMARKS) is not None

    # -- listings -------------------------------------------------------------------------------

    def listing(self, page: Page, now: datetime) -> Listing:
        return self._api_listing(page) if page.json is not None else self._first_screen(page, now)

    def _first_screen(self, page: Page, now: datetime) -> Listing:
        links = all_of(page.tree, self.ENTRY) or all_of(page.tree, self.OVERVIEW_ENTRY)
        if not links:
            raise LandmarkMissingError(self.name, self.ENTRY, page.address)
        entries = [Listed(link.get("href"), self._listed_title(link), self._listed_time(link, now)) for link in links]
        # Page 0 of the API is the first screen (site-layouts 4.1); should it count from 1, the
        # first screen comes twice, which costs one request and no story.
        section = urlsplit(page.address).path.strip("/")
        return Listing(entries, f"{page.origin}{self.API}{section}?page=1")

    def _listed_title(self, link: HtmlElement) -> str:
        return text_of(first_of(link, "h2")) or one_line(link.get("aria-label") or "") or text_of(link)

    def _listed_time(self, link: HtmlElement, now: datetime) -> datetime | None:
        following = link.getnext()
        text = (link.tail or "").strip() or (text_of(following) if following is not None else "")
        return times.listing_time(text or text_of(first_of(link, self.OVERVIEW_TIME)), now)

    def _api_listing(self, page: Page) -> Listing:
        parts = urlsplit(page.address)
        section = parts.path.removeprefix(self.API).strip("/")
        articles = self._api_articles(page, section)
        if not articles:
            return Listing()
        entries = [
            Listed(href, one_line(str(at(article, "title") or "")), times.epoch_time(at(article, "timestamp")))
            for article in articles
            if isinstance(href := at(article, "href"), str)
        ]
        if not entries:
            raise LandmarkMissingError(self.name, "response.articles[].href", page.address)
        number = parse_qs(parts.query).get("page", ["0"])[0]
        following = int(number) + 1 if number.isdigit() else 1
        return Listing(entries, f"{page.origin}{self.API}{section}?page={following}")

    def _api_articles(self, page: Page, section: str) -> list[Any]:
        articles = at(page.json, "response", "articles")
        if articles is None:
            # Seen in 2026: several lists, keyed like "news_china"; the others are hot news.
            lists = at(page.json, "response", "pageContentList")
            wanted = "_" + section.rpartition("/")[2]
            for block in lists if isinstance(lists, list) else []:
                if str(at(block, "key") or "").endswith(wanted):
                    articles = at(block, "articles")
        if not isinstance(articles, list):
            raise LandmarkMissingError(self.name, "response.articles", page.address)
        return articles

    # -- stories --------------------------------------------------------------------------------

    def story(self, page: Page) -> Reading:
        article = self._hydrated(page)
        body = at(article, "body_cn")
        if isinstance(body, str) and body.strip():
            raw = [*self._figures(article), parse_fragment(body)]
        else:
            raw = self._rendered(page, article)
        return Reading(self.name, self._title(page, article), self._published(page, article), raw)

    def _hydrated(self, page: Page) -> dict[str, Any]:
        data = at(assigned(page.text, self.HYDRATION), "loaderData")
        routes = data if isinstance(data, dict) else {}
        for route in [routes.get("0-0"), *routes.values()]:
            article = at(route, *self.ARTICLE)
            if isinstance(article, dict):
                return article
        return {}

    def _figures(self, article: dict[str, Any]) -> list[HtmlElement]:
        images = article.get("images")
        return [
            _figure(url, at(image, "caption"))
            for image in (images if isinstance(images, list) else [])
            if isinstance(url := at(image, "url"), str)
        ]

    def _rendered(self, page: Page, article: dict[str, Any]) -> list[HtmlElement]:
        body = first_of(page.tree, self.BODY)
        if body is None:
            raise LandmarkMissingError(self.name, f"{self.HYDRATION} …article.body_cn or {self.BODY}", page.address)
        inside = set(body.iterdescendants())
        heroes = [self._hero(hero) for hero in all_of(page.tree, self.LEAD) if hero not in inside]
        linked = _linked_image(page.linked_data)
        return [*(self._figures(article) or heroes or ([_figure(linked, None)] if linked else [])), body]

    def _hero(self, image: HtmlElement) -> HtmlElement:
        caption = image.getnext()
        text = text_of(caption) if caption is not None and caption.tag in ("div", "figcaption", "span", "p") else ""
        figure = _figure(image.get("src") or "", text)
        for name in ("data-src", "srcset", "title", "alt"):
            if image.get(name):
                figure[0].set(name, image.get(name))
        return figure

    def _title(self, page: Page, article: dict[str, Any]) -> str:
        if isinstance(headline := article.get("headline"), str) and one_line(headline):
            return one_line(headline)
        headline = page.linked_data.get("headline")
        return without_site_name(
            (headline if isinstance(headline, str) else "")
            or meta(page.tree, "og:title")
            or text_of(first_of(page.tree, "h1"))
        )

    def _published(self, page: Page, article: dict[str, Any]) -> datetime | None:
        return (
            times.epoch_time(article.get("create_time"))
            or times.machine_time(article.get("create_time"))
            or times.machine_time(page.linked_data.get("datePublished"))
            or times.machine_time(self._layer_time(page))
            or self._shown_time(page)
        )

    def _layer_time(self, page: Page) -> Any:
        script = first_of(page.tree, self.DATA_LAYER)
        return at(assigned(script.text or "", "_data"), "pubdate") if script is not None else None

    def _shown_time(self, page: Page) -> datetime | None:
        # "发布/2025年2月22日 11:07" stands before the headline; only its text is known, so the date
        # may be in the element of "发布" or beside it.
        body = first_of(page.tree, self.BODY)
        inside = set(body.iter()) if body is not None else ()
        for element in page.tree.iter("div", "span", "p", "time"):
            if (element.text or "").strip().startswith("发布") and element not in inside:
                for box in (element, element.getparent()):
                    if found := self.SHOWN_TIME.match(text_of(box)):
                        return times.byline_time(found[0])
        return None


def _figure(url: str, caption: object) -> HtmlElement:
    # lxml refuses control characters in attributes and text.
    figure = builder.E.figure(builder.E.img(src=drop_unprintable(url)))
    if isinstance(caption, str) and (text := drop_unprintable(caption).strip()):
        figure.append(builder.E.figcaption(text))
    return figure


def _linked_image(linked_data: dict[str, Any]) -> str | None:
    image = linked_data.get("image")
    image = image[0] if isinstance(image, list) and image else image
    url = at(image, "url") if isinstance(image, dict) else image
    return url if isinstance(url, str) else None

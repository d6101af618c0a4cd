"""Make a page of each edition around any body and title, and its post, all the way from the page's bytes."""

from __future__ import annotations

import html
import io
import json

from scrapy.http import HtmlResponse
from scrapy.utils.test import get_crawler
from support.editions import edition_of, story_on

from zbcrawler.archive.posts import KEYS
from zbcrawler.editions import Page
from zbcrawler.exporters import PostExporter
from zbcrawler.pipelines.prepare_story import PrepareStoryPipeline

ADDRESS = "https://www.zaobao.com/realtime/china/story20260131-3120268"
TIME = "2026-01-31T08:30:00+08:00"


def _linked_data(title: str) -> str:
    data = {"@type": "NewsArticle", "headline": title, "datePublished": TIME}
    written = json.dumps(data).replace("<", "\\u003c")
    return f'<script type="application/ld+json">{written}</script>'


def _drupal7(title: str, body: str) -> str:
    shown = f'<h1>{html.escape(title)}</h1><div class="datestamp">2026年1月31日 星期六 08:30 AM</div>'
    return f'<div class="body-content">{shown}<div id="FineDining">{body}</div></div>'


def _drupal(title: str, body: str) -> str:
    return f'{_linked_data(title)}<div class="content"><h1>{html.escape(title)}</h1><div class="article-content-rawhtml">{body}</div></div>'


def _react(title: str, body: str) -> str:
    article = {"headline": title, "create_time": 1769819400, "body_cn": body, "images": []}
    data = {"loaderData": {"0-0": {"context": {"payload": {"article": article}}}}}
    literal = json.dumps(json.dumps(data)).replace("<", "\\u003c")
    return f"<script>window.__staticRouterHydrationData = JSON.parse({literal});</script>"


def _react_rendered(title: str, body: str) -> str:
    data = _linked_data(title).replace("<script", '<script id="seo-article-page"')
    return f'{data}<article><h1>{html.escape(title)}</h1><div class="articleBody">{body}</div></article>'


def _mainland(title: str, body: str) -> str:
    shown = f'<h1 class="article-title">{html.escape(title)}</h1><div id="carousel-article"></div>'
    return f'{_linked_data(title)}{shown}<article id="article-body" class="article-body">{body}</article>'


def _astro(title: str, body: str) -> str:
    shown = f'<h1 class="article-title">{html.escape(title)}</h1><div data-testid="article-banner"></div>'
    return f'{_linked_data(title)}{shown}<article id="article-body" class="article-body">{body}</article>'


BUILDERS = {
    "drupal7": _drupal7,
    "drupal": _drupal,
    "react": _react,
    "react rendered": _react_rendered,
    "mainland": _mainland,
    "astro": _astro,
}


def page_of(builder: str, title: str, body: str) -> str:
    """Return a whole page of an edition, with the body unchanged inside."""
    return (
        f"<!DOCTYPE html><html><head></head><body>{BUILDERS[builder](title, body)}<footer>页脚</footer></body></html>"
    )


def post_of(data: bytes, content_type: str = "text/html") -> bytes:
    """Return the bytes of a page's post.

    :raises ZbcrawlerError: or ``DropItem``, if the page is refused
    """
    response = HtmlResponse(ADDRESS, body=data, headers={"Content-Type": content_type})
    page = Page.of(response)
    # Not read_story: the pages of the replica are of many stories, and would be refused under one address.
    story = story_on(page)
    for name, found in edition_of(page).details(page).items():
        if found.value:
            setattr(story, name, found.value)
    story.optional_keys = frozenset(KEYS)
    crawler = get_crawler(settings_dict={"CLOCK": "2026-01-31T12:00:00+08:00"})
    story = PrepareStoryPipeline.from_crawler(crawler).process_item(story)
    file = io.BytesIO()
    PostExporter(file).export_item(story)
    return file.getvalue()

"""No regular expression and no scan of the project takes more than twice the work for twice the text."""

from __future__ import annotations

import importlib
import inspect
import re
from contextlib import suppress
from functools import cache

import pytest
from lxml.html import HtmlElement, builder
from scrapy.http import Response
from support.crawling import MOMENT, PROJECT
from support.editions import edition_of, read_listing, story_on

from hostile import growth
from zbcrawler.archive import posts
from zbcrawler.cleaning import clean, links
from zbcrawler.common import times
from zbcrawler.common.errors import ZbcrawlerError
from zbcrawler.discovery import by_sitemaps, by_wayback
from zbcrawler.editions import Page, embedded_json, react
from zbcrawler.tools.importing import reader

# How patterns are used whose names do not show it.
METHODS = {"zbcrawler.common.times._LISTED_DAYS": {"fullmatch"}}
# Modules that need packages which are optional.
OPTIONAL = ("zbcrawler.cluster", "zbcrawler.tools.report", "zbcrawler.settings")


def _name(path):
    parts = path.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def used():
    found, computed = [], []
    for path in growth.product_files():
        if not _name(path).startswith(OPTIONAL):
            uses, functions = growth.uses_in(path, importlib.import_module(_name(path)))
            found += uses
            computed += functions
    # A module sees the patterns that it imports, too.
    return list({(use.where, frozenset(use.methods)): use for use in found}.values()), computed


def page_with(markup):
    return Page("https://www.zaobao.com/realtime/china/story20260131-1", f"<html><body>{markup}</body></html>")


def picture(**attributes) -> HtmlElement:
    return builder.E.img({name.replace("_", "-"): value for name, value in attributes.items()})


def body_of(text):
    return f'<h1>题</h1><div class="article-content-rawhtml"><p>{text}</p></div>'


def post_of(text):
    return f"---\nlayout: post\ntitle: {text}\nfrom: https://www.zaobao.com/realtime/china/story20260131-1\n---\n{text}"


def _story(text):
    page = page_with(body_of(text))
    return story_on(page)


HYDRATION = react.HYDRATION
# Scans that take more than one text, or something else than a text; by name, with further pieces of texts for them. The
# search for links under 延伸阅读 may grow faster: it has a budget of steps, which test_bounds tries.
SCANS = {
    "assigned": (lambda text: embedded_json.assigned(text, "_data"), ["_data=", "_data = JSON.parse('", "{", '{"a":']),
    "pushed": (lambda text: embedded_json.pushed(text, "f.push"), ['f.push([1,"', "f.push([1,'", "\\x"]),
    "js_string": (lambda text: [embedded_json.js_string(mark + text, 0) for mark in "\"'`"], ["\\u", "\\x", "`"]),
    "json_in": (embedded_json.json_in, ['{"a":', "[", "1.5e5", "-"]),
    "news_article": (lambda text: embedded_json.news_article([text, '{"@type":"' + text]), ["//", "/*", '{"@graph":']),
    "a page's data": (lambda text: edition_of(page_with(f"<script>{HYDRATION}={text}</script>")), ["pubdate:"]),
    "srcset": (lambda text: links.picture_address(picture(srcset=text)), ["a 1w", "a.jpg,", ",,a"]),
    "a picture's address": (lambda text: links.picture_address(picture(src="/" + text)), ["/s3fs-public", "styles/"]),
    "an embed": (lambda text: links.embed_address(builder.E.iframe(src="//e.embedly.com/?url=" + text)), ["&url="]),
    "listing_time": (lambda text: times.listing_time(text, MOMENT), ["2026年1月1日", "分钟前", "月"]),
    "a post of others": (lambda text: reader.read(post_of(text).encode(), "x"), ["---\n", "<!-- -->", "#", "[a](b)"]),
    "a post of ours": (lambda text: posts.read(post_of(text)), ["byline: x\n", "<p>字</p>\n"]),
    "the text of a body": (lambda text: posts.text_of([text]), ["<a ", "</"]),
    "a sitemap": (
        lambda text: by_sitemaps.read_sitemap(Response("https://x.example/", body=f"<urlset>{text}".encode())),
        ["<url>", "<loc>", "</urlset", "&a;"],
    ),
    "an answer of an index": (
        lambda text: by_wayback.read_captures(Response("https://x.example/", body=text.encode())),
        ["[[", '{"original":', "{}\n"],
    ),
    "a body": (lambda text: clean([page_with(body_of(text)).tree]), ["<br>", "<b>", "<pre>", "<a href=/x>"]),
    "a story": (_story, ["<br>", "<b>", "<li>", "<p>请订阅", "发布/2026年"]),
    "a listing": (
        lambda text: read_listing(page_with(f'<a class="list-block" href="/x">{text}</a>'), MOMENT),
        ["<div class='f18 m-eps'>", "sitemapId"],
    ),
}  # fmt: skip


def tolerant(run):
    def attempt(text):
        with suppress(ZbcrawlerError, ValueError, KeyError):
            run(text)

    return attempt


@pytest.mark.parametrize("use", used()[0], ids=lambda use: use.where)
def test_no_regular_expression_grows_faster_than_its_text(use):
    methods = METHODS.get(use.where.partition("[")[0]) or use.methods or growth.METHODS
    found = {method: growth.fault_of(use.pattern, method) for method in methods}
    assert not any(found.values()), f"{use.pattern.pattern}: {found}"


def test_functions_that_compute_a_pattern_are_among_the_scans():
    functions = {place.rpartition(":")[2] for place in used()[1]}
    assert functions <= set(SCANS)


@pytest.mark.parametrize("name", SCANS)
def test_no_scan_grows_faster_than_its_text(name):
    run, more = SCANS[name]
    tried = growth.texts([*more, " ", "a", "1", '"', "<", ","])
    assert growth.first_that_grows(tolerant(run), tried) is None


def _of_one_text(module):
    for name, function in vars(module).items():
        if inspect.isfunction(function) and function.__module__ == module.__name__:
            needed = [one for one in inspect.signature(function).parameters.values() if one.default is one.empty]
            if len(needed) == 1 and needed[0].annotation in ("str", "object", "Any", "str | None"):
                yield pytest.param(function, id=f"{module.__name__}.{name}")


READERS = ("common.times", "common.text", "common.addresses", "common.markup", "cleaning.links", "archive.posts",
           "editions.embedded_json", "editions.field_sources", "tools.importing.reader",
           "discovery.by_wayback", "discovery.by_sitemaps", "tools.saved_pages")  # fmt: skip


@pytest.mark.parametrize(
    "function", [one for name in READERS for one in _of_one_text(importlib.import_module(f"zbcrawler.{name}"))]
)
def test_no_function_that_reads_a_text_grows_faster_than_it(function):
    tried = growth.texts(growth.PIECES[:12])
    assert growth.first_that_grows(tolerant(function), tried) is None


@pytest.mark.parametrize(
    ("pattern", "method"),
    [(r"<[^>]*>", "search"), (r"(?:a|a)+b", "match"), (r"\s*#*[ \t]*\[", "match"), (" +\n", "search")],
)
def test_a_regular_expression_that_grows_faster_is_found(pattern, method):
    assert growth.fault_of(re.compile(pattern), method)


def test_a_scan_that_grows_faster_is_found():
    assert growth.grows(lambda text: [text[start:].count("a") for start in range(len(text))], lambda n: "a" * n)
    assert not growth.grows(lambda text: text.replace("a", "bb"), lambda n: "a" * n)


def test_every_optional_key_is_read_in_linear_time():
    assert growth.fault_of(re.compile(posts.OPTIONAL_LINES), "match") is None

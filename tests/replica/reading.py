"""Reads pages with lxml, by the facts about the site and nothing of the project's."""

from __future__ import annotations

import base64
import json
import re

from lxml import html

EDITIONS = ("drupal7", "drupal", "react", "mainland", "astro")

# Where each edition has the text (site-layouts 0 and 2).
BODY = {
    "drupal7": "#FineDining.article-content-container, #article_content .a_body",
    "drupal": ".article-content-rawhtml",
    "react": ".articleBody",
    "mainland": "article#article-body.article-body",
    "astro": "article#article-body.article-body",
}


def tree(site, target):
    """The page at ``target``, which must be there."""
    answer = site.answer(target)
    assert answer.status == 200, target
    return html.fromstring(answer.body.decode())


def body_of(page, edition):
    """The element that holds the text, its children in the order of reading."""
    (body,) = page.cssselect(BODY[edition])
    if edition == "mainland":
        sort_by_number(body)
    return body


def sort_by_number(body):
    """site-layouts 5: three characters, then base32 of the number; what has none stays where it is, text too."""
    tails = [child.tail for child in body]
    places = [index for index, child in enumerate(body) if child.get("data-s")]
    ordered = iter(sorted((body[index] for index in places), key=lambda child: number_of(child.get("data-s"))))
    body[:] = [next(ordered) if index in places else child for index, child in enumerate(body)]
    for child, tail in zip(body, tails, strict=True):
        child.tail = tail


def number_of(written):
    """The number in a ``data-s``."""
    return int(base64.b32decode(written[3:]))


def squeezed(text):
    """A text without what the site and a post may space differently."""
    return re.sub(r"[\s\u200b\ufeff]", "", text)


def words_of(line):
    """The pieces of text in a line of a post, without the addresses that stand for embeds."""
    text = html.fromstring(f"<div>{line}</div>").text_content()
    return [part for part in map(squeezed, re.split(r"http\S*", text)) if part]


def linked_data(page):
    """The texts of the page's JSON-LD scripts."""
    return page.xpath("//head/script[@type='application/ld+json']/text()")


def astro_value(written):
    """site-layouts 6.1: ``[0, value]``, ``[1, [...]]``."""
    kind, value = written
    if kind == 1:
        return [astro_value(one) for one in value]
    return {name: astro_value(one) for name, one in value.items()} if isinstance(value, dict) else value


def api_rows(site, target, *path):
    """The list at ``path`` in a JSON answer."""
    answer = site.answer(target)
    assert (answer.status, answer.kind) == (200, "application/json")
    data = json.loads(answer.body)
    for name in path:
        data = data[name]
    return data

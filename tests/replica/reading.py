"""Read pages with lxml and the facts about the site, without the project's code."""

from __future__ import annotations

import base64
import json
import re

from lxml import html

EDITIONS = ("drupal7", "drupal", "react", "mainland", "astro")

# The element of the text in each edition (site-layouts 0 and 2).
BODY = {
    "drupal7": "#FineDining.article-content-container, #article_content .a_body",
    "drupal": ".article-content-rawhtml",
    "react": ".articleBody",
    "mainland": "article#article-body.article-body",
    "astro": "article#article-body.article-body",
}


def tree(site, target):
    """Return the page at ``target``, which must exist."""
    answer = site.answer(target)
    assert answer.status == 200, target
    return html.fromstring(answer.body.decode())


def body_of(page, edition):
    """Return the element of the text, with its children in reading order."""
    (body,) = page.cssselect(BODY[edition])
    if edition == "mainland":
        sort_by_number(body)
    return body


def sort_by_number(body):
    """Sort children by number (site-layouts 5). Children without a number and text keep their places."""
    tails = [child.tail for child in body]
    places = [index for index, child in enumerate(body) if child.get("data-s")]
    ordered = iter(sorted((body[index] for index in places), key=lambda child: number_of(child.get("data-s"))))
    body[:] = [next(ordered) if index in places else child for index, child in enumerate(body)]
    for child, tail in zip(body, tails, strict=True):
        child.tail = tail


def number_of(written):
    """Return the number in a ``data-s``: base32 after three characters (site-layouts 5)."""
    return int(base64.b32decode(written[3:]))


def squeezed(text):
    """Return a text without white space, which the site and a post may place differently."""
    return re.sub(r"[\s\u200b\ufeff]", "", text)


def words_of(line):
    """Return the pieces of text in a line of a post, without the addresses of embeds."""
    text = html.fromstring(f"<div>{line}</div>").text_content()
    return [part for part in map(squeezed, re.split(r"http\S*", text)) if part]


def linked_data(page):
    """Return the texts of the page's JSON-LD scripts."""
    return page.xpath("//head/script[@type='application/ld+json']/text()")


def astro_value(written):
    """Return a value that Astro has serialised as ``[0, value]`` or ``[1, [...]]`` (site-layouts 6.1)."""
    kind, value = written
    if kind == 1:
        return [astro_value(one) for one in value]
    return {name: astro_value(one) for name, one in value.items()} if isinstance(value, dict) else value


def api_rows(site, target, *path):
    """Return the list at ``path`` in a JSON answer."""
    answer = site.answer(target)
    assert (answer.status, answer.kind) == (200, "application/json")
    data = json.loads(answer.body)
    for name in path:
        data = data[name]
    return data

"""Find the noise in a body: single elements by the rules, then what only its place shows to be noise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from lxml.etree import XPath
from lxml.html import HtmlElement, builder

from zbcrawler.cleaning.noise import Noise, is_link
from zbcrawler.cleaning.related import take_related
from zbcrawler.cleaning.rules import BY_SENTENCE, BY_TAG, WIDGET, Rule, rule_for, rule_named
from zbcrawler.common.markup import drop_refused
from zbcrawler.common.text import letters

_KEYWORDS = rule_named("keywords")
_KEYWORD_LINK = "/keywords/"

# Every heading and every sentence of the rules has one of these in one piece.
_CLUES = ("阅", "订户专享", "面簿", "热词", "关键词")


def find_noise(roots: Iterable[HtmlElement], known: Mapping[HtmlElement, Rule]) -> Noise:
    """Return the noise in a body.

    :param known: what is noise whatever the rules say
    :raises BodyError: if the body takes more steps than any real one
    """
    noise = Noise(known)
    for root in roots:
        for element in noise.elements_of(root):
            # Most elements have a harmless name and no attribute at all.
            if (element.tag in BY_TAG or element.keys()) and (rule := rule_for(element)):
                noise[element] = rule
        _take_boxes(noise, root)
        # Backwards, so that a heading above another heading finds nothing left under it.
        for owner, before in reversed(_texts_with_clues(root)):
            _take_sentence(noise, root, owner, before)
            _take_keywords(noise, root, owner)
            take_related(noise, root, owner, before)
    return noise


def _take_boxes(noise: Noise, root: HtmlElement) -> None:
    """Take each box whose only content is noise and its labels."""
    for element, rule in list(noise.items()):
        if rule.picture_classes and element.tag == "img" and element.getparent().tag == "a":
            noise[element.getparent()] = rule  # whatever the campaign writes beside its picture
        if rule.labels or (rule is WIDGET and element.tag == "img"):
            links = _KEYWORD_LINK if rule is WIDGET else None
            box = element.getparent()
            while box is not None and box is not root and _is_box(noise, box, rule.labels, links):
                noise[box] = rule
                box = box.getparent()


def _is_box(noise: Noise, box: HtmlElement, labels: frozenset[str], links: str | None) -> bool:
    only_labels = all(words in labels for text in noise.texts(box, links) if (words := letters(text)))
    return only_labels and not noise.has_media(box)


def _take_sentence(noise: Noise, root: HtmlElement, owner: HtmlElement, before: HtmlElement | None) -> None:
    """Take a sentence of the site's own; see :func:`_texts_with_clues` for ``owner`` and ``before``."""
    if rule := BY_SENTENCE.get(letters((owner.text if before is None else before.tail) or "")):
        noise[_wrap_text(owner, before)] = rule  # the element around the text may hold more
    while owner is not root and (words := noise.short_letters(owner)) is not None:
        if rule := BY_SENTENCE.get(words):
            noise[owner] = rule
        owner = owner.getparent()


def _take_keywords(noise: Noise, root: HtmlElement, owner: HtmlElement) -> None:
    """Take a label such as 热词 with links to keywords and nothing else."""
    while owner is not root and _is_box(noise, owner, _KEYWORDS.labels, _KEYWORD_LINK):
        if any(is_link(link, _KEYWORD_LINK) for link in owner.iter("a")):
            noise[owner] = _KEYWORDS
        owner = owner.getparent()


def _wrap_text(owner: HtmlElement, before: HtmlElement | None) -> HtmlElement:
    """Put the text of ``owner``, or the text behind its child ``before``, into an element of its own."""
    frame = builder.E.span()
    if before is None:
        text, owner.text = owner.text, None
        owner.insert(0, frame)
    else:
        text, before.tail = before.tail, None
        before.addnext(frame)
    frame.text = drop_refused(text)
    return frame


def _texts_with_clues(root: HtmlElement) -> list[tuple[HtmlElement, HtmlElement | None]]:
    """Return each text that may be the site's own words, as its element and that element's child before the text."""
    content = root.text_content()
    clues = [clue for clue in _CLUES if clue in content]
    found = [(text.getparent(), text.is_tail) for text in _texts_with(*clues)(root)] if clues else []
    return [(element.getparent(), element) if is_tail else (element, None) for element, is_tail in found]


@lru_cache
def _texts_with(*clues: str) -> Any:
    return XPath(f"descendant::text()[{' or '.join(f'contains(., {clue!r})' for clue in clues)}]")

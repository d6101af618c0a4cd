"""Find the noise in a body: single elements by the rules, then noise that only its surroundings show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from lxml.etree import XPath, tostring
from lxml.html import HtmlElement

from zbcrawler.cleaning.noise import INLINE, SENTENCE_ENDS, Noise, is_link, text_after, wrap_text
from zbcrawler.cleaning.noise_rules import BY_NAME, BY_SENTENCE, BY_TAG, Rule, rule_for, rule_of_words
from zbcrawler.cleaning.related_stories import add_related
from zbcrawler.common.text import letters

_KEYWORD_LINK = "/keywords/"

# Every heading and every sentence of the rules has one of these in one piece.
_CLUES = tuple("阅 订户专享 VIP会员 面簿 热词 关键词 谷歌新闻 立即购买 商品均由 modal VIDEO_CLOUD_ERR".split(" "))
# A new sentence needs no clue: its first letter is one.
_CLUES += tuple({words[0] for words in BY_SENTENCE if not any(clue in words for clue in _CLUES)})

_IN_A_LINE = INLINE | {"br"}


def find_noise(roots: Iterable[HtmlElement], known: Mapping[HtmlElement, Rule]) -> Noise:
    """Return the noise in a body.

    :param known: elements that are noise, whatever the rules say
    :raises BodyError: if the body takes more steps than any real body
    """
    noise = Noise(known)
    for root in roots:
        for element in noise.elements_of(root):
            # Most elements have a harmless name and no attribute at all.
            if (element.tag in BY_TAG or element.keys()) and (rule := rule_for(element)):
                noise[element] = rule
        _add_boxes(noise, root)
        # Backwards: for a heading above another heading, the lower heading and its links are noise already.
        for owner, before in reversed(_texts_with_clues(root)):
            _add_sentence(noise, root, owner, before, rule_of_words)
            _add_keywords(noise, root, owner, letters(text_after(before, owner)))
            add_related(noise, root, owner, before)
        for rule in {rule.name: rule for rule in noise.values() if rule.companions}.values():
            for owner, before in reversed(_texts_of(root)):
                _add_sentence(noise, root, owner, before, rule.of_companion)
            if rule is BY_NAME["shop"]:
                _add_goods(noise, root, rule)
    return noise


def _add_boxes(noise: Noise, root: HtmlElement) -> None:
    """Add to the noise each box that holds nothing but noise and its labels."""
    for element, rule in list(noise.items()):
        if rule.picture_classes and element.tag == "img" and element.getparent().tag == "a":
            noise[element.getparent()] = rule  # with any text of the campaign beside its picture
        is_widget = rule is BY_NAME["widget"]
        if rule.labels or (is_widget and element.tag == "img"):
            box = element.getparent()
            while box not in (None, root) and _is_box(noise, box, rule, _KEYWORD_LINK if is_widget else None):
                noise[box] = rule
                box = box.getparent()


def _is_box(noise: Noise, box: HtmlElement, rule: Rule, links: str | None) -> bool:
    """Whether a box holds nothing but noise, links to ``links`` and the labels of a rule."""
    labels = rule.labels.split()
    only_labels = all(words in labels for text in noise.texts(box, links) if (words := letters(text)))
    return only_labels and not noise.has_media(box)


def _add_sentence(
    noise: Noise,
    root: HtmlElement,
    owner: HtmlElement,
    before: HtmlElement | None,
    rule_of: Callable[[str], Rule | None],
) -> None:
    """Add a sentence of the site's own to the noise; see :func:`_texts_with_clues` for ``owner`` and ``before``."""
    if rule := rule_of(letters(text_after(before, owner))):
        noise[wrap_text(owner, before)] = rule  # the element around the text may hold more
    while owner is not root and (words := noise.short_letters(owner)) is not None:
        # An open-ended sentence must not take the blocks behind it along.
        if (rule := rule_of(words)) and (words in BY_SENTENCE or all(one.tag in _IN_A_LINE for one in owner[:])):
            noise[owner] = rule
        owner = owner.getparent()


def _add_goods(noise: Noise, root: HtmlElement, rule: Rule) -> None:
    """Add the goods between the heading of the shop's offers and its last words: names and prices, no sentences."""
    offers = [element for element, found in noise.items() if found is rule]
    around: set[HtmlElement] = set()
    for offer in offers:
        box = offer
        while box is not None and box not in around:
            around.add(box)
            box = box.getparent()
    for heading in offers:
        if not rule.of_companion(letters(heading.text_content())):
            continue
        box = heading
        while (parent := box.getparent()) not in (None, root) and noise.is_blank(parent):
            box = parent
        behind = list(box.itersiblings())
        noise.spend_budget(len(behind))
        goods = behind[: max((place for place, one in enumerate(behind, 1) if one in around), default=0)]
        if not any(end in text for one in goods for text in noise.texts(one) for end in SENTENCE_ENDS):
            noise.update(dict.fromkeys(goods, rule))


def _add_keywords(noise: Noise, root: HtmlElement, owner: HtmlElement, label: str) -> None:
    """Add to the noise a label such as 热词 with links to keywords and nothing else."""
    rule = BY_NAME["keywords"]
    if label not in rule.labels.split() or owner.tag == "a":
        return  # a keyword in a sentence may be linked too
    while owner is not root and _is_box(noise, owner, rule, _KEYWORD_LINK):
        if any(is_link(link, _KEYWORD_LINK) for link in owner.iter("a")):
            noise[owner] = rule
        owner = owner.getparent()


def _texts_with_clues(root: HtmlElement) -> list[tuple[HtmlElement, HtmlElement | None]]:
    """Return each text that may be the site's own words, as its element and that element's child before the text."""
    content: str = tostring(root, method="text", encoding="unicode", with_tail=False)
    clues = [clue for clue in _CLUES if clue in content]
    return _texts_of(root, *clues) if clues else []


def _texts_of(root: HtmlElement, *clues: str) -> list[tuple[HtmlElement, HtmlElement | None]]:
    found = [(text.getparent(), text.is_tail) for text in _texts_with(*clues)(root)]
    return [(element.getparent(), element) if is_tail else (element, None) for element, is_tail in found]


@lru_cache
def _texts_with(*clues: str) -> Any:
    condition = " or ".join(f"contains(., {clue!r})" for clue in clues) or "true()"
    return XPath(f"descendant::text()[{condition}]")

"""Find the part of a source body that is for a reader: no adverts, promotions, paywall, related stories."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from judge.tree import SILENT, Element, Node, names, parse, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

# Layouts section 7, "Remove with subtree", and section 3.5.
NOISE_TAGS = SILENT | names("form button astro-island zb-ai-summary")
NOISE_IDS = names(
    "imu innity-in-post outbrain-wrapper related-articles mobile-recommend-articles NextPrevious gtx-trans"
    " js-overlay-microtransaction video-freemium-player freemium_subscribe"
)
ADVERT_CLASSES = names("dfp-tag-wrapper adv adv-tag bff-google-ad google-ad")
RELATED_CLASSES = names("bff-recommend-article further-reading related-articles related-topics-wrapper")
PAYWALL_CLASSES = names(
    "overlay-microtransaction freemium_subscribe microtransaction-body microtransaction-option"
    " article-microtransaction article-transaction cta-subscribe cta-subscribe-new paywall-message"
    " cx_paywall_placeholder"
)
WIDGET_CLASSES = names(
    "read-on-app-cover newspost-holder article-share-fb keywords article-tags article-meta tint"
    " figure-media-gallery-nav bff-inline-image-expand-icon"
)
NOISE_CLASSES = ADVERT_CLASSES | RELATED_CLASSES | PAYWALL_CLASSES | WIDGET_CLASSES
# Layouts section 7, "Hosts that are never content", and the campaign's picture folder.
NOISE_ADDRESS = re.compile(
    r"subscribe\.sph\.com\.sg|newslink\.sg|bing\.com/api/v1/mediation|[?&]obOrigUrl=true|freemium_images"
    r"|(?:mobile_updated|desktop)_covid_19_0\.png"
)
# Layouts section 8; a paragraph with only these words is paywall, whatever element it stands in.
PAYWALL_SENTENCES = names(
    "请订阅或登录以继续阅读全文 请登录或订阅以继续阅读全文 此文章为早报订户专享内容"
    " 此文章为付费文章会员请访问网站阅读 请您选择以下方式阅读全文 已是早报订户请您登录后继续阅读全文"
)
# Post layout, Body: the three headings of related stories. 相关新闻 is none of them.
HEADINGS = names("延伸阅读 推荐阅读 相关阅读")
WRAPPERS = names("div section article center")
PLAYERS = names("iframe video audio")


def readable(html: str) -> Element:
    """Return the tree of a source body without what is not for a reader."""
    root = _without_noise(parse(html))
    root.children = _unwrapped(root.children)
    related = related_blocks(root.children)
    root.children = [child for i, child in enumerate(root.children) if i not in related]
    return root


def is_noise(element: Element) -> bool:
    """Whether an element is dropped with all its content (layouts section 7)."""
    return (
        element.tag in NOISE_TAGS
        or element.get("id") in NOISE_IDS
        or element.get("id").startswith("dfp-ad")
        or bool(element.classes & NOISE_CLASSES)
        or any(NOISE_ADDRESS.search(element.get(name)) for name in ("href", "src", "data-src"))
        or _is_promotion(element)
        or (element.tag in ("p", "div") and letters(text_of(element)) in PAYWALL_SENTENCES)
    )


def related_blocks(blocks: Sequence[Node]) -> set[int]:
    """Return the indices, among sibling blocks, of headings of related stories and of the links under them.

    Layouts 3.4 and 7 (a): only blocks of links are dropped. A heading before normal text is a
    sub-heading of the article and stays; a heading at the end has lost its links and is dropped.
    """
    shown = [i for i, block in enumerate(blocks) if _shows_something(block)]
    found: set[int] = set()
    for place, i in enumerate(shown):
        if i in found or not _is_heading(blocks[i]):
            continue
        links = []
        for j in shown[place + 1 :]:
            if not is_only_links(blocks[j]):
                break
            links.append(j)
        if links or _links(blocks[i]) or place == len(shown) - 1:
            found |= {i, *links}
    return found


def is_only_links(node: Node) -> bool:
    """Whether a node is links and punctuation only; a player's bare address is no link to a related story."""
    return bool(_links(node)) and not letters(_outside_links(node)) and not is_bare_address(node)


def is_bare_address(node: Node) -> bool:
    """Whether a node is one link with its own address as text (post layout, embeds)."""
    if isinstance(node, str):
        return False
    shown = [child for child in node.children if not isinstance(child, str) or child.strip()]
    if len(shown) != 1 or isinstance(shown[0], str):
        return False
    link = shown[0]
    return link.tag == "a" and bool(link.get("href")) and text_of(link).strip() == link.get("href").strip()


def letters(text: str) -> str:
    """Return a text without blanks, punctuation, symbols and controls."""
    return "".join(ch for ch in text if unicodedata.category(ch)[0] in "LMN")


def _is_heading(node: Node) -> bool:
    """Whether a block's words are 延伸阅读 (…) and, at most, links."""
    return letters(_outside_links(node)) in HEADINGS


def _links(node: Node) -> list[Element]:
    if isinstance(node, str):
        return []
    return [e for e in node.elements() if e.tag == "a" and _shows_something(e)]


def _outside_links(node: Node) -> str:
    """Return the text outside links, with a word in place of each picture."""
    if isinstance(node, str):
        return node
    if node.tag == "img":
        return "picture"
    if node.tag == "a":
        return ""
    return "".join(_outside_links(child) for child in node.children)


def _shows_something(node: Node) -> bool:
    if isinstance(node, str):
        return bool(letters(node))
    shows = PLAYERS | {"img", "hr", "video-js"}
    return bool(letters(text_of(node))) or any(e.tag in shows for e in node.elements())


def _is_promotion(element: Element) -> bool:
    """Whether an element is one of a promotion's two pictures, by its class: the address may be empty (layouts 3.4)."""
    if element.tag == "img":
        return bool(element.classes & {"view-desktop", "view-mobile"}) or element.get("alt") == "expend icon"
    pictures = [child for child in element.children if isinstance(child, Element) and child.tag == "img"]
    return element.tag == "a" and any(_is_promotion(picture) for picture in pictures)


def _without_noise(element: Element) -> Element:
    """Return a copy without noise; a player leaves an empty element, to keep its place among the blocks."""
    kept: list[Node] = []
    for child in element.children:
        if isinstance(child, str):
            kept.append(child)
        elif child.tag in PLAYERS:
            kept.append(Element(child.tag, child.attrs))
        elif not is_noise(child):
            kept.append(_without_noise(child))
    return Element(element.tag, element.attrs, kept)


def _unwrapped(nodes: Sequence[Node]) -> list[Node]:
    """Return the nodes with wrappers of blocks replaced by their content, so that a heading and its links are siblings."""
    flat: list[Node] = []
    for node in nodes:
        if isinstance(node, Element) and node.tag in WRAPPERS and node.has_block_inside():
            flat += _unwrapped(node.children)
        else:
            flat.append(node)
    return flat

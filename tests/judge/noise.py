"""Find what a clean body must not have, by the post layout's section Body and the layouts' removal list."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import urlsplit

import nh3

from judge.pictures import SITE_HOST, absolute, same_picture_key
from judge.source import NOISE_ADDRESS, related_blocks
from judge.tree import VOID, Element, Node, names, parse, text_of
from judge.words import BIDI_CONTROLS, ZERO_WIDTH

# Post layout, "Kept" and "Attributes kept".
INLINE = names("br a strong em sub sup")
TOP_LEVEL = names("p h2 h3 h4 ul ol blockquote figure table pre hr")
KEPT = INLINE | TOP_LEVEL | names("li figcaption img thead tbody tr th td")
BLOCKS = TOP_LEVEL | {"li", "figcaption", "td", "th"}
ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt"},
    "th": {"colspan", "rowspan"},
    "td": {"colspan", "rowspan"},
}
# Layouts section 8.
PAYWALL = re.compile(
    "(?:订阅或登录|登录或订阅)，以继续阅读全文|此文章为早报订户专享内容|此文章为付费文章，会员请访问网站"
    "|请您选择以下方式，阅读全文|已是早报订户，请您登录|查看新订户优惠"
)
# Layouts 3.4, 3.5 and 7: names that only markup and scripts use.
LEFTOVER = re.compile(
    r"dfp-ad|dfp-tag|innity-in-post|gtx-trans|pinger-seen|cx_paywall|cta-subscribe|article-microtransaction|paywall-login"
    r"|_mySPHObj|view-desktop|view-mobile|lazyload|referrerpolicy|no-referrer|figure-media|bff-"
)
FILE_NAME = re.compile(r"\S\.(?:jpe?g|jfif|png|gif|webp|avif|bmp|svg|tiff?|heic)\Z", re.IGNORECASE)
TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)((?: [a-z]+="[^"<>]*")*)>')
REFERENCE = re.compile(r"&(?:amp|lt|gt|quot|#123|#125);")

Rule = Callable[[str, Element], Iterator[str]]


def noise_in(lines: Sequence[str]) -> list[str]:
    """Return findings, each a string with the line and the rule; an empty list for a clean body."""
    found = [f"line {n}: {what}" for n, line in enumerate(lines, 1) for what in findings_of_line(line)]
    blocks = [parse(line) for line in lines]
    found += [f"line {i + 1}: related stories" for i in sorted(related_blocks(_only_children(blocks)))]
    found += [f"picture more than once: {address}" for address in _repeated(_pictures(blocks))]
    return found


def findings_of_line(line: str) -> Iterator[str]:
    """Apply all rules for a single line."""
    root = parse(line)
    for rule in RULES:
        yield from rule(line, root)


def characters(line: str, root: Element) -> Iterator[str]:
    """Check "White space" and "Characters" (post layout)."""
    if re.search(r"[\n\r\v\f\x85\u2028\u2029]", line):
        yield "line break inside a block"
    if any(unicodedata.category(ch) == "Cc" for ch in line):
        yield "control character"
    if ZERO_WIDTH & set(line):
        yield "zero-width character"
    if BIDI_CONTROLS & set(line):
        yield "bidi control"
    if "\u00a0" in line or "&nbsp;" in line or "&#160;" in line:
        yield "no-break space"
    if re.search(r"[{}]", line):
        yield "brace not escaped"


def serialisation(line: str, root: Element) -> Iterator[str]:
    """Check "Characters" (post layout): the references named there; `&quot;` in attributes, `&#10;` in `pre`."""
    known = re.sub("&#10;", "", line) if line.startswith("<pre>") else line
    if "&" in REFERENCE.sub("", known):
        yield "character reference that the layout does not know, or a bare &"
    text = TAG.sub("", line)
    if "<" in text or ">" in text:
        yield "markup that is not in the layout's form"
    if "&quot;" in text:
        yield "quotation mark escaped in text"


def one_block(line: str, root: Element) -> Iterator[str]:
    """Check that a line is exactly one top-level block, closed at the end of the line (post layout)."""
    open_tags: list[str] = []
    end = 0
    for tag in TAG.finditer(line):
        closing, name = bool(tag[1]), tag[2]
        if not open_tags and (end or tag.start() or closing or name not in TOP_LEVEL):
            yield "not exactly one block element"
            return
        nested = open_tags[-1:] == [name] and name != "blockquote"  # a quotation may quote
        if not closing and (nested or name == "a" in open_tags):
            yield f"{name} inside {name}"
        if not closing and name not in VOID:
            open_tags.append(name)
        elif closing and (not open_tags or open_tags.pop() != name):
            yield "tags not balanced"
            return
        end = end or (tag.end() if not open_tags else 0)
    if open_tags:
        yield "tags not balanced"
    elif end == 0 or end != len(line):
        yield "not exactly one block element"


def elements(line: str, root: Element) -> Iterator[str]:
    """Check "Kept" and "Attributes kept" (post layout)."""
    for element in _below(root):
        if element.tag not in KEPT:
            yield f"forbidden element {element.tag}"
        for name in sorted(set(element.attrs) - ATTRIBUTES.get(element.tag, set())):
            kind = "event handler" if name.startswith("on") else "attribute"
            yield f"forbidden {kind} {name} on {element.tag}"
        if element.tag in ("td", "th") and not all(value.isdigit() for value in element.attrs.values()):
            yield "cell span that is no number"
    if "<!" in line or "<?" in line:
        yield "comment or declaration"


def leftovers(line: str, root: Element) -> Iterator[str]:
    """Check for names of adverts and widgets, words of the paywall, addresses never content (layouts 3.4, 3.5, 7, 8)."""
    for what, pattern in {
        "leftover": LEFTOVER,
        "paywall": PAYWALL,
        "address never content": NOISE_ADDRESS,
    }.items():
        if match := pattern.search(line):
            yield f"{what}: {match[0]}"


def addresses(line: str, root: Element) -> Iterator[str]:
    """Check that addresses are absolute http(s), and the site's file store has one name (post layout)."""
    for element in _below(root):
        name = {"a": "href", "img": "src"}.get(element.tag)
        if name:
            yield from (f"{what}: {element.get(name)!r}" for what in _wrong_with(element.get(name)))


def pictures(line: str, root: Element) -> Iterator[str]:
    """Check that each picture is a `figure` with its caption, and that `alt` exists and is no file name (post layout)."""
    figures = [e for e in _below(root) if e.tag == "figure"]
    inside = [img for figure in figures for img in _pictures([figure])]
    if len(inside) < len(_pictures([root])):
        yield "picture outside a figure"
    for figure in figures:
        if len(_pictures([figure])) != 1:
            yield f"figure with {len(_pictures([figure]))} pictures"
        if sum(e.tag == "figcaption" for e in _below(figure)) > 1:
            yield "figure with more than one caption"
    for img in _pictures([root]):
        if "alt" not in img.attrs:
            yield "picture without alt"
        if FILE_NAME.search(img.get("alt")):
            yield f"alt is a file name: {img.get('alt')!r}"


def emptiness(line: str, root: Element) -> Iterator[str]:
    """Check for empty elements, save a table's cells (post layout, "Dropped": empty paragraphs)."""
    for element in _below(root):
        if element.tag in VOID | {"td", "th", "tr", "thead", "tbody"}:
            continue
        if not _trimmed(text_of(element)) and not _pictures([element]):
            yield f"empty {element.tag}"


def blanks(line: str, root: Element) -> Iterator[str]:
    """Check that runs are folded and the ends of a block trimmed, except in `pre` (post layout, "White space")."""
    for block in (e for e in _below(root) if e.tag in BLOCKS - {"pre"}):
        text = "".join(_text_of_block(block))
        if text[:1] in (" ", "\u3000") or text[-1:] in (" ", "\u3000"):
            yield f"blank at an end of {block.tag}"
        if "  " in text:
            yield f"run of blanks in {block.tag}"
    if any("  " in value for e in _below(root) for value in e.attrs.values()):
        yield "run of blanks in an attribute"


def line_breaks(line: str, root: Element) -> Iterator[str]:
    """Check that no block has a run of `br`, or a `br` at an end (post layout)."""
    for block in (e for e in _below(root) if e.tag in BLOCKS):
        text = "".join(_text_of_block(block))
        if re.search(r"\n\s*\n", text) and block.tag != "pre":
            yield f"run of br in {block.tag}"
        shown = _trimmed(text, keep="\n")
        if shown.startswith("\n") or shown.endswith("\n"):
            yield f"br at an end of {block.tag}"


def second_opinion(line: str, root: Element) -> Iterator[str]:
    """Check that a sanitiser with the layout's allow-list and a browser's parser finds nothing to change."""
    cleaned = nh3.clean(
        line,
        tags=set(KEPT),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        url_schemes={"http", "https"},
        link_rel=None,
        strip_comments=True,
    )
    if _shape(parse(cleaned)) != _shape(root):
        yield f"nh3 would change it to {cleaned[:80]!r}"


RULES: tuple[Rule, ...] = (
    characters,
    serialisation,
    one_block,
    elements,
    leftovers,
    addresses,
    pictures,
    emptiness,
    blanks,
    line_breaks,
    second_opinion,
)


def _wrong_with(address: str) -> Iterator[str]:
    parts = urlsplit(absolute(address) and address)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        yield "address that is not absolute http(s)"
    if re.search(r"\s", address):
        yield "white space in an address"
    if parts.path.endswith("/undefined"):
        yield "address of nothing"
    if SITE_HOST.match(parts.hostname or "") and _is_misnamed_store(address):
        yield "file store under another name"


def _is_misnamed_store(address: str) -> bool:
    return "/s3/files/" in address or (
        "/s3fs-public/" in address and not address.startswith("https://static.zaobao.com/")
    )


def _below(root: Element) -> list[Element]:
    return list(root.elements())[1:]


def _pictures(roots: Sequence[Element]) -> list[Element]:
    return [e for root in roots for e in root.elements() if e.tag == "img"]


def _repeated(imgs: Sequence[Element]) -> list[str]:
    seen: set[str] = set()
    repeated = []
    for address in (img.get("src") for img in imgs):
        if same_picture_key(address) in seen:
            repeated.append(address)
        seen.add(same_picture_key(address))
    return repeated


def _only_children(roots: Sequence[Element]) -> list[Node]:
    return [root.children[0] if len(root.children) == 1 else root for root in roots]


def _trimmed(text: str, keep: str = "") -> str:
    return text.strip("".join(ch for ch in " \t\n\r\u00a0\u3000" if ch not in keep))


def _text_of_block(node: Node) -> Iterator[str]:
    """Yield the text as shown: with a line end for a `br`, and a mark for a block inside."""
    if isinstance(node, str):
        yield node
        return
    for child in node.children:
        if isinstance(child, Element) and child.tag == "br":
            yield "\n"
        elif isinstance(child, Element) and child.tag in KEPT - INLINE:
            yield "\ufffc"
        else:
            yield from _text_of_block(child)


def _shape(node: Node) -> object:
    """Return a tree as nested tuples, without any `tbody` and a line break that opens a `pre`: browsers change them."""
    if isinstance(node, str):
        return node
    children: list[object] = []
    for child in node.children:
        shape = _shape(child)
        if isinstance(child, Element) and child.tag == "tbody":
            children += shape[2]
        elif isinstance(shape, str) and children and isinstance(children[-1], str):
            children[-1] += shape
        elif shape != "":
            children.append(shape)
    if node.tag == "pre" and children and isinstance(children[0], str):
        children[0] = children[0].removeprefix("\n")
    return (node.tag, tuple(sorted(node.attrs.items())), tuple(children))

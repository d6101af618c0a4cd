"""Name an element by selectors that last: ids, data attributes and semantic names first, positions last."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice

from lxml.html import HtmlElement

# Names that a build makes: letters and digits in turn, or capitals in the middle of a short word.
_HASH = re.compile(
    r"(?=[^_-]{0,30}\d)(?=[^_-]{0,30}[A-Za-z])[A-Za-z0-9]{5,}|\d{3,}|(?:[a-z]{0,12}[A-Z]){2,}[a-zA-Z0-9]{0,4}"
)
# Names that say how an element looks, such as ``mb-4``, ``md:flex`` and ``text-[14px]``.
_LOOKS = re.compile(
    r".*[:/\[\]!.%#].*|-?[a-z]{1,8}(?:-[a-z]{1,3})?-(?:\d.*|xs|sm|md|lg|xl|full|auto|none|px|screen)"
    r"|(?:text|font|leading|tracking|bg|border|flex|grid|items|justify|rounded|shadow|overflow|object|max-w|min-h|space|gap)-.*"
    r"|flex|grid|block|inline|hidden|relative|absolute|fixed|sticky|static|container|row|col|clearfix|italic|bold|underline"
)
_SAFE = re.compile(r"[A-Za-z_][\w-]*")
_SEMANTIC = frozenset(
    "article main header footer aside nav time figure figcaption blockquote h1 h2 h3 h4 ul ol address title".split()
)
# Values of these attributes say what an element is; other values often differ from page to page.
_TELLING = frozenset("itemprop role property name rel type key kind http-equiv data-testid data-type data-role".split())
_LOOKING = frozenset("align bgcolor width border size color target".split())
_PLAIN_VALUE = re.compile(r"[A-Za-z_$@][\w.:/$@ -]{0,60}|\d", re.ASCII)
_MOST = 60  # selectors of one element
_MOST_PLACES = 250
_MOST_ANCESTORS = 5


def places_of(pages: Iterable[Iterable[tuple[HtmlElement, str]]], least: int = 2) -> list[str]:
    """Return the places of elements that several pages show, those that will last longest first.

    :param pages: for each page elements, each with the attribute that counts; empty: the text
    :param least: on how many pages a place must find such an element
    """
    count: Counter[str] = Counter()
    ranks: dict[str, int] = {}
    for page in pages:
        found: dict[str, None] = {}
        for element, attribute in page:
            for rank, css in enumerate(selectors_of(element)):
                place = f"{css} @{attribute}" if attribute else css
                found[place] = None
                ranks[place] = min(rank, ranks.get(place, rank))
        count.update(list(found))
    wanted = [place for place, number in count.items() if number >= least]
    return sorted(wanted, key=lambda place: (ranks[place], -count[place], len(place), place))[:_MOST_PLACES]


def selectors_of(element: HtmlElement) -> list[str]:
    """Return selectors that find an element, those that will last longest first; they may find others, too."""
    own = list(_names_of(element))
    named = [(rank, css) for rank, css in own if rank < _BARE]
    bare = own[-1][1]
    found = [*named]
    above = islice(element.iterancestors(), _MOST_ANCESTORS)
    for far, ancestor in enumerate(above, 1):
        for rank, css in islice((one for one in _names_of(ancestor) if one[0] < _BARE), 3):
            link = " > " if far == 1 else " "
            found += [(rank + inner + far + 1, f"{css}{link}{name}") for inner, name in named[:4]]
            found.append((rank + _BARE + far, f"{css}{link}{bare}"))
    found += [(_BARE + 10 + extra, css) for extra, css in enumerate(_paths_of(element))]
    best: dict[str, int] = {}
    for rank, css in found:
        best[css] = min(rank, best.get(css, rank))
    return sorted(best, key=lambda css: (best[css], len(css), css))[:_MOST]


_HASHED = 4  # the rank of names that a build makes
_BARE = 12  # the rank of a tag that says nothing


def _names_of(element: HtmlElement) -> Iterator[tuple[int, str]]:
    """Yield how an element is named without its ancestors: a rank, 0 the best, and a selector; the tag last."""
    tag = element.tag if isinstance(element.tag, str) and _SAFE.fullmatch(element.tag) else "*"
    if identity := element.get("id"):
        if _SAFE.fullmatch(identity) and not _HASH.search(identity):
            yield 0, f"#{identity}"
        elif (prefix := _prefix(identity)) and _SAFE.fullmatch(prefix):
            yield 4, f'{tag}[id^="{prefix}"]'
    is_own = tag == "data" or "-" in tag  # an element that the build has invented
    if "-" in tag:
        yield 1, tag
    for name, value in element.items():
        if (
            name not in {"id", "class", "style"}
            and _SAFE.fullmatch(name)
            and (name in _TELLING or name.startswith("data-") or is_own)
        ):
            if _PLAIN_VALUE.fullmatch(value) and not _HASH.search(value):
                yield 1 if name in _TELLING else 3, f'{tag}[{name}="{value}"]'
            if name.startswith("data-") or "-" in tag:
                yield 6, f"{tag}[{name}]"
    classes = [name for name in (element.get("class") or "").split()[:_MOST] if not set(name) & set('"\\')]
    plain = [name for name in classes if not _LOOKS.fullmatch(name) and not _HASH.search(name)]
    for name in plain:
        yield 2, _class(tag, name)
    if len(plain) > 1:
        yield 3, tag + "".join(_class("", name) for name in plain[:4])
    for name in classes:
        if _HASH.search(name) and (prefix := _prefix(name)):
            yield 4, f'{tag}[class*="{prefix}"]'
    looks = [name for name in classes if _LOOKS.fullmatch(name)]
    if len(looks) > 1:
        yield 7, tag + "".join(_class("", name) for name in looks[:8])
    for name, value in element.items():
        if name in _LOOKING and _PLAIN_VALUE.fullmatch(value):
            yield 8, f'{tag}[{name}="{value}"]'
    for name in looks[:6]:
        yield 9, _class(tag, name)
    for name in classes:
        if _HASH.search(name):
            yield 10, _class(tag, name)
    yield (5 if tag in _SEMANTIC else _BARE), tag


def own_name_of(element: HtmlElement) -> str:
    """Return a selector that the element's build chose: of an id, a class, an attribute or a tag; empty if none."""
    rank, css = next(_names_of(element))
    return css if rank < _HASHED else ""


def _class(tag: str, name: str) -> str:
    return f"{tag}.{name}" if _SAFE.fullmatch(name) else f'{tag}[class~="{name}"]'


def _prefix(name: str) -> str:
    """Return the beginning of a name before the part that a build made, empty if it is too short to say anything."""
    found = _HASH.search(name)
    prefix = name[: found.start()] if found else ""
    return prefix if len(prefix.strip("_-")) > 2 and re.fullmatch(r"[\w-]+", prefix) else ""


def _paths_of(element: HtmlElement) -> Iterator[str]:
    """Yield paths of child elements by position, from the nearest named ancestor and from the root."""
    path, current = "", element
    named = False
    for _ in range(40):
        parent = current.getparent()
        step = current.tag if isinstance(current.tag, str) and _SAFE.fullmatch(current.tag) else "*"
        if step != "*" and parent is not None and sum(one.tag == current.tag for one in parent) > 1:
            step += f":nth-of-type({1 + sum(one.tag == current.tag for one in current.itersiblings(preceding=True))})"
        path = f"{step} > {path}" if path else step
        if parent is None or parent.tag in {"body", "html"}:
            yield f"{parent.tag} > {path}" if parent is not None else path
            return
        if not named and (name := next((css for rank, css in _names_of(parent) if rank < 5), None)):
            named = True
            yield f"{name} > {path}"
        current = parent

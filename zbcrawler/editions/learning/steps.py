"""Write selectors of one element, the most lasting first."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

_NAME = re.compile(r"^[A-Za-z][A-Za-z_-]{2,}$")
_TAG = re.compile(r"^[A-Za-z][A-Za-z0-9_-]*$")
_HASHED = re.compile(r"^([A-Za-z-]{3,}_+)\w+$")
_TELLING = frozenset("key role itemprop type data-testid data-role data-type data-zone".split())


def steps(element: HtmlElement) -> Iterator[str]:
    """Yield selectors: by id, by a telling attribute, by class, by tag."""
    tag = element.tag if _TAG.match(element.tag) else "*"
    if _NAME.match(name := element.get("id") or ""):
        yield f"{tag}#{name}"
    for name, value in element.attrib.items():
        if name in _TELLING and len(value) < 40 and '"' not in value and not value.isdigit():
            yield f'{tag}[{name}="{value}"]'
    for name in (element.get("class") or "").split()[:6]:
        if _NAME.match(name):
            yield f"{tag}.{name}"
        elif found := _HASHED.match(name):
            yield f'{tag}[class*="{found[1]}"]'
    yield tag

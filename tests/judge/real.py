"""Read real bodies, which stay outside the project because their text belongs to others."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
_TITLE = re.compile(r'^title: "(.*)"$', re.MULTILINE)
_FROM = re.compile(r"^from: (\S+)$", re.MULTILINE)
_RULER = re.compile(r"^------\n", re.MULTILINE)


@dataclass(frozen=True)
class RealBody:
    """One body as a source holds it; `name` is the file's."""

    name: str
    url: str
    title: str
    html: str


def real_bodies(shared: Path = SHARED) -> list[RealBody]:
    """Return all real bodies; none if the folder is missing."""
    pages = shared / "real-pages"
    bodies: list[RealBody] = []
    for group in ("sg-drupal-2020", "posts-2021-2024"):
        bodies += [_of_post(path, pages) for path in sorted((pages / group).glob("*.md"))]
    for path in sorted((pages / "sg-drupal-2021").glob("*.json")):
        bodies += _of_feed(path, pages)
    return bodies


def seed_body(shared: Path = SHARED) -> RealBody | None:
    """Return the post that the layout comes from, or None if the file is missing."""
    path = shared / "seed-post.md"
    return _of_post(path, shared) if path.is_file() else None


def body_of_post(text: str) -> str:
    """Return what follows the ruler line of a post, without its outermost `<div>` and `</div>`."""
    body = _RULER.split(text, maxsplit=1)[1].strip()
    return body.removeprefix("<div>").removesuffix("</div>").strip("\n")


def _of_post(path: Path, above: Path) -> RealBody:
    text = path.read_text(encoding="utf-8")
    title, url = _TITLE.search(text), _FROM.search(text)
    return RealBody(_name(path, above), url[1] if url else "", title[1] if title else "", body_of_post(text))


def _of_feed(path: Path, above: Path) -> Iterator[RealBody]:
    data = json.loads(path.read_text(encoding="utf-8"))
    items = data.get("items", [data])
    for item in items:
        number = item["link"].rpartition("-")[2]
        name = _name(path, above) + (f"#{number}" if "items" in data else "")
        yield RealBody(name, item["link"], item["title"], item["content"])


def _name(path: Path, above: Path) -> str:
    return str(path.relative_to(above).with_suffix(""))

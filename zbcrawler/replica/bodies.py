"""Read real bodies from a folder of the user, to serve them under invented titles."""

from __future__ import annotations

import json
import re
from pathlib import Path

# A post: front matter and heading, a line of six hyphens, one <div> with the body.
_POST = re.compile(r"^-{6}\n\s*<div>\n?(.*?)\n?</div>\s*\Z", re.DOTALL | re.MULTILINE)


def read_bodies(folder: Path) -> list[str]:
    """Return the inner HTML of every body in the posts (``*.md``) and feed items (``*.json``) of a folder.

    :raises ValueError: if the folder holds no body
    """
    found = []
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".md":
            post = _POST.search(path.read_text("utf-8"))
            found += [post[1]] if post else []
        elif path.suffix == ".json":
            found += _contents(json.loads(path.read_text("utf-8")))
    if not found:
        raise ValueError(f"{folder}: holds no post (*.md) and no feed item (*.json) with a body")
    return found


def _contents(data: object) -> list[str]:
    if isinstance(data, list):
        return [body for one in data for body in _contents(one)]
    if isinstance(data, dict):
        own = data.get("content")
        return [own] if isinstance(own, str) else _contents(data.get("items", []))
    return []

"""Split text into search terms: pairs of characters, and words of letters and digits.

``search.js`` splits a reader's question in the browser the same way; change both together.

Chinese has no blanks between words, and dictionaries lack many words that readers look for, names above all. Pairs of
characters need no dictionary: a search for 南中国海 finds the stories that have 南中, 中国 and 国海.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

_SEGMENT = re.compile(r"[^\W_]+")
# From here on all scripts of Unicode but Hangul have no blanks between words.
_UNIT = re.compile("[\u2e80-\U0010ffff]|[^\u2e80-\U0010ffff]+")
_LONGEST = 40
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


def normal(text: str) -> str:
    """Return text for comparison: full-width letters and digits plain, capitals small, invisible characters removed."""
    # The small form of a sigma depends on its place in the word.
    return unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).lower().replace("ς", "σ")


def terms(text: str) -> set[str]:
    """Return all terms of a text: ``1000亿美元`` has ``1000``, ``1000亿``, ``亿美`` and ``美元``."""
    found: set[str] = set()
    for segment in _SEGMENT.findall(normal(text)):
        units = [unit[:_LONGEST] for unit in _UNIT.findall(segment)]
        found.update(unit for unit in units if unit < "\u2e80")
        found.update(one + other for one, other in pairwise(units))
    return found

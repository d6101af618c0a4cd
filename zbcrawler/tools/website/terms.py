"""Text -> what the search looks for: pairs of characters, and words of letters and digits.

``search.js`` does the same in the browser to what a reader types; both must change together.

Chinese has no blanks between words, and what a dictionary takes for words are often not those that readers look for,
names above all. A pair of characters needs no dictionary: whoever looks for 南中国海 finds the stories that have 南中,
中国 and 国海.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

_SEGMENT = re.compile(r"[^\W_]+")
# From here on Unicode has scripts without blanks between words, but for Hangul.
_UNIT = re.compile("[\u2e80-\U0010ffff]|[^\u2e80-\U0010ffff]+")
_LONGEST = 40
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


def normal(text: str) -> str:
    """Text as it is compared: full-width letters and digits plain, capitals small, nothing that is invisible."""
    # A sigma's small form depends on its place.
    return unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).lower().replace("ς", "σ")


def terms(text: str) -> set[str]:
    """All terms of a text: ``1000亿美元`` has ``1000``, ``1000亿``, ``亿美`` and ``美元``."""
    found = set()
    for segment in _SEGMENT.findall(normal(text)):
        units = [unit[:_LONGEST] for unit in _UNIT.findall(segment)]
        found.update(unit for unit in units if unit < "\u2e80")
        found.update(one + other for one, other in pairwise(units))
    return found

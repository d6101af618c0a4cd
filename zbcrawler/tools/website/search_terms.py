"""What a search compares and looks up: the normal form of a text, and its terms.

Terms are pairs of characters, and words of letters and digits. Chinese has no blanks between words, and dictionaries
lack many words that readers look for, names above all. Pairs of characters need no dictionary: a search for 南中国海
finds the stories that have 南中, 中国 and 国海.

``search.js`` does the same. Change both together, and with them ``_FORMAT`` of the index.
"""

import re
import unicodedata
from itertools import pairwise
from operator import add
from pathlib import Path
from zlib import crc32

TABLE = Path(__file__).with_name("traditional.txt")
IN_TITLE = "^"
IN_SECTION = "@"
_LONGEST = 40

_FROM, _TO = (line for line in TABLE.read_text("utf-8").splitlines() if not line.startswith("#"))
_SIMPLIFIED = str.maketrans(_FROM, _TO)
_TRADITIONAL = frozenset(_FROM)
# Every Chinese text has these marks. Without them most texts are in normal form already, which Python sees at once.
_MARKS = tuple(zip("，：；！？（）", ",:;!?()", strict=True))
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff\ud800-\udfff]")
# Characters from U+20000 on are Chinese, also those that this Python does not know yet.
_SEGMENT = re.compile("(?:[^\\W_]+|[\U00020000-\U0003ffff])+")
# From U+2E80 on, no script of Unicode but Hangul has blanks between words.
_UNIT = re.compile("[\u2e80-\U0010ffff]|[^\u2e80-\U0010ffff]+")
_WITH_BLANKS = re.compile("[^\u2e80-\U0010ffff]")


def normal(text: str) -> str:
    """Return text for comparison.

    Full-width letters and digits become plain, capitals small, traditional characters simplified. Invisible
    characters and halves of surrogate pairs are removed.
    """
    for mark, plain in _MARKS:
        text = text.replace(mark, plain)
    # The small form of a sigma depends on its place in the word.
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).lower().replace("ς", "σ")
    return text if _TRADITIONAL.isdisjoint(text) else text.translate(_SIMPLIFIED)


def terms(text: str) -> set[str]:
    """Return all terms of a text: ``1000亿美元`` has ``1000``, ``1000亿``, ``亿美`` and ``美元``."""
    found: set[str] = set()
    for segment in _SEGMENT.findall(normal(text)):
        if not _WITH_BLANKS.search(segment):
            found.update(map(add, segment, segment[1:]))
            continue
        units = [unit[:_LONGEST] for unit in _UNIT.findall(segment)]
        found.update(unit for unit in units if unit < "\u2e80")
        found.update(map("".join, pairwise(units)))
    return found


def title_terms(title: str) -> set[str]:
    """Return the terms of a title as such: ``^`` and a term, or ``^`` and a single character."""
    single = (unit for segment in _SEGMENT.findall(normal(title)) for unit in segment if unit >= "\u2e80")
    return {IN_TITLE + term for term in terms(title).union(single)}


def shard_of(term: str, shards: int) -> int:
    """Return the number of the file that a term is in, the same with and without ``^``.

    :param shards: a power of two
    """
    return crc32(term.lstrip(IN_TITLE).encode()) % shards

"""Characters: what white space folds to, what is dropped, what is escaped (post layout, "Body")."""

from __future__ import annotations

import re

# U+3000 is not in here: in a body it is an indent that readers see, and only trimmed at block ends.
_SPACES = "\t\n\x0b\x0c\r\x85\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f"
_BLANK_RUN = re.compile(f"[ {_SPACES}]+")
_ODD_SPACE = re.compile(f"[{_SPACES}]|  ")

# C0 and C1 controls, the zero-width characters without a use in text, bidi controls, deprecated
# format characters, lone surrogates (no UTF-8) and noncharacters (no YAML).
# U+200D stays: it joins emoji.
_NEVER = (
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"
    "\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\ud800-\udfff"
)
_PLANES = "".join(chr(plane * 0x10000 + 0xFFFE) + chr(plane * 0x10000 + 0xFFFF) for plane in range(1, 17))
_DROPPED = re.compile(f"[{_NEVER}{_PLANES}]")
# In a headline nothing invisible is of use, and an address bar or a feed may choke on it.
_INVISIBLE = re.compile("[\u00ad\u034f\u200c\u200d\u115f\u1160\u17b4\u17b5\u3164\uffa0]")

_NO_LETTERS = re.compile(r"[\W_]+")

BLANKS = " \u3000"

_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "{": "&#123;", "}": "&#125;"}
_TEXT_ESCAPES = str.maketrans(_ESCAPES)
_ATTRIBUTE_ESCAPES = str.maketrans({**_ESCAPES, '"': "&quot;"})
_ESCAPABLE = re.compile('[&<>{}"]')


def drop_unprintable(text: str) -> str:
    """``text`` without the characters that have no place in any file of the archive."""
    return _DROPPED.sub("", text) if _DROPPED.search(text) else text


def fold(text: str) -> str:
    """Body text with white space folded to single ASCII blanks; U+3000 is left as it is."""
    text = drop_unprintable(text)
    return _BLANK_RUN.sub(" ", text) if _ODD_SPACE.search(text) else text


def one_line(text: str) -> str:
    """A headline as one line: white space of any kind (U+3000 too) folded, nothing invisible."""
    return " ".join(fold(_INVISIBLE.sub("", text)).replace("\u3000", " ").split())


def letters(text: str) -> str:
    """What is read of a text: without white space, punctuation, symbols and invisible characters."""
    return _NO_LETTERS.sub("", drop_unprintable(text))


def escape(text: str) -> str:
    """HTML text; braces too, so that Liquid finds nothing to run."""
    return text.translate(_TEXT_ESCAPES) if _ESCAPABLE.search(text) else text


def escape_attribute(text: str) -> str:
    """The value of an HTML attribute in double quotes."""
    return text.translate(_ATTRIBUTE_ESCAPES) if _ESCAPABLE.search(text) else text

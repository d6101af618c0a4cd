"""Fold white space, drop characters and escape text, as the post layout ("Body") requires."""

import html
import re

# Without U+3000: in a body U+3000 is a visible indent, and is trimmed only at block ends.
_SPACES = "\t\n\x0b\x0c\r\x85\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f"
_BLANK_RUN = re.compile(f"[ {_SPACES}]+")
_LINE_END = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_ODD_BLANK = re.compile(f"[{_SPACES.replace(chr(10), '')}]")

# C0 and C1 controls, the zero-width characters without a use in text, bidi controls, deprecated format characters, lone
# surrogates (no UTF-8) and noncharacters (no YAML). U+200D stays: it joins emoji.
_NEVER = (
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"
    "\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\ud800-\udfff"
)
_PLANES = "".join(chr(plane * 0x10000 + 0xFFFE) + chr(plane * 0x10000 + 0xFFFF) for plane in range(1, 17))
_DROPPED = re.compile(f"[{_NEVER}{_PLANES}]")
# Dropped from headlines only: an address bar or a feed may show these badly.
_INVISIBLE = re.compile("[\u00ad\u034f\u200c\u200d\u115f\u1160\u17b4\u17b5\u3164\uffa0]")

_NO_LETTERS = re.compile(r"[\W_]+")

BLANKS = " \u3000"


def drop_unprintable(text: str) -> str:
    """Return ``text`` without the characters that no file of the archive may have."""
    # No such character is printable, and this test is many times faster than a search.
    return text if text.isprintable() else _DROPPED.sub("", text)


def fold(text: str) -> str:
    """Return body text with white space folded to single ASCII blanks; U+3000 stays as it is."""
    return _BLANK_RUN.sub(" ", drop_unprintable(text.replace("\n", " ")))


def keep_lines(text: str) -> str:
    """Return preformatted text with line feeds as line ends, and blanks for tabs and odd white space."""
    return drop_unprintable(_ODD_BLANK.sub(" ", _LINE_END.sub("\n", text).expandtabs(4)))


def one_line(text: str) -> str:
    """Return a headline as one line: all white space (U+3000 too) folded, invisible characters dropped."""
    return " ".join(fold(_INVISIBLE.sub("", text)).replace("\u3000", " ").split())


def letters(text: str) -> str:
    """Return a text without white space, punctuation, symbols and invisible characters."""
    return _NO_LETTERS.sub("", drop_unprintable(text))


def shorten(text: str, most: int = 60) -> str:
    """Return the beginning of a text, for messages; an ellipsis stands for what is left out."""
    return text if len(text) <= most else f"{text[:most]}…"


def escape(text: str) -> str:
    """Escape a text for HTML; braces too, so that Liquid finds nothing to run."""
    return html.escape(text, quote=False).replace("{", "&#123;").replace("}", "&#125;")


def escape_attribute(text: str) -> str:
    """Return the value of an HTML attribute in double quotes."""
    return escape(text).replace('"', "&quot;")


def printable(text: str) -> str:
    """Return a message as one line that can be printed, whatever bytes a file's name has."""
    return text if text.isprintable() else "".join(ch if ch.isprintable() else "\ufffd" for ch in text)


def excerpt(value: object) -> str:
    """Return a value for a message: one line, at most 200 characters."""
    return re.sub(r"\s+", " ", str(value))[:200]

"""Colours of a terminal: green for what is well, red for what failed, yellow for warnings, and nothing more."""

import os
import re
import sys

GREEN, RED, YELLOW = 32, 31, 33
_COLOURS = {"ok": GREEN, "good": GREEN, "note": YELLOW}  # of the first word of a line; all others are red
_FIRST_WORD = re.compile(r"^(?:(?:\d+ )?failed|ok|good|note)\b", re.MULTILINE | re.IGNORECASE)


def has_colours() -> bool:
    """Whether standard output is a terminal that shows colours, and the reader wants them (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def paint(text: str, colour: int) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m" if text and has_colours() else text


def paint_verdicts(text: str) -> str:
    """Colour the word with which a line begins, if it is a verdict: ``ok``, ``good``, ``note``, ``failed``."""
    return _FIRST_WORD.sub(lambda word: paint(word[0], _COLOURS.get(word[0], RED)), text)

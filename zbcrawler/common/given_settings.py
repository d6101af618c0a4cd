"""Check settings that a person wrote, on a command line or in a file, before anything uses them."""

import codecs
import json
import logging
import pkgutil
import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from zbcrawler.common.errors import ArgumentError
from zbcrawler.common.text import excerpt

_SWITCHES = ("0", "1", "True", "true", "False", "false")
_LEVELS = ("CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG")
_WHOLE = re.compile(r"-?\d{1,12}", re.ASCII)
_NUMBER = re.compile(r"-?(?:\d{1,9}(?:\.\d*)?|\.\d+)", re.ASCII)
_MAY_BE_NEGATIVE = re.compile(r".*_PRIORITY(?:_ADJUST)?")
_AT_LEAST_ONE = re.compile(r"CONCURRENT_.*|WORK_.*|ALARM_SECONDS|GIVE_UP_AFTER|LEARN_STORIES|RAW_MEGABYTES")
_PATH = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+", re.ASCII)  # of a class or module
# Scrapy's default is a whole number, but Scrapy reads fractions. The project declares such defaults as 1.0.
_FRACTIONS = {"DNS_TIMEOUT"}


def check_given(known: Mapping[str, Any], given: Iterable[tuple[str, str]]) -> None:
    """Raise ArgumentError for the first setting that is mistyped, by its name or its value.

    :param known: the settings before; unknown names that resemble none of them belong to others, such as add-ons
    """
    for name, text in given:
        if name in known:
            if what := _describe_mistake(name, known[name], text, is_of_parts=f"{name}_BASE" in known):
                raise ArgumentError(f"{name}={excerpt(text)}: {what}")
        elif near := get_close_matches(name.upper(), known, 1, 0.8):
            raise ArgumentError(f"{name}: unknown setting; did you mean {near[0]}?")


def _describe_mistake(name: str, default: Any, text: str, is_of_parts: bool) -> str:
    """Say what to write instead; nothing if the text stands for a value of the default's kind."""
    if name == "JOBDIR":
        return "leave it out; each run goes on where the last one stopped"
    if name.endswith("LOG_LEVEL"):
        return "" if text in _LEVELS else f"write {', '.join(_LEVELS[:-1])} or {_LEVELS[-1]}"
    if isinstance(default, bool):
        return "" if text in _SWITCHES else "write 1 or 0"
    if isinstance(default, int | float):
        return _describe_wrong_number(name, text, isinstance(default, int) and name not in _FRACTIONS)
    if isinstance(default, Mapping):
        return _describe_wrong_object(text, is_of_parts)
    if not text:
        return ""
    if name in _TRIALS:
        return _try(_TRIALS[name], [text])
    items, examples = ([text], [default]) if isinstance(default, str) else (text.split(","), default)
    if examples and isinstance(examples[0], int):
        return "" if all(_WHOLE.fullmatch(item.strip()) for item in items) else "write whole numbers between commas"
    return _try(pkgutil.resolve_name, items) if examples and _PATH.fullmatch(examples[0]) else ""


def _describe_wrong_number(name: str, text: str, is_whole: bool) -> str:
    least = 1 if _AT_LEAST_ONE.fullmatch(name) else 0
    if (_WHOLE if is_whole else _NUMBER).fullmatch(text) and (_MAY_BE_NEGATIVE.fullmatch(name) or float(text) >= least):
        return ""
    kind = "a whole number" if is_whole else "a number"
    return f"write {kind}" if _MAY_BE_NEGATIVE.fullmatch(name) else f"write {kind} from {least} up"


def _describe_wrong_object(text: str, is_of_parts: bool) -> str:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        return 'write a JSON object, such as {"NAME": 100}'
    words = [word for pair in found.items() for word in pair if isinstance(word, str)]
    return _try(pkgutil.resolve_name, filter(_PATH.fullmatch, words)) if is_of_parts else ""


def _try(use: Callable[[str], object], texts: Iterable[str]) -> str:
    try:
        for text in texts:
            use(text)
    except Exception as error:  # whatever the import of a module raises
        return f"cannot be used: {excerpt(error)}"
    return ""


# How to find out whether a text is allowed, of settings whose default does not show that.
_TRIALS: dict[str, Callable[[str], object]] = {
    "FEED_EXPORT_ENCODING": codecs.lookup,
    "LOG_ENCODING": codecs.lookup,
    "LOG_FORMAT": lambda text: logging.Formatter(text).format(logging.makeLogRecord({})),
    "REFERRER_POLICY": str,  # a class, or the name of a policy
}

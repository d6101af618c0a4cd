"""Check settings that a person wrote, on a command line or in a file, before anything uses them."""

import json
import pkgutil
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from zbcrawler.common.errors import ArgumentError
from zbcrawler.common.text import excerpt

_SWITCHES = ("0", "1", "True", "true", "False", "false")
_LEVELS = ("CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG")
_WHOLE = re.compile(r"-?\d{1,12}", re.ASCII)
_NUMBER = re.compile(r"-?(?:\d{1,12}(?:\.\d*)?|\.\d+)", re.ASCII)
_PATH = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+", re.ASCII)  # of a class or module
# Scrapy's default is a whole number, but Scrapy reads fractions. The project declares such defaults as 1.0.
_FRACTIONS = {"DNS_TIMEOUT"}
_ANY_TEXT = {"REFERRER_POLICY"}  # a class or the name of a policy


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
    if name.endswith("LOG_LEVEL"):
        return "" if text in _LEVELS else f"write {', '.join(_LEVELS[:-1])} or {_LEVELS[-1]}"
    if isinstance(default, bool):
        return "" if text in _SWITCHES else "write 1 or 0"
    if isinstance(default, int) and name not in _FRACTIONS:
        return "" if _WHOLE.fullmatch(text) else "write a whole number"
    if isinstance(default, int | float):
        return "" if _NUMBER.fullmatch(text) else "write a number"
    if isinstance(default, Mapping):
        return _describe_mistake_in_object(text, is_of_parts)
    items, examples = ([text], [default]) if isinstance(default, str) else (text.split(","), default)
    if not examples or not text:
        return ""
    if isinstance(examples[0], int):
        return "" if all(_WHOLE.fullmatch(item.strip()) for item in items) else "write whole numbers between commas"
    return _load_all(items) if _PATH.fullmatch(examples[0]) and name not in _ANY_TEXT else ""


def _describe_mistake_in_object(text: str, is_of_parts: bool) -> str:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        return 'write a JSON object, such as {"NAME": 100}'
    words = [word for pair in found.items() for word in pair if isinstance(word, str)]
    return _load_all(word for word in words if _PATH.fullmatch(word)) if is_of_parts else ""


def _load_all(paths: Iterable[str]) -> str:
    for path in paths:
        try:
            pkgutil.resolve_name(path)
        except Exception as error:  # whatever the import of a module raises
            return f"cannot be loaded: {excerpt(error)}"
    return ""

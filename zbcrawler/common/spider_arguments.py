"""The arguments of spiders (``-a NAME=VALUE``): how they are declared, read and shown by ``--help``."""

import argparse
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from zbcrawler.common.errors import ArgumentError
from zbcrawler.common.text import excerpt


class Argument(NamedTuple):
    read: Callable[[str], Any]  # ValueError: not allowed
    meaning: str  # without a default: also what holds if the argument is left out
    example: str
    default: str = ""


def read_arguments(declared: Mapping[str, Argument], given: Mapping[str, Any]) -> dict[str, Any]:
    """Read the arguments of a spider and their defaults; raise ArgumentError if one is unknown or not allowed."""
    if unknown := next((name for name in given if name not in declared), ""):
        raise ArgumentError(f"{unknown}: unknown argument; allowed: {', '.join(declared)}")
    defaults = {name: argument.default for name, argument in declared.items() if argument.default}
    values = {}
    for name, text in {**defaults, **given}.items():
        try:
            values[name] = declared[name].read(str(text).strip())
        except ValueError as error:
            raise ArgumentError(f"{name}={excerpt(text)}: {error}") from error
    return values


def add_to_help(parser: argparse.ArgumentParser, spider: str, declared: Mapping[str, Argument]) -> None:
    """Let ``--help`` show the arguments of a spider, each with an example."""
    group = parser.add_argument_group(f"arguments of {spider}")
    for name, argument in declared.items():
        default = f"; default: {argument.default}" if argument.default else ""
        # An option of this form is never parsed, because -a and its value are two words.
        group.add_argument(f"-a {name}={argument.example}", action="store_true", help=argument.meaning + default)

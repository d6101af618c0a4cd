"""Find what takes more than linear time: try long texts, twice as long texts, and compare the work.

The engine of regular expressions is C, and its steps cannot be counted from outside: a scan for a class of characters is
one step, however long. So this measures processor time, but not against a clock that another machine might miss. Most
texts are done in a fraction of the time that a search with quadratic growth needs for 12,000 characters, and are not
measured further. For the others, a text of 24,000 characters is compared with 8 texts of 3,000, which together are as
long: linear work takes the same time for both, the limit is 1.5 times (2.3 for each doubling of the length), and quadratic
work takes 8 times as long. So there is room for noise on either side. Each time is the best of several, and growth is
reported only if it shows three times. An alarm ends searches that would take hours.
"""

from __future__ import annotations

import ast
import gc
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

from support.crawling import PROJECT

LIMIT = 2.3  # times the work, for twice the length
_SCREENED, _SHORT, _DOUBLINGS = 12_000, 3_000, 3  # characters; the long text has 24,000
# Seconds. Linear searches take a few nanoseconds for a character, slow ones some hundred; with quadratic growth and the
# fastest step there is, 12,000 characters take 15 milliseconds.
_SURELY_LINEAR = 0.008
_HOPELESS = 2.0

# What the site's texts are made of, and what breaks such texts.
PIECES = [" ", "\n", "\t", "a", "1", "字", "\u3000", '"', "'", "\\", "/", "<", ">", "[", "]", "(", ")", "{", ",", ".",
          ":", "-", "|", "=", "&", "<!--", "-->", "<p>", "]("]  # fmt: skip
METHODS = ("match", "fullmatch", "search")
# How re's functions and a pattern's methods go through a text.
_SEARCHES = {"match": "match", "fullmatch": "fullmatch"}
_FUNCTIONS = {"match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"}


class _HopelessError(Exception):
    """A search was ended by the alarm."""


@contextmanager
def _ended() -> Iterator[None]:
    def end(*_: object) -> None:
        raise _HopelessError

    before = signal.signal(signal.SIGVTALRM, end)
    signal.setitimer(signal.ITIMER_VIRTUAL, _HOPELESS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _work(run: Callable[[str], object], made: list[str], times: int = 1) -> float:
    """Return the seconds for all these texts, the best of some times."""
    best = _HOPELESS
    gc.disable()  # its work grows with all that the tests have made before
    try:
        for _ in range(times):
            start = time.process_time()
            with _ended():
                for text in made:
                    run(text)
            best = min(best, time.process_time() - start)
    finally:
        gc.enable()
    return best


def grows(run: Callable[[str], object], text_of: Callable[[int], str]) -> bool:
    """Whether the work for a text of twice the length is more than ``LIMIT`` times the work."""
    many = 2**_DOUBLINGS
    try:
        if _work(run, [text_of(_SCREENED)]) < _SURELY_LINEAR:
            return False
        short, long = [text_of(_SHORT + n) for n in range(many)], [text_of(_SHORT * many)]
        for _ in range(3):
            if _work(run, long, 2) <= LIMIT**_DOUBLINGS / many * _work(run, short, 2):
                return False
    except _HopelessError:
        pass
    return True


def texts(pieces: list[str], between: bool = False) -> dict[str, Callable[[int], str]]:
    """Return long texts by name: repeated pieces and pairs of pieces.

    :param between: whether to try these behind a beginning and before an end that nothing matches, too
    """
    found: dict[str, Callable[[int], str]] = {}
    units = dict.fromkeys([*pieces, *("".join(pair) for pair in product(pieces, repeat=2))])
    whole = "".join(pieces[:6])
    for unit in units:
        for before, after in [("", ""), (whole, "\0")][: 1 + between]:
            name = f"{before!r} + {unit!r} * n + {after!r}"
            found[name] = lambda n, b=before, u=unit, a=after: b + u * (n // len(u)) + a
    return found


def pieces_of(pattern: str) -> list[str]:
    """Return the literal pieces of a pattern, and a character for each kind of class in it."""
    bare = re.sub(r"\(\?(?:P<\w+>|[a-zA-Z]+\)|[:=!]|<[=!])", "(", pattern)
    literal = re.findall(r"(?:\\[^\w\s]|[^\\\[\](){}|?*+.^$])+", bare)
    found = [re.sub(r"\\(.)", r"\1", piece) for piece in literal]
    kinds = {r"\s": " ", r"\d": "1", r"\w": "a", r"\S": "a", ".": "a", "\n": "\n", r"\n": "\n", "[^": "a", " ": " "}
    found += [piece for kind, piece in kinds.items() if kind in pattern]
    found += [one for group in re.findall(r"\[\^?([^\]]+)\]", pattern) for one in group if not one.isalnum()]
    return list(dict.fromkeys(piece for piece in found if piece))


def fault_of(pattern: re.Pattern, method: str) -> str | None:
    """Return a text for which a method of a pattern takes more than linear time, None if there is none."""
    run = getattr(pattern, method)
    is_bytes = isinstance(pattern.pattern, bytes)
    source = pattern.pattern.decode("latin-1") if is_bytes else pattern.pattern
    # Of long patterns only some pieces, so that the pairs stay few.
    own = pieces_of(source)[:7]
    tried = texts([*own, *(piece for piece in (" ", "\\", '"', "1", "a") if piece not in own)], between=True)
    if is_bytes:
        return first_that_grows(lambda text: run(text.encode("latin-1", "replace")), tried)
    return first_that_grows(run, tried)


def first_that_grows(run: Callable[[str], object], tried: dict[str, Callable[[int], str]]) -> str | None:
    """Return the name of a text for which the work grows faster than the text, None if there is none."""
    return next((name for name, text_of in tried.items() if grows(run, text_of)), None)


class PatternUse:
    """A pattern of the project, and how the project uses it."""

    def __init__(self, where: str, pattern: re.Pattern, methods: set[str]) -> None:
        self.where = where
        self.pattern = pattern
        self.methods = methods


def uses_in(path: Path, module: object) -> tuple[list[PatternUse], list[str]]:
    """Return the patterns of a module, and the functions that compute a pattern when they run.

    :param module: the imported module, which has the values of the names
    """
    tree = ast.parse(path.read_text("utf-8"))
    name = getattr(module, "__name__", "")
    used: dict[str, set[str]] = {}
    found, computed = [], []
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        owner, method = node.func.value, node.func.attr
        if isinstance(owner, ast.Name) and owner.id == "re" and method in _FUNCTIONS | {"compile"}:
            if method == "compile":  # its value is found by its name
                continue
            if isinstance(node.args[0], ast.Constant):
                pattern = re.compile(node.args[0].value)
                found.append(PatternUse(f"{name}:{node.lineno}", pattern, {_SEARCHES.get(method, "search")}))
            else:
                computed.append(f"{name}:{_function_around(tree, node)}")
        elif method in _FUNCTIONS:
            key = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
            used.setdefault(key, set()).add(_SEARCHES.get(method, "search"))
    for key, pattern in _patterns_of(module):
        found.append(PatternUse(f"{name}.{key}", pattern, used.get(key.rpartition(".")[2].partition("[")[0], set())))
    return found, computed


def _patterns_of(owner: object, prefix: str = "") -> Iterator[tuple[str, re.Pattern]]:
    for key, value in list(vars(owner).items()):
        values = value if isinstance(value, tuple) else [value]
        for number, one in enumerate(values):
            for inner in one if isinstance(one, tuple) else [one]:
                if isinstance(inner, re.Pattern):
                    yield f"{prefix}{key}" + (f"[{number}]" if isinstance(value, tuple) else ""), inner
        if isinstance(value, type) and value.__module__ == getattr(owner, "__name__", None):
            yield from _patterns_of(value, f"{prefix}{key}.")


def _function_around(tree: ast.AST, node: ast.AST) -> str:
    around = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef) and node in ast.walk(one)]
    return around[-1].name if around else ""


def product_files() -> list[Path]:
    """Return the modules of the product: the replica serves only pages that we wrote."""
    return [path for path in sorted((PROJECT / "zbcrawler").rglob("*.py")) if "replica" not in path.parts]

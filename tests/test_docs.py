"""The documents name only files that exist, and their links lead somewhere."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from scrapy.utils.misc import load_object

PROJECT = Path(__file__).parents[1]
DOCUMENTS = sorted(
    [*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md"), PROJECT / "bench/README.md", PROJECT / "archive/README.md"]
)
# A file or a folder of the project in backticks; a name without dot or slash at its end is a counter in Scrapy's stats.
PATH = re.compile(r"`((?:zbcrawler|tests|docs|deploy|bench|\.ci)/(?:[\w./-]*(?:/|\.\w+))?)`")
PLACEHOLDER = re.compile(r"\b[A-Z]{2,}\b")
LINK = re.compile(r"\]\(([^)\s]+)\)")
BEFORE = {"CHANGELOG.md"}  # tells where things were, too


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_each_path_and_link_of_a_document_leads_somewhere(document):
    text = document.read_text("utf-8")
    dead = [
        name
        for name in PATH.findall(text)
        if not PLACEHOLDER.search(name) and document.name not in BEFORE and not (PROJECT / name).exists()
    ]
    # Code shows posts, whose links are the site's.
    prose = re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.DOTALL)
    links = [link.partition("#")[0] for link in LINK.findall(prose) if "://" not in link and not link.startswith("#")]
    dead += [link for link in links if not (document.parent / link).exists()]
    assert dead == []


def test_the_changelog_names_classes_where_they_are_now():
    rows = re.findall(r"^ *\|.*\| *([^|]*) *\|$", (PROJECT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    names = [name for cell in rows for name in re.findall(r"`(zbcrawler\.[\w.]+)`", cell)]
    assert len(names) > 10
    for name in names:
        assert load_object(name).__module__ == name.rpartition(".")[0]


# What Scrapy says.
NOT_OURS = {"max redirections reached", "Forbidden by robots"}


def strings_of(module):
    """Return the string literals of a module; the parts of an f-string that vary are left out."""
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_the_messages_that_operating_explains_are_those_of_the_code():
    code = "\n".join(text for module in (PROJECT / "zbcrawler").rglob("*.py") for text in strings_of(module))
    rows = re.findall(r"^\| ([^|]*) \|", (PROJECT / "docs/operating.md").read_text("utf-8"), re.MULTILINE)
    messages = [message for cell in rows for message in re.findall(r"`([^`]+)`", cell)]
    # What lies between numbers, names in capitals, ellipses and punctuation is literal.
    pieces = {piece.strip() for one in messages for piece in re.split(r"…|\d[\w.]*|[:;,().=?]|\b[A-Z_]{3,}\b", one)}
    literal = {piece for piece in pieces if piece.count(" ") >= 2} - NOT_OURS
    assert len(literal) > 50
    assert sorted(piece for piece in literal if piece not in code) == []

"""The documents name only files that exist, and their links lead somewhere."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest
from scrapy.utils.misc import load_object

PROJECT = Path(__file__).parents[1]
PAGES = ("*.md", "docs/**/*.md", "bench/**/*.md", "deploy/**/*.md", "archive/*.md", "zbcrawler/**/*.md")
DOCUMENTS = sorted(path for pattern in PAGES for path in PROJECT.glob(pattern))
CODE = sorted(
    path
    for folder in ("zbcrawler", "tests", "bench", "deploy")
    for path in (PROJECT / folder).rglob("*")
    if path.is_file() and "fixtures" not in path.parts and path.suffix not in {".pyc", ".md", ".png", ".webp"}
) + [path for path in PROJECT.iterdir() if path.suffix in {".txt", ".cfg", ".toml"}]
# A file or a folder of the project in backticks; a name without dot or slash at its end is a counter in Scrapy's stats.
PATH = re.compile(r"`((?:zbcrawler|tests|docs|deploy|bench|\.ci)/(?:[\w./-]*(?:/|\.\w+))?)`")
# A page that a comment or a message names, behind it perhaps #an-anchor, or a comma and the heading in quotes.
NAMED_PAGE = re.compile(r"""\b(docs/[\w./-]+\.\w+)(?:#([\w-]+)|, "([^"]+)")?""")
PLACEHOLDER = re.compile(r"\b[A-Z]{2,}\b")
LINK = re.compile(r"\]\(([^)\s]+)\)")
BEFORE = {"CHANGELOG.md"}  # tells where things were, too


def prose(document: Path) -> str:
    """Return a document's text without code, which shows posts: their links are the site's."""
    return re.sub(r"^```.*?^```|`[^`\n]*`", "", document.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)


def slug_of(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@cache
def anchors(document: Path) -> set[str]:
    """Return the anchors that GitHub gives to a document's headings."""
    text = re.sub(r"^```.*?^```", "", document.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    found: Counter[str] = Counter()
    names = set(re.findall(r'<a (?:id|name)="([^"]+)"', text))
    for heading in re.findall(r"^#+ +(.*?) *$", text, re.MULTILINE):
        words = re.sub(r"\]\([^)]*\)", "", heading.replace("\\_", "_"))
        slug = slug_of(words)
        names.add(f"{slug}-{found[slug]}" if found[slug] else slug)
        found[slug] += 1
    return names


def is_dead(target: Path, anchor: str) -> bool:
    return not target.exists() or (anchor != "" and target.suffix == ".md" and anchor not in anchors(target))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_each_path_link_and_anchor_of_a_document_leads_somewhere(document):
    dead = [
        name
        for name in PATH.findall(document.read_text("utf-8"))
        if not PLACEHOLDER.search(name) and document.name not in BEFORE and not (PROJECT / name).exists()
    ]
    links = [link.partition("#") for link in LINK.findall(prose(document)) if "://" not in link]
    dead += [
        f"{link}#{anchor}"
        for link, _, anchor in links
        if is_dead(document.parent / link if link else document, unquote(anchor))
    ]
    assert dead == []


def test_each_page_that_code_names_is_there_with_the_heading():
    dead, count = [], 0
    for file in [*CODE, PROJECT / "CHANGELOG.md"]:
        for page, anchor, heading in NAMED_PAGE.findall(file.read_text("utf-8", errors="replace")):
            count += 1
            if is_dead(PROJECT / page, anchor or slug_of(heading)):
                dead.append(f"{file.relative_to(PROJECT)}: {page} {anchor or heading}")
    assert count > 20
    assert dead == []


def test_the_index_of_the_documentation_lists_every_page():
    index = PROJECT / "docs/README.md"
    listed = {(index.parent / link.partition("#")[0]).resolve() for link in LINK.findall(prose(index))}
    pages = {path.resolve() for path in (PROJECT / "docs").rglob("*.md") if path != index}
    decisions = (PROJECT / "docs/explanation/decisions").resolve()
    missing = {path for path in pages - listed if path.parent != decisions}
    assert sorted(path.relative_to(PROJECT.resolve()).as_posix() for path in missing) == []


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


def test_the_messages_that_the_reference_explains_are_those_of_the_code():
    code = "\n".join(text for module in (PROJECT / "zbcrawler").rglob("*.py") for text in strings_of(module))
    rows = re.findall(r"^\| ([^|]*) \|", (PROJECT / "docs/reference/messages.md").read_text("utf-8"), re.MULTILINE)
    messages = [message for cell in rows for message in re.findall(r"`([^`]+)`", cell)]
    # What lies between numbers, names in capitals, ellipses and punctuation is literal.
    pieces = {piece.strip() for one in messages for piece in re.split(r"…|\d[\w.]*|[:;,().=?]|\b[A-Z_]{3,}\b", one)}
    literal = {piece for piece in pieces if piece.count(" ") >= 2} - NOT_OURS
    assert len(literal) > 50
    assert sorted(piece for piece in literal if piece not in code) == []

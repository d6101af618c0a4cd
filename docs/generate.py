"""Write the pages of docs/reference/ that repeat what the code declares: ``.venv/bin/python docs/generate.py``."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).parents[1]
sys.path.insert(0, str(PROJECT))

from zbcrawler.commands import crawl  # noqa: E402
from zbcrawler.common.arguments import EXIT_CODES  # noqa: E402
from zbcrawler.common.settings_file import REFUSED, SETTINGS_FILE  # noqa: E402
from zbcrawler.spiders.backfill import BackfillSpider  # noqa: E402
from zbcrawler.spiders.realtime import RealtimeSpider  # noqa: E402
from zbcrawler.spiders.story import StorySpider  # noqa: E402
from zbcrawler.tools.learning import LearnSpider  # noqa: E402

REFERENCE = PROJECT / "docs/reference"
NOTE = "<!-- Made by docs/generate.py from the code. Change the code, and run .venv/bin/python docs/generate.py -->"
COMMANDS = "crawl import learn init doctor status site history export owed verify probe demo replica".split()
SPIDERS = {
    "crawl realtime": RealtimeSpider,
    "crawl backfill": BackfillSpider,
    "crawl story": StorySpider,
    "learn": LearnSpider,
}


class Row(NamedTuple):
    names: list[str]
    values: list[str]  # as the code has them
    meaning: str


def cell(text: str) -> str:
    """Return a text for a table, with links to the documents that it names."""
    linked = re.sub(r"\b(?:docs|bench)/[\w/-]+\.md", r"[\g<0>](../../\g<0>)", " ".join(text.split()))
    return linked.replace("|", "\\|").replace("(../../docs/", "(../")


def table(*rows: tuple[str, ...]) -> str:
    head, *others = (f"| {' | '.join(map(cell, row))} |" for row in rows)
    return "\n".join([head, "|" + " --- |" * len(rows[0]), *others])


def settings_of(module: str) -> Iterator[tuple[str, list[Row]]]:
    """Yield the groups of a module of settings: the title, and a row for each setting.

    A setting without a comment belongs to the one before.
    """
    source = (PROJECT / module).read_text("utf-8")
    lines, title, rows = source.splitlines(), "", list[Row]()
    for node in ast.parse(source).body:
        if not isinstance(node, ast.Assign | ast.AnnAssign):
            continue
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        value = ast.get_source_segment(source, node.value) or ""
        first, is_joined = node.lineno - 1, bool(lines[node.lineno - 2].strip())
        while first and lines[first - 1].startswith("# "):
            first -= 1
        above = lines[first : node.lineno - 1]
        if above and above[0].startswith("# -- "):
            yield title, rows
            title, rows = above.pop(0).strip("# -"), []
        behind = lines[node.end_lineno - 1][node.end_col_offset :].partition("# ")[2]
        meaning = " ".join([*(line.removeprefix("# ") for line in above), behind]).strip()
        if meaning or not (rows and is_joined):
            rows.append(Row([], [], meaning[:1].upper() + meaning[1:]))
        rows[-1].names.append(ast.unparse(target))
        rows[-1].values.append(value)
    yield title, rows


def settings_page() -> str:
    groups = [(title, rows) for title, rows in settings_of("zbcrawler/settings.py") if title]
    groups += [
        ("many machines (SCRAPY_PROJECT=cluster)", rows) for _, rows in settings_of("zbcrawler/cluster/settings.py")
    ]
    own = {name for _, rows in groups for row in rows for name in row.names}
    refused = ", ".join(f"`{name}`" for name in sorted(own & REFUSED))
    parts = [
        "# Settings",
        NOTE,
        "A setting of one run: `-s NAME=VALUE`. Settings of an archive: lines `NAME = VALUE` in its "
        f"`{SETTINGS_FILE}`, a TOML file that `scrapy init` writes and every command reads. `-s` goes before the file, "
        "the file before the defaults below.",
        table(
            ("kind", "with -s", f"in {SETTINGS_FILE}"),
            ("switch", "`-s KEEP_PICTURES=1`, or `0`", "`KEEP_PICTURES = true`, or `false`"),
            (
                "number; a default without a point takes whole numbers only",
                "`-s DOWNLOAD_DELAY=2.5`",
                "`DOWNLOAD_DELAY = 2.5`",
            ),
            ("text", "`-s NEWEST_LIMIT=2d`", '`NEWEST_LIMIT = "2d"`'),
            ("list", "`-s FRONT_MATTER_KEYS=section,byline`", '`FRONT_MATTER_KEYS = ["section", "byline"]`'),
            ("object (`{…}`)", "as JSON", "not allowed"),
        ),
        "A mistyped name or value is refused in one line, with exit code 2. Others may have written an archive's file, "
        f"so only `-s` may set {refused}, the objects, and Scrapy's settings that are not listed here.",
        "*Default:* in a meaning names Scrapy's own default, where zbcrawler differs. Scrapy's [other settings]"
        "(https://docs.scrapy.org/en/latest/topics/settings.html#built-in-settings-reference) have Scrapy's defaults.",
    ]
    for title, rows in groups:
        shown = [
            (
                "<br>".join(f"`{name}`" for name in row.names),
                "<br>".join("see below" if "\n" in value else f"`{value}`" for value in row.values),
                row.meaning,
            )
            for row in rows
            if row.meaning or "\n" in row.values[0]
        ]
        parts += [f"## {title[:1].upper() + title[1:]}", table(("setting", "default", "meaning"), *shown)]
        parts += [
            f"```python\n{name} = {value}\n```"
            for row in rows
            for name, value in zip(row.names, row.values, strict=True)
            if "\n" in value
        ]
    return "\n\n".join(parts) + "\n"


def arguments_page() -> str:
    parts = [
        "# Arguments of spiders",
        NOTE,
        "`scrapy crawl SPIDER -a NAME=VALUE` runs a spider with arguments; `-a` may be repeated. "
        "`scrapy crawl SPIDER --help` shows the same as this page.",
    ]
    for words, spider in SPIDERS.items():
        shown = [
            (f"`{name}`", one.meaning, f"`{one.default}`" if one.default else "", f"`-a {name}={one.example}`")
            for name, one in spider.ARGUMENTS.items()
        ]
        about = (spider.__doc__ or "").strip().partition("\n")[0].replace("``", "`")
        parts += [f"## scrapy {words}", about, table(("argument", "meaning", "default", "example"), *shown)]
    return "\n\n".join(parts) + "\n"


def exit_codes_page() -> str:
    codes = [(f"**{code}**", meaning) for code, meaning in EXIT_CODES.items()]
    commands = []
    for name in COMMANDS:
        about = import_module(f"{crawl.__package__}.{name}").Command.__doc__.strip()
        commands.append(
            (
                f"`scrapy {name}`",
                re.sub(r"\b(\d+(?:, \d+)*):", r"**\1**:", about.removeprefix("Exit code ")).replace("``", "`"),
            )
        )
    parts = [
        "# Exit codes",
        NOTE,
        table(("code", "meaning"), *codes),
        "`realtime`, `backfill`, `story`, `learn` and `import` exclude only runs of their own kind. The operating "
        "system releases the lock when the process ends, however it ends.",
        "## What 0 and 1 mean for each command",
        table(("command", "exit code"), *commands),
    ]
    return "\n\n".join(parts) + "\n"


def pages() -> dict[Path, str]:
    """Return the text of each page by its file."""
    return {
        REFERENCE / "settings.md": settings_page(),
        REFERENCE / "arguments.md": arguments_page(),
        REFERENCE / "exit-codes.md": exit_codes_page(),
    }


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, "utf-8")

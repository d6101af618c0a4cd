"""The pages of docs/reference/ that repeat what the code declares."""

from __future__ import annotations

import ast
import runpy
from pathlib import Path

import pytest

from zbcrawler import settings

PROJECT = Path(__file__).parents[1]
PAGES = runpy.run_path(str(PROJECT / "docs/generate.py"))["pages"]()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_each_page_says_what_the_code_says(path):
    assert path.read_text("utf-8") == PAGES[path], "run .venv/bin/python docs/generate.py, and read the difference"


def test_each_setting_of_the_project_is_on_the_page_with_a_meaning():
    page = PAGES[PROJECT / "docs/reference/settings.md"]
    of_every_project = {"BOT_NAME", "SPIDER_MODULES", "NEWSPIDER_MODULE", "COMMANDS_MODULE"}
    names = {name for name in vars(settings) if name.isupper()} - of_every_project
    assert {name for name in names if f"`{name}`" not in page} == set()
    rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| `")]
    assert [row[0] for row in rows if not row[2].rstrip("| ") and row[1] != "see below"] == []


def test_each_command_is_on_the_page_of_exit_codes():
    page = PAGES[PROJECT / "docs/reference/exit-codes.md"]
    modules = {
        path.stem for path in (PROJECT / "zbcrawler/commands").glob("*.py") if "(ProjectCommand" in path.read_text()
    }
    assert {name for name in modules - {"mergedriver"} if f"`scrapy {name}`" not in page} == set()


def test_no_command_exits_with_a_number_of_its_own():
    for path in (PROJECT / "zbcrawler/commands").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            is_code = isinstance(node, ast.Assign) and any(ast.unparse(one) == "self.exitcode" for one in node.targets)
            assert not (is_code and isinstance(node.value, ast.Constant)), f"{path}:{node.lineno}"

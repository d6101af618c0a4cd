"""The shape of the product: floors, circles, sizes and names."""

from __future__ import annotations

import ast
from collections import Counter
from graphlib import TopologicalSorter
from pathlib import Path

from support.crawling import PROJECT

ROOT = PROJECT / "zbcrawler"
# From the lowest floor to the highest. A module may import from lower floors and from its own package. The modules of
# the lowest floor may import each other.
FLOORS = (
    {"common", "signals", "settings"},
    {"cleaning"},
    {"items"},
    {"editions", "archive", "replica"},
    {"exporters", "downloading"},
    {"pipelines", "discovery"},
    {"extensions", "spiders"},
    {"tools", "cluster"},
    {"commands"},
)
FLOOR = {name: floor for floor, names in enumerate(FLOORS) for name in names}
# Scrapy names every command's class; the replica is no product code.
SHARED_NAMES = {"Command"}


def name_of(path: Path) -> str:
    parts = path.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


TREES = {name_of(path): ast.parse(path.read_text("utf-8")) for path in sorted(ROOT.rglob("*.py"))}
LINES = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in ROOT.rglob("*.py")}


def imports_of(module: str) -> set[str]:
    """Return the project's modules that a module imports, anywhere in it."""
    found = set()
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module}: a relative import"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in TREES else node.module for name in names}
    return (found & TREES.keys()) - {module}


def package_of(module: str) -> str:
    return module.split(".")[1]


def part_of(module: str) -> object:
    """Return what may import from itself: a package, or the whole lowest floor."""
    package = package_of(module)
    return package if FLOOR[package] else FLOOR[package]


def test_every_module_imports_from_lower_floors_or_its_own_package():
    upward = [
        f"{module} imports {other}"
        for module in TREES.keys() - {"zbcrawler"}
        for other in imports_of(module)
        if part_of(module) != part_of(other) and FLOOR[package_of(module)] <= FLOOR[package_of(other)]
    ]
    assert sorted(upward) == []


def test_no_modules_import_each_other_in_a_circle():
    TopologicalSorter({module: imports_of(module) for module in TREES}).prepare()


def test_there_are_few_modules_and_packages_at_the_top():
    top = {path.name for path in ROOT.iterdir() if path.name not in {"__init__.py", "__pycache__", "py.typed"}}
    packages = {name for name in top if (ROOT / name).is_dir()}
    assert len(packages) <= 13
    assert len(top - packages) <= 5
    assert {name.removesuffix(".py") for name in top} == FLOOR.keys()


def test_no_module_and_no_class_is_long():
    assert {module: lines for module, lines in LINES.items() if lines > 300} == {}
    sizes = {
        f"{module}.{node.name}": node.end_lineno - node.lineno + 1
        for module, node in classes()
        if package_of(module) != "replica"
    }
    assert {name: lines for name, lines in sizes.items() if lines > 150} == {}


def test_no_two_classes_have_the_same_name():
    names = Counter(node.name for module, node in classes() if package_of(module) != "replica")
    assert {name for name, count in names.items() if count > 1} <= SHARED_NAMES


def classes() -> list[tuple[str, ast.ClassDef]]:
    return [
        (module, node) for module, tree in TREES.items() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)
    ]

"""Writes the expected post of every saved page anew, and shows what that changes.

Usage: ``python tests/regenerate.py`` from the project's root; look at the diff before you commit it.
"""

from __future__ import annotations

import difflib
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

from pages import cases, post_of  # noqa: E402


def main() -> None:
    """Prints a unified diff of what changed, and how many posts that were."""
    changed = 0
    for case in cases():
        expected = case.with_suffix(".md")
        old = expected.read_text("utf-8") if expected.exists() else ""
        new = post_of(case)
        if old != new:
            changed += 1
            names = (f"{expected} (was)", f"{expected} (is)")
            sys.stdout.writelines(difflib.unified_diff(old.splitlines(True), new.splitlines(True), *names))
            expected.write_text(new, "utf-8", newline="\n")
    print(f"{changed} of {len(cases())} posts changed")


if __name__ == "__main__":
    main()

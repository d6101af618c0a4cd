"""Write the expected files of all saved pages and listings again, and show the changes.

Usage: ``python tests/regenerate.py`` in the project's root. Read the diff before you commit it.
"""

from __future__ import annotations

import difflib
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

from support.pages import cases, entries_in, listings, post_of  # noqa: E402


def main() -> None:
    """Print a unified diff of the changed files, and their number."""
    changed = 0
    pairs = [(case.with_suffix(".md"), post_of(case)) for case in cases()]
    pairs += [(case.with_suffix(".json"), entries_in(case)) for case in listings()]
    for expected, new in pairs:
        old = expected.read_text("utf-8") if expected.exists() else ""
        if old != new:
            changed += 1
            names = (f"{expected} (was)", f"{expected} (is)")
            sys.stdout.writelines(difflib.unified_diff(old.splitlines(True), new.splitlines(True), *names))
            expected.write_text(new, "utf-8", newline="\n")
    print(f"{changed} of {len(pairs)} files changed")


if __name__ == "__main__":
    main()

"""Change the build of the site under an archive, and count what heals: each redesign, and each known build to another.

A known build's own edition is taken out of the code when the site changes to it.
"""

from __future__ import annotations

import sys
from itertools import permutations
from pathlib import Path
from tempfile import TemporaryDirectory

PROJECT = Path(__file__).parents[1]
# The measurement uses the crawls of the tests.
sys.path.append(str(PROJECT / "tests"))

from support.redesigned import Healing, heal  # noqa: E402

from zbcrawler.replica.redesigns import REDESIGNS  # noqa: E402

KNOWN = ("drupal7", "drupal", "mainland", "astro", "react")
CHANGES = (*(("react", name) for name in REDESIGNS), *permutations(KNOWN, 2))


def main(stories: int = 150, *only: str) -> None:
    """Print the table, and the first five faults of each change.

    :param stories: in the archive before the change
    :param only: changes, written as ``react-hashed``; all if none is given
    """
    print(f"{stories} stories in the archive\n")
    print("| from | to | healed | exit codes | requests of the first run | seconds | wrong posts | missing posts |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    wrong, healed = [], 0
    for before, after in CHANGES:
        if only and f"{before}-{after}" not in only:
            continue
        with TemporaryDirectory() as name:
            found = heal(Path(name), before, after, stories)
        print("| " + " | ".join(_cells(found)) + " |", flush=True)
        healed += found.healed
        wrong += [f"{before} to {after}: {fault}" for fault in found.wrong[:5]]
    print(f"\n{healed} healed")
    print(*wrong, sep="\n")


def _cells(found: Healing) -> list[str]:
    codes = " ".join(map(str, found.codes))
    figures = (found.requests[0], found.seconds[0], len(found.wrong), len(found.missing))
    return [found.before, found.after, "yes" if found.healed else "no", codes, *map(str, figures)]


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]), *sys.argv[2:])

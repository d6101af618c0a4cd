"""Learn each redesign and each known build from stories of another, without a crawl, and read all other stories.

The first table line of each change says how far the learning came; the lines below it, what was read wrongly.
"""

from __future__ import annotations

import sys
from time import process_time

from bench.redesigns import CHANGES  # makes the tests' folder importable

from support.lessons import learn_and_read  # isort: skip


def main(stories: int = 150, *only: str) -> None:
    """Print the table, and the first three faults of each change.

    :param stories: archived in the first build
    :param only: changes, written as ``react-hashed``; all if none is given
    """
    print("| from | to | learnt | proof | read | refused | wrong | seconds |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    faults = []
    for before, after in CHANGES:
        if only and f"{before}-{after}" not in only:
            continue
        began = process_time()
        found = learn_and_read(before, after, stories)
        figures = (found.read, found.refused, len(found.wrong), f"{process_time() - began:.1f}")
        cells = (before, after, "yes" if found.learnt.declaration else "no", found.learnt.says, *map(str, figures))
        print("| " + " | ".join(cells) + " |", flush=True)
        faults += [f"{before} to {after}: {fault}" for fault in found.wrong[:3]]
    print("", *faults, sep="\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]), *sys.argv[2:])

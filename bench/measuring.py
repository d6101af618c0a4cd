"""Run contestants in turns, and print their costs: medians, and the ratios of figures of the same turn."""

from __future__ import annotations

import gc
import os
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from threading import Thread
from time import perf_counter, process_time, sleep
from typing import NamedTuple

_HIGH_WATER = re.compile(r"^VmHWM:\s*(\d+) kB", re.MULTILINE)


class Cost(NamedTuple):
    """The cost of a process and of the processes that it waited for.

    :ivar cpu: seconds of processor time, of user and system
    :ivar seconds: from start to end
    :ivar memory: MiB at the peak, of the process itself
    """

    cpu: float
    seconds: float
    memory: float


def environment() -> dict[str, str]:
    """Return the environment, with Python's compiled files kept."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def cost_of(command: Sequence[object], cwd: Path, allowed: tuple[int, ...] = (0,)) -> Cost:
    """Run a command to its end.

    :param allowed: exit codes that do not raise an error
    :raises RuntimeError: if the command fails, with its output
    """
    began = perf_counter()
    process = subprocess.Popen(
        list(map(str, command)), cwd=cwd, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    peaks = [0.0]
    # wait4 returns this process's memory if that is larger, because the child began as its copy.
    watch = Thread(target=_watch_memory, args=(process.pid, peaks), daemon=True)
    watch.start()
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    if process.returncode not in allowed:
        raise RuntimeError(f"{command}: exit code {process.returncode}\n{output.decode(errors='replace')[-3000:]}")
    watch.join()
    return Cost(usage.ru_utime + usage.ru_stime, perf_counter() - began, max(peaks))


def _watch_memory(process: int, peaks: list[float]) -> None:
    """Read the kernel's high-water mark of a process until it ends."""
    with suppress(OSError):
        while found := _HIGH_WATER.search(Path(f"/proc/{process}/status").read_text()):
            peaks[0] = int(found[1]) / 1024
            sleep(0.05)


def cpu_of(work: Callable[[], object], at_least: float = 0.1) -> float:
    """Return the seconds of processor time of a piece of work in this process.

    :param at_least: seconds; the work is repeated until it has taken this long
    """
    rounds, took = 1, 0.0
    while True:
        began = process_time()
        for _ in range(rounds):
            work()
        took = process_time() - began
        if took >= at_least:
            return took / rounds
        rounds *= 2


def in_turns(contestants: Mapping[str, Callable[[], float]], turns: int) -> dict[str, list[float]]:
    """Return the figures of each contestant. All run once per turn, so that a noisy minute affects all of them."""
    figures: dict[str, list[float]] = {name: [] for name in contestants}
    # The garbage collector must not search the measurement's own data, nor that of another contestant.
    gc.collect()
    gc.freeze()
    for _ in range(turns):
        for name, measure in contestants.items():
            figures[name].append(measure())
    return figures


@dataclass
class Row:
    """A line of a table, which compares our figures with another's.

    :ivar what: what was measured
    :ivar ours: one figure per turn
    :ivar other: the other's figures of the same turns
    :ivar unit: of both
    :ivar goal: in words
    :ivar inverse: whether the ratio is other to ours
    """

    what: str
    ours: list[float]
    other: list[float]
    unit: str
    goal: str = ""
    inverse: bool = False

    @property
    def ratios(self) -> list[float]:
        pairs = zip(self.ours, self.other, strict=True)
        return sorted(other / ours if self.inverse else ours / other for ours, other in pairs)

    def cells(self) -> list[str]:
        ratios = self.ratios
        ours, other = (f"{median(figures):.4g} {self.unit}" for figures in (self.ours, self.other))
        return [self.what, ours, other, f"{median(ratios):.2f} ({ratios[0]:.2f}–{ratios[-1]:.2f})", self.goal]


def show(title: str, other: str, rows: Sequence[Row], ours: str = "zbcrawler") -> None:
    """Print a table in Markdown.

    :param other: name of the other contestant
    :param ours: name of ours
    """
    lines = [["", ours, other, "ratio (lowest–highest)", "goal"], *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(5)]
    print(f"\n{title}\n")
    for number, line in enumerate(lines):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |")
        if not number:
            print("| " + " | ".join("-" * width for width in widths) + " |")

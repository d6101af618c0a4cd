"""Spread work over several processes."""

import multiprocessing
import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from typing import TypeVar

# A forked process has all modules; a new one would first import Scrapy. Fork is only safe on Linux.
_START = "fork" if sys.platform == "linux" else "spawn"
PROCESSES = os.cpu_count() or 1
_T = TypeVar("_T")
_R = TypeVar("_R")


def chunks(tasks: Iterable[_T], size: int) -> Iterator[list[_T]]:
    left = iter(tasks)
    while chunk := list(islice(left, size)):
        yield chunk


def in_processes(
    work: Callable[[_T], _R], tasks: Iterable[_T], is_much: bool, processes: int = PROCESSES
) -> Iterator[_R]:
    """Yield the results of tasks in their order, from several processes if the work is much."""
    if not is_much or processes == 1:
        yield from map(work, tasks)
        return
    waiting = deque[Future[_R]]()
    with ProcessPoolExecutor(processes, multiprocessing.get_context(_START)) as pool:
        # Memory holds a few tasks only.
        for task in tasks:
            waiting.append(pool.submit(work, task))
            if len(waiting) > 2 * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

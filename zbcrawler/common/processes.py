"""Share work among processes."""

import multiprocessing
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from typing import TypeVar

# A forked process has all modules; a new one would first import Scrapy. Fork is only safe on Linux.
_START = "fork" if sys.platform == "linux" else "spawn"
_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


def map_in_processes(work: Callable[[_Task], _Result], tasks: Iterable[_Task], processes: int) -> Iterator[_Result]:
    """Yield the results of tasks in their order. Only a few tasks are taken from ``tasks`` before they are due."""
    if processes == 1:
        yield from map(work, tasks)
        return
    waiting = deque[Future[_Result]]()
    with ProcessPoolExecutor(processes, multiprocessing.get_context(_START)) as pool:
        for task in tasks:
            waiting.append(pool.submit(work, task))
            if len(waiting) > 2 * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

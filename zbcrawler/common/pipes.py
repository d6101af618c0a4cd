"""End quietly when the reader of the output, such as ``head``, has seen enough."""

import atexit
import os
import select
import sys
from functools import cache
from types import TracebackType


@cache  # once in a process
def end_silently_without_reader() -> None:
    """From now on, print no traceback and no warning when nobody reads standard output any more."""
    atexit.register(_flush)
    sys.excepthook = _show_other_errors


def _flush() -> None:
    try:
        if sys.stdout:
            sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _show_other_errors(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not (issubclass(kind, BrokenPipeError) and _has_no_reader()):
        sys.__excepthook__(kind, error, trace)


def _has_no_reader() -> bool:
    output = select.poll()
    output.register(sys.stdout, 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _, event in output.poll(0))

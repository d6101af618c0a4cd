"""Rules by which the replica misbehaves. It looks them up before it serves a page."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, eq=False)
class Fault:
    """One way to misbehave. A fault that sets only ``pattern`` changes nothing.

    :ivar pattern: regular expression, searched in path and query of the request
    :ivar status: HTTP status instead of the page; None keeps the page (200 if ``body`` is set)
    :ivar times: number of requests that it affects; None for all
    :ivar headers: headers added to the answer, such as ``Retry-After``
    :ivar body: bytes sent instead of the page
    :ivar delay: seconds before the answer
    :ivar reset: break the connection (TCP RST) instead of answering
    :ivar cut: announce the whole length, send half of the body, close
    :ivar stall: accept the request and never answer, until the client or the replica gives up
    :ivar flood: number of bytes of markup to send after the page, without a ``Content-Length``
    """

    pattern: str = ""
    status: int | None = None
    times: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    delay: float = 0.0
    reset: bool = False
    cut: bool = False
    stall: bool = False
    flood: int = 0


class Faults:
    """The faults of one replica, with how often each was used. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Fault] = []
        # The key is the fault itself, compared by identity. So the fault stays alive while it is counted.
        self._used: dict[Fault, int] = {}
        self._storm: tuple[str, int, list[Fault]] | None = None
        self._stormed = 0

    def add(self, fault: Fault) -> Fault:
        """Add a rule. If several rules match, the one added first is used."""
        re.compile(fault.pattern)  # a wrong pattern fails here, not in the serving thread
        with self._lock:
            self._rules.append(fault)
        return fault

    def storm(self, pattern: str, one_in: int, faults: Sequence[Fault]) -> None:
        """Make one of every few requests fail, each time in the next of several ways.

        :param pattern: as in a fault; the patterns of ``faults`` are ignored
        """
        re.compile(pattern)
        with self._lock:
            self._storm, self._stormed = (pattern, one_in, list(faults)), 0

    def clear(self) -> None:
        """Remove all added rules. Faults that belong to a story stay."""
        with self._lock:
            self._rules.clear()
            self._storm = None

    def take(self, target: str) -> Fault | None:
        """Return the fault for this request, if any, and count it.

        :param target: path and query of the request
        """
        with self._lock:
            for fault in self._rules:
                if re.search(fault.pattern, target) and self._use(fault):
                    return fault
            if self._storm and re.search(self._storm[0], target):
                self._stormed += 1
                times, left = divmod(self._stormed, self._storm[1])
                if not left:
                    return self._storm[2][times % len(self._storm[2])]
        return None

    def take_own(self, fault: Fault | None) -> Fault | None:
        """Return a story's own fault if it still applies, and count it."""
        with self._lock:
            return fault if fault and self._use(fault) else None

    def _use(self, fault: Fault) -> bool:
        used = self._used.get(fault, 0)
        if fault.times is not None and used >= fault.times:
            return False
        self._used[fault] = used + 1
        return True

"""How the replica misbehaves on request: rules that are looked up before a page is served."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, eq=False)
class Fault:
    """One way to misbehave. A fault that sets nothing but ``pattern`` changes nothing.

    :ivar pattern: regular expression, searched in path and query of the request
    :ivar status: HTTP status instead of the page; None keeps the page (200 if ``body`` is set)
    :ivar times: how many requests it meets; None for all
    :ivar headers: headers added to the answer, such as ``Retry-After``
    :ivar body: bytes sent instead of the page
    :ivar delay: seconds to wait before answering
    :ivar reset: break the connection (TCP RST) instead of answering
    :ivar cut: announce the whole length, send half of the body, close
    :ivar stall: take the request and never answer, until the client or the replica gives up
    :ivar flood: send so many bytes of markup behind the page, without saying how many
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
    """The faults of one replica and how often each was used. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Fault] = []
        # Keyed by the fault itself (compared by identity), which keeps it alive while it is counted.
        self._used: dict[Fault, int] = {}
        self._storm: tuple[str, int, list[Fault]] | None = None
        self._stormed = 0

    def add(self, fault: Fault) -> Fault:
        """Add a rule; of several that match the first one added is used."""
        re.compile(fault.pattern)  # a wrong pattern fails here and not in the serving thread
        with self._lock:
            self._rules.append(fault)
        return fault

    def storm(self, pattern: str, one_in: int, faults: Sequence[Fault]) -> None:
        """Make one in so many requests fail, each time in the next of several ways.

        :param pattern: as a fault has it; the patterns of ``faults`` do not count
        """
        re.compile(pattern)
        with self._lock:
            self._storm, self._stormed = (pattern, one_in, list(faults)), 0

    def clear(self) -> None:
        """Remove all rules that were added; faults that belong to a story stay."""
        with self._lock:
            self._rules.clear()
            self._storm = None

    def take(self, target: str) -> Fault | None:
        """Return the fault that this request meets, if any; counts it.

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
        """Return the same for a fault that belongs to a story."""
        with self._lock:
            return fault if fault and self._use(fault) else None

    def _use(self, fault: Fault) -> bool:
        used = self._used.get(fault, 0)
        if fault.times is not None and used >= fault.times:
            return False
        self._used[fault] = used + 1
        return True

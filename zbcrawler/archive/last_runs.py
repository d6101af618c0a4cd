"""How the last run of each kind ended: one small private file per kind, for ``scrapy status``.

The lock of a kind has the time of the last begin. The file ``KIND.run`` has the time of the last end. It is empty after
a good run, so that a good run after a good one writes nothing.
"""

import json
import os
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, NamedTuple

from zbcrawler.archive.disk import PRIVATE, ArchiveFolder, make_way, try_lock
from zbcrawler.common.text import excerpt, printable
from zbcrawler.common.times import rough_time, shown

_SUFFIX = ".run"
_BETWEEN_ALARMS = timedelta(hours=23)  # of one cause; a run that starts a little earlier than the day before tells, too
_NEVER = datetime(1970, 1, 1, tzinfo=timezone.utc)
_NO_RUNS = {"git", "site"}  # the locks of commits and of builds of the website


class LastRun(NamedTuple):
    """The last run of a kind, by the machine's clock (aware)."""

    kind: str  # the spider's name
    began: datetime
    ended: datetime | None = None  # None: it is at work, or was killed
    failure: str = ""  # why it failed; empty: it was good
    good: datetime | None = None  # when the last good run ended
    since: datetime | None = None  # when the first of the failed runs since then ended
    alarms: dict[str, datetime] | None = None  # when a person was told last of the causes of its failure
    is_at_work: bool = False

    @property
    def is_by_hand(self) -> bool:
        """Whether a person starts runs of this kind, and sees their end."""
        return self.kind in ("story", "import", "learn")

    def describe(self) -> str:
        last = f"last good run: {shown(self.good)}" if self.good else "no good run yet"
        if self.is_at_work:
            return f"at work since {shown(self.began)}; {last}"
        if self.failure:
            since = f"; failing since {shown(self.since)}" if self.since else ""
            return f"FAILED {shown(self.ended or self.began)}: {printable(self.failure)}{since}; {last}"
        ended = self.ended or self.began
        ago = max(0, (datetime.now(timezone.utc) - ended).total_seconds())
        return f"good, {rough_time(ago)} ago ({shown(ended)})"


class RunEnd(NamedTuple):
    alarms: bool  # whether a person is to be told now: of a failure, or that a failure is over
    since: datetime | None = None  # since when runs have failed for this cause, or what is over now began


def note_end(folder: ArchiveFolder, kind: str, failure: str, now: datetime, causes: Collection[str] = ()) -> RunEnd:
    """Note that a run of this kind has ended.

    :param failure: why it failed, empty if it did its job
    :param causes: what every run reports until it is over; a person is told of each once a day
    """
    end = RunEnd(bool(failure))
    if folder.dry_run:
        return end
    with suppress(OSError):  # the run's own messages are about the disk
        path = folder.private_folder() / f"{kind}{_SUFFIX}"
        make_way(path)
        last, note = _read(path), ""
        if failure:
            told = {cause: time for cause, time in (last.alarms or {}).items() if cause in causes}
            recent = {cause: time for cause, time in told.items() if abs(now - time) < _BETWEEN_ALARMS}
            end = RunEnd(len(recent) < len(causes) or not causes, last.since if told else None)
            known = {"good": last.good, "since": last.since or now}
            times: dict[str, Any] = {name: time.isoformat() for name, time in known.items() if time}
            times["alarms"] = {cause: recent.get(cause, now).isoformat() for cause in sorted(causes)}
            note = json.dumps({"failure": excerpt(failure), **times}, ensure_ascii=False)
        elif last.alarms:
            end = RunEnd(alarms=True, since=last.since)
        folder.write(path, note.encode(errors="replace"))
        os.utime(path)
    return end


def forget_alarms(folder: ArchiveFolder, kind: str) -> None:
    """Forget when a person was told of the last run's failure, so the next run that fails for it tells again."""
    with suppress(OSError, ValueError):
        path = folder.root / PRIVATE / f"{kind}{_SUFFIX}"
        note = json.loads(path.read_bytes())
        note["alarms"] = dict.fromkeys(note["alarms"], _NEVER.isoformat())
        folder.write(path, json.dumps(note, ensure_ascii=False).encode(errors="replace"))


def last_runs(root: Path) -> list[LastRun]:
    """Return the last run of each kind, in the order of the kinds' names; raise OSError if the disk refuses."""
    found = []
    for lock in sorted(path for path in (root / PRIVATE).glob("*.lock") if path.stem not in _NO_RUNS):
        began, run = _time_of(lock), _read(lock.with_suffix(_SUFFIX))
        if not began.timestamp():  # the only run was refused
            continue
        if run.ended is None or run.ended < began:
            # A run that begins takes the lock before it sets the lock's time, so this look disturbs none.
            with lock.open("rb") as file:
                is_at_work = not try_lock(file.fileno())
            failure = "" if is_at_work else "was killed before it ended"
            run = run._replace(ended=None, failure=failure, since=run.since or (began if failure else None))
            run = run._replace(is_at_work=is_at_work)
        found.append(run._replace(began=began))
    return found


def _read(path: Path) -> LastRun:
    """Return what a file notes; a missing file notes nothing, a broken one a failure."""
    run = LastRun(path.stem, datetime.min.replace(tzinfo=timezone.utc))
    if not path.is_file():
        return run
    run = run._replace(ended=_time_of(path))
    if not (text := path.read_bytes()):
        return run._replace(good=run.ended)
    try:
        note = json.loads(text)
        good, since = (_read_time(note[name]) if name in note else None for name in ("good", "since"))
        alarms = {cause: _read_time(time) for cause, time in note.get("alarms", {}).items()}
        return run._replace(failure=str(note["failure"]), good=good, since=since, alarms=alarms)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return run._replace(failure=f"failed, and {path.name} is broken", since=run.ended)


def _read_time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(timezone.utc)


def _time_of(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, timezone.utc)

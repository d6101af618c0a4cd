"""Check the machine and the archive's folder, without the site and without writing."""

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from glob import glob
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from shlex import quote
from tempfile import TemporaryFile

from scrapy.settings import BaseSettings

from zbcrawler.archive.archive import Archive
from zbcrawler.archive.committing import Committer
from zbcrawler.archive.disk import NOTES, PICTURES, POSTS, PRIVATE
from zbcrawler.archive.git import Git, check_ready
from zbcrawler.archive.last_runs import LastRun, last_runs
from zbcrawler.archive.place import SOFTWARE, describe_changed_settings, software_around
from zbcrawler.common.errors import ArgumentError, GitError
from zbcrawler.common.times import rough_time
from zbcrawler.tools.doctor import Check

_REQUIREMENT = re.compile(r"^([\w-]+)>=([\d.]+)[^;\n]*$", re.MULTILINE)  # without those of some versions of Python
_LEAST_BYTES = 200_000_000  # a busy year has about so much
_GIT_SECONDS = 20
_NO_QUESTIONS = {"GIT_ASKPASS": "", "SSH_ASKPASS_REQUIRE": "never"}
_OVERDUE = timedelta(hours=26)  # somewhat more than a day: some people run zbcrawler daily
_UNITS = ("/etc/systemd/system/*.service", "~/.config/systemd/user/*.service")


def check_machine(settings: BaseSettings) -> Iterator[Check]:
    """Yield a line for each thing that runs need of this machine and of the archive's folder."""
    archive, pushes = Archive.from_settings(settings), settings.getbool("ARCHIVE_PUSH")
    yield check_versions()
    if not os.path.isdir(archive.root):
        remedy = f"scrapy init {quote(str(archive.root))} makes it, or mount its disk"
        yield Check("archive", f"{archive.root}: is not there", remedy)
        return
    yield from check_folder(archive.root)
    if pushes or settings.getbool("ARCHIVE_COMMIT"):
        yield from check_git(archive, pushes)
    else:
        yield Check("git", "runs commit nothing, because ARCHIVE_COMMIT is off")
    limit = timedelta(hours=settings.getfloat("LOCK_LIMIT_HOURS"))
    try:
        yield check_notes(archive)
        runs = [run for run in last_runs(archive.root) if not run.is_by_hand]
        for run in runs:
            hangs = run.is_at_work and datetime.now(timezone.utc) - run.began > limit
            remedy = "does it hang? Stop it" if hangs else "docs/reference/messages.md explains it"
            yield Check(run.kind, run.describe(), remedy if hangs or run.failure else "")
        yield check_schedule(archive.root, runs)
    except OSError as error:
        yield Check("archive", str(error), "correct its owner and permissions")


def check_versions() -> Check:
    """Compare the installed packages with the lower bounds of requirements.txt."""
    needed, old = _REQUIREMENT.findall((SOFTWARE / "requirements.txt").read_text("utf-8")), []
    for name, least in needed:
        installed = "none"
        with suppress(PackageNotFoundError):
            installed = version(name)
        if _numbers(installed) < _numbers(least):
            old.append(f"{name} {installed}, needed {least}")
    remedy = "python -m pip install --requirement requirements.txt" if old else ""
    what = ", ".join(old) or f"Scrapy {version('scrapy')} and {len(needed) - 1} other packages, as needed"
    return Check("versions", f"Python {platform.python_version()}, {what}", remedy)


def _numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text)]


def check_folder(root: Path) -> Iterator[Check]:
    """Try to write into the archive's folders, and measure the disk; nothing is left behind."""
    for folder in filter(os.path.isdir, (root / name for name in ("", POSTS, NOTES, PICTURES, PRIVATE))):
        try:
            with TemporaryFile(dir=folder) as file:
                file.write(bytes(1 << 20))
        except OSError as error:
            remedy = "correct its owner and permissions, or free space on its disk"
            yield Check("archive", f"{folder}: cannot be written: {error.strerror}", remedy)
            break
    else:
        yield Check("archive", f"{root}: can be written")
    free = shutil.disk_usage(root).free
    remedy = "free some space before runs fail" if free < _LEAST_BYTES else ""
    yield Check("disk", f"{free / 1e9:.1f} GB free", remedy)


def check_git(archive: Archive, pushes: bool) -> Iterator[Check]:
    """Check what the commits and pushes of runs need; ask the remote, without a prompt and not for long."""
    git = Git(archive.root, _GIT_SECONDS)
    try:
        Committer(archive).check(pushes)
        check_ready(git)
        identity = git.identity()
        name = git("var", "GIT_AUTHOR_IDENT", variables=identity).rpartition(">")[0]
        top = git.top.folder
    except (ArgumentError, GitError) as error:
        yield Check("git", str(error), "docs/how-to/git.md says what a run needs")
        return
    is_of_software = software_around(archive.root)
    remedy = "updates of it will fail; docs/how-to/updating.md says how to move" if is_of_software else ""
    what = f"runs commit to {'the repository of zbcrawler itself' if remedy else top}"
    changed = describe_changed_settings(git)
    yield Check("git", f"{what}; {changed}" if changed else what, remedy, bool(changed))
    unnamed = "; git config user.name and user.email choose another name" if identity else ""
    yield Check("identity", f"commits are by {name}>{unnamed}")
    if pushes:
        try:
            remotes = [] if git.has_upstream() else git("remote").split()
            git("ls-remote", "--heads", *remotes, variables=_NO_QUESTIONS)
            yield Check("remote", "answers")
        except GitError as error:
            yield Check("remote", str(error), "runs cannot push; correct the address, the key or the network")


def check_notes(archive: Archive) -> Check:
    """Count what runs still have to fetch, and what only a person can settle."""
    owed, gaps, broken = archive.notes.owed.all().values(), archive.notes.gaps.all(), archive.notes.broken()
    doubtful = sum(story.doubtful for story in owed)
    what = f"{len(owed)} stories owed" + f", {doubtful} of them doubtful" * bool(doubtful)
    # The run that left a gap has said so. A new archive has gaps where the listings go on into the past.
    what += f", gaps in {', '.join(gaps)}" * bool(gaps) + f", {len(broken)} broken notes" * bool(broken)
    remedy = "scrapy owed and docs/how-to/owed-stories.md say more"
    return Check("pending", what, remedy if doubtful or broken else "")


def check_schedule(root: Path, runs: list[LastRun]) -> Check:
    """Find what starts runs of this archive on this machine, and whether the last run was long ago."""
    if os.path.isdir(root / ".github" / "workflows"):
        return Check("schedule", "GitHub, whose page Actions shows the runs")
    found, ends = _schedules(root.resolve()), [run.ended or run.began for run in runs]
    what = ", ".join(found) or "no cron line or timer of this archive"
    if not ends:
        return Check("schedule", f"{what}; no run yet", f"scrapy crawl realtime -s ARCHIVE_DIR={quote(str(root))}")
    ago = datetime.now(timezone.utc) - max(ends)
    is_overdue = ago > _OVERDUE and not any(run.is_at_work for run in runs)
    remedy = "a run is overdue; is cron, the timer or the machine off?" if is_overdue else ""
    what += f"; the last run was {rough_time(max(0, ago.total_seconds()))} ago"
    if not found:
        what, remedy = f"{what}; scrapy init {quote(str(root))} shows how to start runs", remedy and "a run is overdue"
    return Check("schedule", what, remedy, not found)


def _schedules(root: Path) -> list[str]:
    """Return the crontab and the units that start runs of an archive, as far as this user may read them."""
    texts = {}
    with suppress(OSError, subprocess.SubprocessError):
        run = subprocess.run(["crontab", "-l"], capture_output=True, timeout=10, check=False)  # noqa: S607
        texts["crontab"] = run.stdout.decode("utf-8", "replace")
    for path in (path for pattern in _UNITS for path in glob(os.path.expanduser(pattern))):
        with suppress(OSError):
            texts[path] = Path(path).read_text("utf-8", "replace")
    # The software's own archive need not be named; others may be, in a line of their own.
    place = SOFTWARE if root == SOFTWARE / "archive" else root
    named = re.compile(rf"{re.escape(str(place))}(?![\w.-])")
    home = os.path.expanduser("~")
    for name, text in texts.items():
        texts[name] = re.sub(r"~(?=/)|\$HOME|\$\{HOME\}|%h", lambda _: home, re.sub(r"(?m)^\s*#.*", "", text))
    return [name for name, text in texts.items() if "crawl realtime" in text and named.search(text)]

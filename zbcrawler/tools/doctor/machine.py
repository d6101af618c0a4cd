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
from tempfile import TemporaryFile

from scrapy.settings import BaseSettings

from zbcrawler.archive.archive import Archive
from zbcrawler.archive.committing import Committer
from zbcrawler.archive.disk import NOTES, PICTURES, POSTS, PRIVATE
from zbcrawler.archive.git import Git, check_ready
from zbcrawler.archive.last_runs import LastRun, last_runs
from zbcrawler.archive.place import SOFTWARE, software_around
from zbcrawler.common.errors import ArgumentError, GitError
from zbcrawler.common.times import rough_time
from zbcrawler.tools.doctor import Check

_REQUIREMENT = re.compile(r"^([\w-]+)>=([\d.]+)[^;\n]*$", re.MULTILINE)  # without those of some versions of Python
_LEAST_BYTES, _LEAST_FILES = 200_000_000, 10_000  # a busy year has about so much
_GIT_SECONDS = 20
_NO_QUESTIONS = {"GIT_ASKPASS": "", "SSH_ASKPASS_REQUIRE": "never"}
_OVERDUE = timedelta(hours=26)  # somewhat more than a day: some people run zbcrawler daily
_SCHEDULES = ("/etc/crontab", "/etc/cron.d/*", "/etc/systemd/system/*.service", "~/.config/systemd/user/*.service")


def check_machine(settings: BaseSettings) -> Iterator[Check]:
    """Yield a line for each thing that runs need of this machine and of the archive's folder."""
    archive, pushes = Archive.from_settings(settings), settings.getbool("ARCHIVE_PUSH")
    yield check_versions()
    yield from check_folder(archive.root)
    if not os.path.isdir(archive.root):
        return
    yield from check_git(archive, pushes or settings.getbool("ARCHIVE_COMMIT"), pushes)
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
    if not os.path.isdir(root):
        yield Check("archive", f"{root}: is not there", f"scrapy init {root} makes it, or mount its disk")
        return
    check = Check("archive", f"{root}: can be written")
    folders = [root, *(root / name for name in (POSTS, NOTES, PICTURES, PRIVATE))]
    for folder in filter(os.path.isdir, folders):
        try:
            with TemporaryFile(dir=folder) as file:
                file.write(bytes(1 << 20))
        except OSError as error:
            remedy = "correct its owner and permissions, or free space on its disk"
            check = Check("archive", f"{folder}: cannot be written: {error.strerror}", remedy)
    yield check
    disk = os.statvfs(root)
    free, files = disk.f_bavail * disk.f_frsize, f", for {disk.f_favail:,} files" if disk.f_files else ""
    is_little = free < _LEAST_BYTES or (files and disk.f_favail < _LEAST_FILES)
    yield Check("disk", f"{free / 1e9:.1f} GB free{files}", "free some space before runs fail" if is_little else "")


def check_git(archive: Archive, commits: bool, pushes: bool) -> Iterator[Check]:
    """Check what the commits and pushes of runs need; ask the remote, without a prompt and not for long."""
    git = Git(archive.root, _GIT_SECONDS)
    if not commits:
        found = "is installed" if shutil.which("git") else "is not installed"
        yield Check("git", f"{found}; runs commit nothing, because ARCHIVE_COMMIT is off")
        return
    try:
        Committer(archive).check(pushes)
        check_ready(git)
    except (ArgumentError, GitError) as error:
        yield Check("git", str(error), "docs/how-to/git.md says what a run needs")
        return
    remedy = (
        "updates of it will fail; docs/how-to/updating.md says how to move" if software_around(archive.root) else ""
    )
    yield Check("git", f"runs commit to {'the repository of zbcrawler itself' if remedy else git.top.folder}", remedy)
    name = git("var", "GIT_AUTHOR_IDENT", variables=git.identity()).rpartition(">")[0]
    unnamed = "; git config user.name and user.email choose another name" if git.identity() else ""
    yield Check("identity", f"commits are by {name}>{unnamed}")
    if pushes:
        remotes = [] if git.has_upstream() else git("remote").split()
        try:
            git("ls-remote", "--heads", *remotes, variables=_NO_QUESTIONS)
            yield Check("remote", "answers")
        except GitError as error:
            yield Check("remote", str(error), "runs cannot push; correct the address, the key or the network")


def check_notes(archive: Archive) -> Check:
    """Count what runs still have to fetch, and name what only a person can settle."""
    owed, gaps, broken = archive.notes.owed.all().values(), archive.notes.gaps.all(), archive.notes.broken()
    doubtful = sum(story.doubtful for story in owed)
    needs = {
        f"{doubtful} of them doubtful": doubtful,
        f"a gap in {', '.join(gaps)}": gaps,
        f"broken notes: {len(broken)}": broken,
    }
    what = [f"{len(owed)} stories owed", *(words for words, is_so in needs.items() if is_so)]
    return Check("pending", ", ".join(what), "scrapy owed and docs/how-to/owed-stories.md say more" if what[1:] else "")


def check_schedule(root: Path, runs: list[LastRun]) -> Check:
    """Find what starts runs of this archive on this machine, and whether the last run was long ago."""
    found, ends, remedy = _schedules(root), [run.ended or run.began for run in runs], ""
    ago = datetime.now(timezone.utc) - max(ends) if ends else None
    last = f"the last run was {rough_time(max(0, ago.total_seconds()))} ago" if ago else "no run yet"
    if "GitHub" in found:
        last = "its page Actions shows the runs"
    elif ago is None:
        remedy = f"scrapy crawl realtime -s ARCHIVE_DIR={root}"
    elif ago > _OVERDUE and not any(run.is_at_work for run in runs):
        remedy = "a run is overdue; " + ("is cron, the timer or the machine off?" if found else "scrapy init shows how")
    return Check("schedule", f"{', '.join(found) or 'no cron line, timer or workflow of this archive'}; {last}", remedy)


def _schedules(root: Path) -> list[str]:
    """Return what starts runs of an archive, as far as this user may read it."""
    texts = {}
    with suppress(OSError, subprocess.SubprocessError):
        run = subprocess.run(["crontab", "-l"], capture_output=True, timeout=10, check=False)  # noqa: S607
        texts["crontab"] = run.stdout.decode("utf-8", "replace")
    for path in [path for pattern in _SCHEDULES for path in glob(os.path.expanduser(pattern))]:
        with suppress(OSError):
            texts[path] = Path(path).read_text("utf-8", "replace")
    found = [name for name, text in texts.items() if _starts_runs(text, root.resolve())]
    return found + ["GitHub"] * os.path.isdir(root / ".github" / "workflows")


def _starts_runs(text: str, root: Path) -> bool:
    """Whether a crontab or unit starts runs of an archive; the software's own archive needs no ``ARCHIVE_DIR``."""
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    text = re.sub(r"~(?=/)|\$HOME|\$\{HOME\}|%h", os.path.expanduser("~"), "\n".join(lines))
    places = {root, SOFTWARE if root == SOFTWARE / "archive" else root}
    return "crawl realtime" in text and any(re.search(rf"{re.escape(str(one))}(?![\w.-])", text) for one in places)

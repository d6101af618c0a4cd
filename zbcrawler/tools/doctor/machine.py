"""Check the machine and the archive's folder, without the site and without writing."""

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryFile

from zbcrawler.archive.archive import Archive
from zbcrawler.archive.committing import Committer
from zbcrawler.archive.disk import NOTES, PICTURES, POSTS, PRIVATE
from zbcrawler.archive.git import Git, check_ready
from zbcrawler.archive.last_runs import LastRun
from zbcrawler.common.errors import ArgumentError, GitError
from zbcrawler.common.times import rough_time
from zbcrawler.tools.doctor import Check

PROJECT = Path(__file__).parents[3]
_REQUIREMENT = re.compile(r"([\w-]+)>=([\d.]+)[^;\n]*(?:;.*< *['\"]([\d.]+)['\"])?")
_LEAST_BYTES, _LEAST_FILES = 200_000_000, 10_000  # a busy year has about so much
_GIT_SECONDS = 20
_NO_QUESTIONS = {"GIT_ASKPASS": "", "SSH_ASKPASS_REQUIRE": "never"}
_OVERDUE = timedelta(hours=26)  # somewhat more than a day: some people run zbcrawler daily
_RUN = "scrapy crawl"
_CRON = ("/etc/crontab", "/etc/cron.d/*")
_UNITS = {"system": "/etc/systemd/system/*.service", "user": "~/.config/systemd/user/*.service"}


def check_versions() -> Check:
    """Compare the installed packages with the lower bounds of requirements.txt."""
    here, old, count = platform.python_version(), [], 0
    for name, least, below in _REQUIREMENT.findall((PROJECT / "requirements.txt").read_text("utf-8")):
        if below and _numbers(here) >= _numbers(below):
            continue
        count += 1
        try:
            installed = version(name)
        except PackageNotFoundError:
            installed = "missing"
        if _numbers(installed) < _numbers(least):
            old.append(f"{name} {installed}, needed {least}")
    remedy = "python -m pip install --requirement requirements.txt" if old else ""
    return Check("versions", f"Python {here}: {', '.join(old) or f'{count} packages, as needed'}", remedy)


def _numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text)]


def check_folder(root: Path) -> Iterator[Check]:
    """Try to write into the archive's folders, and measure the disk; nothing is left behind."""
    if not root.is_dir():
        yield Check("archive", f"{root}: is not there", f"scrapy init {root} makes it, or mount its disk")
        return
    what, remedy, folder = "can be written", "", root
    try:
        for folder in (root, *(root / name for name in (POSTS, NOTES, PICTURES, PRIVATE) if (root / name).is_dir())):
            with TemporaryFile(dir=folder) as file:
                file.write(bytes(1 << 20))
        folder = root
    except OSError as error:
        what = f"cannot be written: {error.strerror}"
        remedy = "correct its owner and permissions, or free space on its disk"
    yield Check("archive", f"{folder}: {what}", remedy)
    disk = os.statvfs(root)
    free, files = disk.f_bavail * disk.f_frsize, disk.f_favail
    is_little = free < _LEAST_BYTES or (disk.f_files and files < _LEAST_FILES)
    remedy = "free some space before runs fail" if is_little else ""
    yield Check("disk", f"{free / 1e9:.1f} GB free" + (f", for {files:,} files" if disk.f_files else ""), remedy)


def check_git(archive: Archive, commits: bool, pushes: bool) -> Iterator[Check]:
    """Check what the commits and pushes of runs need; ask the remote, without a prompt and not for long."""
    git = Git(archive.root, _GIT_SECONDS)
    if not commits:
        found = "is installed" if shutil.which("git") else "is not installed"
        yield Check("git", f"{found}; runs do not commit, because ARCHIVE_COMMIT is off")
        return
    try:
        Committer(archive).check(pushes)
        check_ready(git)
        top = git.top.folder
    except (ArgumentError, GitError) as error:
        yield Check("git", str(error), "docs/operating.md (Git) explains each message")
        return
    is_software = top.resolve() == PROJECT
    remedy = (
        "git pull of a new version will fail; scrapy init FOLDER makes a place for an archive" if is_software else ""
    )
    yield Check("git", f"runs commit to {'the repository of zbcrawler itself' if is_software else top}", remedy)
    author, unnamed = git.identity(), ""
    if author:
        unnamed = "; git config user.name and user.email choose another name"
    name = " ".join(dict.fromkeys(author.values())) or git("var", "GIT_AUTHOR_IDENT").rpartition(">")[0] + ">"
    yield Check("identity", f"commits are by {name}{unnamed}")
    if pushes:
        remote = (git("remote").split() or [""])[0] if not git.has_upstream() else ""
        try:
            git("ls-remote", "--heads", *filter(None, [remote]), variables=_NO_QUESTIONS)
            yield Check("remote", "answers")
        except GitError as error:
            yield Check("remote", str(error), "runs cannot push; correct the address, the key or the network")


def check_notes(archive: Archive) -> Check:
    """Count what runs still have to fetch, and name what only a person can settle."""
    stories, gaps, broken = archive.notes.owed.all().values(), archive.notes.gaps.all(), archive.notes.broken()
    doubtful = sum(story.doubtful for story in stories)
    needs = [f"{doubtful} of them doubtful"] * bool(doubtful) + [f"{len(broken)} broken notes"] * bool(broken)
    needs += [f"a gap in {', '.join(gaps)}"] * bool(gaps)
    remedy = "scrapy owed says which; docs/operating.md (Owed stories and gaps)" if needs else ""
    return Check("pending", ", ".join([f"{len(stories)} stories owed", *needs]), remedy)


def check_schedule(root: Path, runs: list[LastRun]) -> Check:
    """Find what starts runs of this archive on this machine, and whether the last run was long ago."""
    found, remedy = _schedules(root), ""
    ends = [run.ended or run.began for run in runs]
    ago = (datetime.now(timezone.utc) - max(ends)) if ends else None
    last = f"the last run was {rough_time(max(0, ago.total_seconds()))} ago" if ago else "no run yet"
    if stopped := [name for name, is_active in found.items() if not is_active]:
        remedy = f"its timer is not active: systemctl enable --now {stopped[0].rpartition('.')[0]}.timer"
    elif ago is None:
        remedy = f"scrapy crawl realtime -s ARCHIVE_DIR={root}"
    elif ago > _OVERDUE and not any(run.is_at_work for run in runs):
        remedy = "a run is overdue; " + ("is cron, the timer or the machine off?" if found else "scrapy init shows how")
    nothing = "no cron line, timer or workflow starts runs of this archive"
    return Check("schedule", f"{', '.join(found) or nothing}; {last}", remedy)


def _schedules(root: Path) -> dict[str, bool]:
    """Return what starts runs of an archive, as far as this user may read it, and whether it is active."""
    found = {str(path): True for path in _files(*_CRON) if _starts(_text(path), root)}
    found |= {"crontab": True} if _starts(_printed("crontab", "-l"), root) else {}
    for kind, pattern in _UNITS.items():
        for path in (path for path in _files(pattern) if _starts(_text(path), root)):
            state = _printed("systemctl", f"--{kind}", "is-active", f"{path.stem}.timer")
            found[path.name] = state in ("active", "")  # empty: this machine does not say
    return found | {path.name: True for path in _files(f"{root}/.github/workflows/*.y*ml") if _RUN in _text(path)}


def _text(path: Path) -> str:
    return path.read_text("utf-8", "replace")


def _files(*patterns: str) -> Iterator[Path]:
    for pattern in map(os.path.expanduser, patterns):
        parent, _, name = pattern.rpartition("/")
        yield from (path for path in sorted(Path(parent).glob(name)) if path.is_file() and os.access(path, os.R_OK))


def _starts(text: str, root: Path) -> bool:
    """Whether the lines of a crontab or unit start runs of an archive; the project's own needs no ``ARCHIVE_DIR``."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    text = re.sub(r"~(?=/)|\$HOME|\$\{HOME\}|%h", os.path.expanduser("~"), "\n".join(lines))
    place = root.resolve()
    places = [place, PROJECT] if place == PROJECT / "archive" else [place]
    return _RUN in text and any(re.search(rf"{re.escape(str(one))}(?![\w.-])", text) for one in places)


def _printed(*words: str) -> str:
    """Return what a program prints, empty if it cannot be run."""
    try:
        run = subprocess.run(words, capture_output=True, encoding="utf-8", errors="replace", timeout=10, check=False)  # noqa: S603
        return run.stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""

"""Make a place for an archive: a folder with settings and a git repository of its own, and a schedule for its runs."""

import getpass
import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from zbcrawler.archive.clone_setup import ATTRIBUTES, has_own_attributes, show_changed_words
from zbcrawler.archive.disk import POSTS, ArchiveFolder
from zbcrawler.archive.git import ANONYMOUS, Git
from zbcrawler.archive.place import SOFTWARE, is_empty_archive, software_around
from zbcrawler.common.errors import ArgumentError, GitError
from zbcrawler.common.settings_file import SETTINGS_FILE

SCHEDULES = {
    "cron": """\
A run every quarter of an hour: add this line with crontab -e (docs/how-to/scheduling.md)
  */15 * * * *  {command}""",
    "systemd": """\
A run every quarter of an hour, by systemd:
  sudo cp {root}/.zbcrawler/systemd/* /etc/systemd/system/ && sudo systemctl daemon-reload
  sudo systemctl enable --now zbcrawler.timer
Write your address into zbcrawler-failed@.service, which mails failures.""",
    "github": """\
In .github/workflows/archive.yml, ZBCRAWLER_REPOSITORY must be the software's repository on GitHub.
There, make an empty repository for the archive, then push:
  git -C {root} remote add origin git@github.com:YOU/news.git
  git -C {root} push -u origin HEAD
README.md says what the runs cost, how to get a website, and where a failure shows.""",
}
"""How each schedule starts the runs of an archive."""
_DEPLOY = SOFTWARE / "deploy"
_GITHUB = _DEPLOY / "github"
_NO_IDENTITY = """\
note: git does not know who you are, so commits here are by zbcrawler; for your name in later ones:
  git -C {root} config user.name "Your Name"
  git -C {root} config user.email you@example.org"""


class NewArchive:
    """The place of an archive; a second time, only what is missing is added, and nothing is overwritten."""

    def __init__(self, folder: str, schedule: str) -> None:
        """Write nothing yet; raise ArgumentError if the folder is no place for an archive."""
        self.root = Path(os.path.abspath(os.path.expanduser(folder)))
        self.schedule = schedule
        self.git = Git(self.root)
        self.has_posts = (self.root / POSTS).is_dir()
        self._check()

    def make(self) -> Iterator[str]:
        """Yield a line for each thing that is made or kept; raise OSError or GitError if the disk or git refuses."""
        is_there = self.root.is_dir()
        self.root.mkdir(parents=True, exist_ok=True)
        yield f"{'kept' if is_there else 'made'}: {self.root}"
        yield self._make_repository()
        show_changed_words(self.git)
        files = self._files()
        for name, text in files.items():
            path = self.root / name
            is_there = os.path.lexists(path)
            if not is_there:
                ArchiveFolder(self.root).write(path, text.encode())
            yield f"{'kept' if is_there else 'made'}: {name}"
        if is_nameless := (self.root / ".git").exists() and bool(self.git.identity()):
            self._name_author()
        yield from self._commit([name for name in files if not name.startswith(".zbcrawler/")])
        if is_nameless:
            yield _NO_IDENTITY.format(root=shlex.quote(str(self.root)))

    def next_steps(self) -> str:
        """Return how the runs are started by the schedule."""
        words = [*program(), "crawl", "realtime", "--quiet", "-s", f"ARCHIVE_DIR={self.root}"]
        command = f"cd {shlex.quote(str(SOFTWARE))} && {shlex.join(words)}"
        # cron reads % as the end of a line.
        return SCHEDULES[self.schedule].format(root=shlex.quote(str(self.root)), command=command.replace("%", r"\%"))

    def _check(self) -> None:
        name = f"{self.root}"
        if not name.isprintable():
            raise ArgumentError(f"{name!r}: name a folder without control characters, such as ~/news")
        if self.root.exists() and not self.root.is_dir():
            raise ArgumentError(f"{name}: is a file; name a new folder, such as ~/news")
        if software := software_around(self.root):
            what = "where news and new versions would get into each other's way; name a folder outside, such as ~/news"
            what += "; docs/how-to/updating.md says how to move an archive" * self.has_posts
            raise ArgumentError(f"{name}: lies in the software's own folder {software}, {what}")
        is_archive = self.has_posts or (self.root / SETTINGS_FILE).is_file()
        is_taken = self.root == Path.home() or (self.root.is_dir() and not is_empty_archive(self.root))
        if is_taken and not is_archive:
            raise ArgumentError(f"{name}: has other files and no archive; name a new folder, such as {name}/news")
        if not shutil.which("git"):
            raise ArgumentError("git is not installed on this machine; install it, and run this again")

    def _make_repository(self) -> str:
        if (self.root / ".git").exists():
            return "kept: its git repository"
        try:
            around = self.git("rev-parse", "--show-toplevel").strip()
        except GitError:
            around = ""
        if around and self.git.names("ls-files", "-z"):
            return f"kept: its place in the git repository {around}"
        self.git("init", "--quiet")
        return "made: its own git repository" + f", inside that of {around}, which should ignore it" * bool(around)

    def _name_author(self) -> None:
        # Runs need no author, but commits by hand do, such as those of the settings.
        for what, name in ANONYMOUS.items():
            if not self.git("config", "--default", "", "--get", f"user.{what}").strip():
                self.git("config", "--local", f"user.{what}", name)

    def _files(self) -> dict[str, str]:
        """Return the text of each file by its path in the archive."""
        files = {SETTINGS_FILE: (_GITHUB / SETTINGS_FILE).read_text("utf-8")}
        if self.schedule == "systemd":
            ArchiveFolder(self.root).private_folder()
            units = sorted(_DEPLOY.glob("*.service")) + sorted(_DEPLOY.glob("*.timer"))
            files |= {f".zbcrawler/systemd/{path.name}": self._fill_unit(path.read_text("utf-8")) for path in units}
        if self.schedule == "github":
            paths = sorted(path for path in _GITHUB.rglob("*") if path.is_file() and path.name != ATTRIBUTES)
            files |= {str(path.relative_to(_GITHUB)): _fill_workflow(path.read_text("utf-8")) for path in paths}
        return files

    def _fill_unit(self, text: str) -> str:
        """Return a unit with this machine's user and paths, if it runs the crawl."""
        if "scrapy crawl" not in text:
            return text
        words = [*program(), "crawl", "realtime", "--quiet", "-s", f"ARCHIVE_DIR={self.root}"]
        words[0] = str(SOFTWARE / words[0])
        values = {
            "User": getpass.getuser(),
            "WorkingDirectory": str(SOFTWARE).replace("%", "%%"),
            "ExecStart": " ".join(_quote_unit(word).replace("$", "$$") for word in words),
            "ReadWritePaths": _quote_unit(str(self.git.top.folder)),
        }
        lines = [line.partition("=") for line in text.splitlines(keepends=True)]
        return "".join(
            f"{name}={values[name]}\n" if name in values else name + rest + more for name, rest, more in lines
        )

    def _commit(self, names: list[str]) -> Iterator[str]:
        names += [ATTRIBUTES] if has_own_attributes(self.git) else []
        status = self.git("status", "--porcelain", "-z", "--untracked-files=all", "--", *names).split("\0")
        new = [line[3:] for line in status if line[:2] in ("??", "A ")]
        if not new:
            return
        subject = "Begin an archive" if self.git.is_unborn() else "Add what scrapy init makes"
        new = [f":(top,literal){name}" for name in new]
        self.git("add", "--", *new)
        self.git("commit", "--quiet", "--message", subject, "--only", "--", *new, variables=self.git.identity())
        yield f"committed: {subject}"


def program() -> list[str]:
    """Return the words that start ``scrapy`` in the software's folder."""
    script = Path(sys.executable).with_name("scrapy")
    if not script.is_file():
        return [sys.executable, "-m", "scrapy"]
    return [str(script.relative_to(SOFTWARE) if script.is_relative_to(SOFTWARE) else script)]


def _quote_unit(word: str) -> str:
    """Return a word as a unit of systemd has it."""
    word = word.replace("%", "%%")
    if re.fullmatch(r"[\w@%+=:,./-]+", word):
        return word
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _fill_workflow(text: str) -> str:
    """Return a workflow with the software's commit, and its repository if that is on GitHub."""
    if "ZBCRAWLER_COMMIT" not in text or not (SOFTWARE / ".git").exists():
        return text
    git = Git(SOFTWARE)
    text = text.replace("ZBCRAWLER_COMMIT: main", f"ZBCRAWLER_COMMIT: {git('rev-parse', 'HEAD').strip()}")
    origin = git("config", "--default", "", "--get", "remote.origin.url").strip()
    found = re.search(r"github\.com[:/]([\w.-]+/[\w.-]+?)(?:\.git)?$", origin)
    return text.replace("OWNER/zbcrawler", found[1]) if found else text

"""The demo: a small archive's first evening, with an advert, two silent edits, and a redesign of the site."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import get_terminal_size, which
from typing import Any
from unicodedata import east_asian_width

import yaml
from parsel import Selector

from zbcrawler.common.errors import ArgumentError, ZbcrawlerError
from zbcrawler.common.text import fold
from zbcrawler.common.times import SINGAPORE
from zbcrawler.replica.invented_news import CORRECTED, RETITLED, InventedNews
from zbcrawler.replica.server import Replica

_PROJECT = Path(__file__).parents[2]
_REDESIGN = "hashed"
_SHOWN = "提前通车"  # in the title of the story that the demo shows
# The replica needs no pauses between requests. All other settings are those of a real run.
_AT_FULL_SPEED = {
    "LOG_LEVEL": "ERROR",
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": False,
    "CONCURRENT_REQUESTS": 8,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
}
# A person's git may sign commits and call hooks. The demo's does not.
_PLAIN_GIT = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
_LAST_LINES = 12  # of the output of a failed command


class DemoError(ZbcrawlerError):
    """A step of the demo did not end as it should; the message has the last lines of its command."""

    def __init__(self, message: str, lines: Sequence[str] = ()) -> None:
        if lines:
            message = "".join([f"{message}; its last lines:\n", *lines[-_LAST_LINES:]]).rstrip()
            message += (
                "\nIf the disk is full, set TMPDIR to another folder. --keep FOLDER keeps the archive for a look."
            )
        super().__init__(message)


class Demo:
    """The demo. :meth:`show` runs and prints the steps, :meth:`serve` shows the archive's website."""

    def __init__(self, archive: Path, website: Path, run_git: Callable[..., str], has_colours: bool) -> None:
        """Prepare the demo.

        :param archive: a folder that is not there yet, as ``website``
        :param run_git: runs git in the archive
        :param has_colours: whether to print in colours
        """
        self._archive, self._website, self._run_git = archive, website, run_git
        self._has_colours = has_colours
        self._newsroom = InventedNews()
        self._replica = Replica(self._newsroom)

    def show(self) -> None:
        """Run the three steps.

        :raises DemoError: if a step does not end as it should
        :raises GitError: if git refuses
        :raises OSError: if the disk refuses
        """
        if not which("git"):
            raise DemoError("git is not installed; install git, and start the demo again")
        self._archive.mkdir()
        self._run_git("init", "--quiet", variables=_PLAIN_GIT)
        print("zbcrawler keeps what an online newspaper publishes, and what it changes afterwards.")
        print("This demo takes some 15 seconds. It runs on this machine alone: a small news site,")
        print("whose news is invented, and its archive. The clock is the news site's.")
        with self._replica:
            self._drop_adverts()
            self._find_edits()
            self._heal()

    def serve(self, server: ThreadingHTTPServer) -> None:
        """Build the archive's website and serve it until a signal raises StoppedError.

        :raises DemoError: if the website cannot be built
        """
        self._title(4, "The archive as a website")
        now = self._newsroom.clock.now().isoformat()
        with _started(_command("site", self._archive, self._website, "-s", f"CLOCK={now}")) as process:
            lines = list(process.stdout or ())
        if process.returncode:
            raise DemoError(f"scrapy site ended with exit code {process.returncode}", lines)
        print(f"   http://127.0.0.1:{server.server_port}/   Ctrl-C ends the demo.", flush=True)
        server.serve_forever()

    def _drop_adverts(self) -> None:
        self._title(1, "A story comes with adverts, and is archived without them")
        story = self._newsroom.titled(_SHOWN)
        page = self._replica.answer(story.path)[0].body.decode()
        self._crawl()
        (file,) = self._archive.rglob(f"*-{story.number}.md")
        post = file.read_text("utf-8")
        print(f"   The site's page ({len(page):,} characters). The archive leaves out what has a minus:")
        for markup, words in _elements(page):
            is_kept = bool(words) and words in post
            self._row("   " if is_kept else " - ", markup, "" if is_kept else "31")
        print(f"\n   One of the archive's {len(self._posts())} files ({len(post):,} characters):")
        for line in post.splitlines():
            if line.startswith(("title:", "date:", "from:", "<p>")):
                self._row("   ", line)

    def _find_edits(self) -> None:
        before = self._posts()
        self._newsroom.clock.advance(timedelta(hours=1))
        self._title(2, "The newspaper has changed two stories without a word about it")
        self._newsroom.change(*RETITLED)
        self._newsroom.change(*CORRECTED)
        lines = self._crawl()
        if len(self._posts() - before) != 2:
            raise DemoError("the second run did not find the two edits", lines)
        legend = "red was removed, green was added" if self._has_colours else "[-removed-] {+added+}"
        print(f"   The archive's next run has found both. scrapy history shows them:\n   {legend}\n", flush=True)
        # It writes to the demo's own terminal, and so decides about colours as the demo does.
        history = _command("history", *self._settings())
        with _started(history, stdout=None) as process:
            process.wait()
        if process.returncode:
            raise DemoError(f"scrapy history ended with exit code {process.returncode}")

    def _heal(self) -> None:
        self._newsroom.clock.advance(timedelta(minutes=15))
        self._title(3, "The site has a new design, for which no program was written")
        story = self._newsroom.titled(_SHOWN)
        for when in ("before", "after"):
            page = self._replica.answer(story.path)[0].body.decode()
            self._row(f"   {when:8}", next(markup for markup, _ in _elements(page) if markup.startswith("<h1")))
            self._replica.redesign(_REDESIGN)
        before = len(self._posts())
        lines = self._crawl(fails=True)
        learnt = list(self._archive.glob("_data/editions/*.yml"))
        if not learnt:
            raise DemoError("the run that met the redesign learnt nothing", lines)
        reads: dict[str, Any] = yaml.safe_load(learnt[0].read_text("utf-8"))
        story_pages, proof = reads["story"], reads["proof"]["story"]
        count = proof["taught"] + proof["judged"]
        print("\n   The next run cannot read the new pages. It fails, and says so. But first it learns:")
        print(f"   it fetches {count} stories that are in the archive, and looks where their words stand now.")
        for what, places in (("title", "title"), ("time", "published"), ("text", "body")):
            place = story_pages[places][0]
            self._row(f"   {what:8}", place if isinstance(place, str) else place["at"], "32")
        print(f"   {proof['taught']} of them taught this. The others prove it: ", end="")
        print(f"{proof['text']} of {proof['judged']} are read as archived.")
        self._newsroom.clock.advance(timedelta(minutes=15))
        lines = self._crawl()
        if (new := len(self._posts()) - before) != 3:
            raise DemoError(f"the run after the redesign archived {new} stories instead of 3", lines)
        print("\n   The run after that archives as ever, and nobody had to do anything:")
        for name in self._newsroom.sections:
            self._row(" + ", self._newsroom.listed(name)[0].title, "32")

    def _crawl(self, fails: bool = False) -> list[str]:
        """Run ``scrapy crawl realtime``, as cron would; return its output.

        :param fails: whether the run should fail
        """
        with _started(_command("crawl", "realtime", *self._settings())) as process:
            lines = list(process.stdout or ())
        if process.returncode != int(fails):
            raise DemoError(f"scrapy crawl ended with exit code {process.returncode}", lines)
        return lines

    def _settings(self) -> Iterator[str]:
        settings = {"SITE_URL": self._replica.url, "ARCHIVE_DIR": self._archive, "ARCHIVE_COMMIT": True}
        settings |= {"CLOCK": self._newsroom.clock.now().isoformat(), **_AT_FULL_SPEED}
        for name, value in settings.items():
            yield from ("-s", f"{name}={value}")

    def _posts(self) -> set[tuple[Path, bytes]]:
        return {(path, path.read_bytes()) for path in self._archive.glob("_posts/**/*.md")}

    def _title(self, number: int, text: str) -> None:
        now = self._newsroom.clock.now().astimezone(SINGAPORE)
        print(f"\n{self._coloured(f'{number}  {now:%H:%M}  {text}', '1')}", flush=True)

    def _row(self, sign: str, text: str, colour: str = "") -> None:
        """Print one line, cut to the terminal's width."""
        print(self._coloured(sign + _cut(text, get_terminal_size().columns - len(sign) - 1), colour), flush=True)

    def _coloured(self, text: str, colour: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if colour and self._has_colours else text


class _Handler(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        """Do nothing: a newcomer needs no list of requests."""


def listen(port: int, website: Path) -> ThreadingHTTPServer:
    """Return a server of a folder, which may be made later; raise ArgumentError if the port is taken.

    :param port: 0 for any free one
    """
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, directory=str(website)))
    except (OSError, OverflowError) as error:
        why = error.strerror if isinstance(error, OSError) else "ports go from 0 to 65535"
        raise ArgumentError(f"--serve {port}: {why}; leave the port out, and any free one is taken") from error


def make_folder(folder: Path) -> Path:
    """Make the folder that the demo is to keep; raise ArgumentError if it cannot be made, or has files."""
    folder = folder.expanduser().absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise ArgumentError(f"--keep {folder}: is not empty; name a new folder")
    except OSError as error:
        raise ArgumentError(f"--keep {folder}: {error.strerror}; name a new folder where you may write") from error
    return folder


def _elements(page: str) -> Iterator[tuple[str, str]]:
    """Yield the elements around a story's headline and below it: the beginning of their markup, and their words."""
    for element in Selector(text=page).xpath("//h1/../*"):
        paragraphs = element.xpath("./p")
        for each in element.xpath("./*") if len(paragraphs) > 1 else (element,):
            words = " ".join(fold(text).strip() for text in each.xpath(".//text()").getall()).strip()
            yield f"{each.get().partition('>')[0]}>{words or '…'}", words


def _cut(text: str, columns: int) -> str:
    """Return the beginning of a text that fits into a number of columns; a Chinese character takes two."""
    for place, character in enumerate(text):
        columns -= 1 + (east_asian_width(character) in "WFA")
        if columns < 1:
            return f"{text[:place]}…"
    return text


def _command(*words: object) -> list[str]:
    return [sys.executable, "-m", "scrapy", *map(str, words)]


@contextmanager
def _started(command: list[str], stdout: int | None = subprocess.PIPE) -> Iterator[subprocess.Popen[str]]:
    """Start a command, whose output and errors the caller reads. It never outlives the ``with`` block.

    :param stdout: None for the demo's own
    """
    env = {**os.environ, **_PLAIN_GIT, "PYTHONIOENCODING": "utf-8"}
    # In a session of its own, it does not get the terminal's Ctrl-C: the demo ends it, once.
    with subprocess.Popen(  # noqa: S603
        command,
        cwd=_PROJECT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            yield process
        except BaseException:
            process.terminate()
            raise

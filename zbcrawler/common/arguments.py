"""Read what users give: arguments of spiders (ValueError: not allowed), settings (ArgumentError) and commands."""

import argparse
import os
import re
import sys
from calendar import monthrange
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import ClassVar, NoReturn
from urllib.parse import urlsplit

from scrapy.commands import ScrapyCommand
from scrapy.crawler import CrawlerProcessBase
from scrapy.settings import BaseSettings, Settings

from zbcrawler.common.addresses import PUBLIC_SITE, TREES
from zbcrawler.common.errors import ArgumentError
from zbcrawler.common.given_settings import check_given
from zbcrawler.common.pipes import end_silently_without_reader
from zbcrawler.common.settings_file import add_settings_file, wrong_setting
from zbcrawler.common.text import printable

_SECTION = re.compile(r"[a-z0-9-]+(?:/[a-z0-9-]+)*", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)
_HOST = re.compile(r"[a-z0-9_.-]+(?::\d{1,5})?|\[[0-9a-f:.]+\](?::\d{1,5})?", re.ASCII)
_DURATION = re.compile(r"([1-9][0-9]{0,3})([hd])", re.ASCII)
# 75 is EX_TEMPFAIL of sysexits.h: try again later.
DID_ITS_JOB, NEEDS_A_PERSON, WRONG_USAGE, LOCKED = 0, 1, 2, 75
EXIT_CODES = {
    DID_ITS_JOB: "The command did its job, even if a run found nothing new. Stories that are owed and not due, "
    "doubtful or failing for three days, gone or skipped are no failure.",
    NEEDS_A_PERSON: "A person is needed; a `failed:` line gives the reason. The archive is consistent in every case.",
    WRONG_USAGE: "Wrong usage: an option, an argument or a setting is not allowed, or the site has none of the "
    "sections. One line on standard error says what to write. Nothing was written, and no alarm was sent.",
    LOCKED: "Another run of this kind is at work in this archive. Nothing was requested. With `--quiet` nothing is "
    "printed, unless the other run began more than `LOCK_LIMIT_HOURS` ago.",
}


def sections(text: str) -> tuple[str, ...]:
    """Read ``china,world``: paths under ``/realtime/``, without repetitions, in the order given."""
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    if not all(_SECTION.fullmatch(name) for name in names):
        raise ValueError("write section paths such as china,world,singapore: a-z, 0-9, - and / between commas")
    return names


def story_sections(text: str) -> tuple[str, ...]:
    """Read ``china,/entertainment``: paths of sections; ``china`` is ``realtime/china,news/china``, ``all`` is none."""
    given = [name.strip() for name in text.split(",")]
    if "all" in given:
        if len(given) > 1:
            raise ValueError("write all, or the sections")
        return ()
    names = [name.removeprefix("/") if "/" in name else f"{tree}/{name}" for tree in TREES for name in given]
    return sections(",".join(names))


def count(text: str, most: int = 10_000) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= most):
        raise ValueError(f"write a whole number from 1 to {most}")
    return int(text)


amount = partial(count, most=10_000_000)


def day(text: str) -> date:
    with suppress(ValueError):
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    raise ValueError("write a day of the calendar as YYYY-MM-DD")


def first_day(text: str) -> date:
    """Read ``2026-01`` or ``2026-01-31`` as its first day."""
    try:
        return day(f"{text}-01" if _MONTH.fullmatch(text) else text)
    except ValueError:
        raise ValueError("write a month or a day of the calendar, as YYYY-MM or YYYY-MM-DD") from None


def last_day(text: str) -> date:
    """Read ``2026-01`` or ``2026-01-31`` as its last day."""
    first = first_day(text)
    return first.replace(day=monthrange(first.year, first.month)[1]) if _MONTH.fullmatch(text) else first


def duration(text: str) -> timedelta:
    if not (found := _DURATION.fullmatch(text)):
        raise ValueError("write hours or days, such as 36h or 2d")
    return timedelta(**{"hours" if found[2] == "h" else "days": int(found[1])})


def recheck(text: str, longest: timedelta = timedelta(days=28)) -> timedelta | None:
    """Read ``36h``, ``2d`` or ``off``; the run state knows pages for somewhat longer than ``longest``."""
    window = None if text == "off" else duration(text)
    if window and window > longest:
        raise ValueError(f"write at most {longest.days}d")
    return window


def _word(text: str, allowed: Sequence[str]) -> str:
    if text not in allowed:
        raise ValueError(f"write {' or '.join(allowed)}, or leave it out")
    return text


edited = partial(_word, allowed=["edited"])
now = partial(_word, allowed=["now"])
past_source = partial(_word, allowed=["sitemaps", "wayback"])


def story_links(text: str) -> tuple[str, ...]:
    """Read addresses between commas or blanks; the spider checks each of them."""
    links = tuple(dict.fromkeys(text.replace(",", " ").split()))
    if not links:
        raise ValueError("write the address of a story")
    return links


def site_hosts(settings: BaseSettings) -> frozenset[str]:
    """Return the hosts of ``SITE_URL`` and ``SITE_HOSTS``, in lower case, with port if any."""
    hosts = [host.strip().lower() for host in settings.getlist("SITE_HOSTS")]
    if not all(_HOST.fullmatch(host) for host in hosts):
        raise wrong_setting(settings, "SITE_HOSTS", "write hosts between commas, such as mirror.example,127.0.0.1:8001")
    return frozenset({urlsplit(site_url(settings)).netloc.lower(), *hosts})


def site_url(settings: BaseSettings, name: str = "SITE_URL", with_path: bool = False) -> str:
    """Return a setting such as ``https://www.zaobao.com:443``, without a slash at its end."""
    text = str(settings.get(name) or "").strip().rstrip("/")
    with suppress(ValueError):  # a port that is not a number
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1) > 0
        if good and not (parts.query or parts.fragment or parts.username) and (with_path or not parts.path):
            return text
    what = "an address such as https://web.archive.org/web" if with_path else f"a site's address such as {PUBLIC_SITE}"
    raise wrong_setting(settings, name, f"write {what}")


def archive_dir(settings: BaseSettings) -> str:
    """Return the setting ``ARCHIVE_DIR``: a folder, which need not exist."""
    folder = os.path.expanduser(str(settings.get("ARCHIVE_DIR") or ""))
    if not folder or (os.path.lexists(folder) and not os.path.isdir(folder)):
        raise wrong_setting(settings, "ARCHIVE_DIR", "write a folder, such as archive, which need not exist yet")
    return folder


def raw_folder(settings: BaseSettings) -> str | None:
    """Return the setting ``KEEP_RAW``, a folder that exists; None if the setting is empty."""
    folder = os.path.expanduser(str(settings.get("KEEP_RAW") or ""))
    if folder and not os.path.isdir(folder):
        raise wrong_setting(settings, "KEEP_RAW", "is not an existing folder; mkdir it, or mount its disk")
    return folder or None


def section_durations(settings: BaseSettings, name: str) -> dict[str, timedelta | None]:
    """Return a setting such as ``2d, china=12h, sports=off`` by section; the key ``""`` is for all other sections."""
    found: dict[str, timedelta | None] = {}
    for part in str(settings.get(name) or "off").split(","):
        section, _, text = part.strip().rpartition("=")
        try:
            found[section.strip()] = None if text.strip() == "off" else duration(text.strip())
        except ValueError:
            what = "write hours or days such as 2d, off, and for single sections china=12h between commas"
            raise wrong_setting(settings, name, what) from None
    return found


def check_file(option: str, file: Path) -> None:
    """Raise an ArgumentError if the file cannot be written."""
    if file.is_dir() or not (file.exists() or os.access(file.absolute().parent, os.W_OK)):
        raise ArgumentError(f"{option} {file}: name a file in an existing folder")


class ProjectCommand(ScrapyCommand):
    """The base of all commands; in ``zbcrawler.commands`` Scrapy would list this class as a command."""

    usage: ClassVar[str] = ""
    description: ClassVar[str]
    requires_crawler_process = False
    settings: Settings
    crawler_process: CrawlerProcessBase

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        end_silently_without_reader()
        parser.formatter_class = argparse.HelpFormatter  # Scrapy's makes a headline of each line that ends in a colon
        vars(parser)["error"] = partial(refuse, self.name)  # the parser itself would print the usage, too
        super().add_options(parser)

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        pairs = [each.partition("=") for each in opts.set]
        opts.set = [f"{name.strip()}{sign}{text}" for name, sign, text in pairs]
        given = {name.strip(): text for name, _, text in pairs}
        if opts.loglevel:
            given["LOG_LEVEL"] = opts.loglevel
        files = {f"--{option}": getattr(opts, option) for option in ("logfile", "pidfile", "profile")}
        with wrong_usage(self.name):
            if unknown := [word for word in args if len(word) > 1 and word.startswith("-")]:
                raise ArgumentError(f"{unknown[0]}: unknown option; scrapy {self.name} --help lists them")
            check_given(self.settings, given.items())
            for option, file in {**files, "LOG_FILE": given.get("LOG_FILE")}.items():
                if file:
                    check_file(option, Path(file))
        super().process_options(args, opts)
        if self.requires_crawler_process:  # other commands may name their archive (named_archive)
            with wrong_usage(self.name):
                add_settings_file(self.settings, archive_dir(self.settings))

    @property
    def name(self) -> str:
        return type(self).__module__.rpartition(".")[2]

    def syntax(self) -> str:
        return self.usage

    def short_desc(self) -> str:
        return self.description


@contextmanager
def wrong_usage(command: str, *errors: type[Exception]) -> Iterator[None]:
    """Print an ArgumentError, one of ``errors`` or the missing client of Redis as one line, and exit with 2."""
    wrong: tuple[type[Exception], ...] = (ArgumentError, *errors)
    try:
        yield
        return
    except wrong as error:
        what = str(error)
    except ModuleNotFoundError as error:
        if error.name != "redis":
            raise
        what = "redis is not installed: install it with python -m pip install -r requirements-cluster.txt"
    refuse(command, what)


def refuse(command: str, what: str) -> NoReturn:
    """Print what is wrong as one line, and exit with 2."""
    with suppress(BrokenPipeError):
        print(f"scrapy {command}: {printable(' '.join(what.split()))}", file=sys.stderr)
    raise SystemExit(WRONG_USAGE)

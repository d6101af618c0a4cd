"""The options of ``scrapy replica``, and the replica that they describe."""

from __future__ import annotations

import argparse
import re
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from zbcrawler.common.errors import ArgumentError
from zbcrawler.common.times import Clock
from zbcrawler.replica import Domains, Newsroom, Replica
from zbcrawler.replica.newsroom import SECTIONS
from zbcrawler.replica.redesigns import REDESIGNS
from zbcrawler.replica.site import EDITIONS

_SECTION = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_COUNTRY = re.compile(r"[A-Za-z]{2}")
_MOST_STORIES = 100_000


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    group = parser.add_argument_group("Replica")
    group.add_argument("--edition", default="react", metavar="NAME", help=f"{' or '.join(EDITIONS)} (react)")
    group.add_argument(
        "--redesign", metavar="NAME", help=f"serve a redesign that no edition reads: {' or '.join(REDESIGNS)}"
    )
    group.add_argument(
        "--country",
        metavar="CC",
        help="serve both hosts of the site, the mainland's at the port and Singapore's at the next one, to a"
        " client in this country: outside CN and HK the first redirects to the second",
    )
    group.add_argument(
        "--mainland", default="astro", metavar="NAME", help="with --country, the edition of the first host (astro)"
    )
    group.add_argument("--port", default="8000", metavar="N", help="0 for any free port (8000)")
    group.add_argument("--stories", default="300", metavar="N", help="stories listed in all (300)")
    group.add_argument("--seed", default="1", metavar="N", help="the same seed gives the same stories (1)")
    group.add_argument("--sections", default=",".join(SECTIONS), metavar="A,B", help=f"({','.join(SECTIONS)})")
    group.add_argument(
        "--now",
        default="",
        metavar="TIME",
        help="the time at which the replica's clock stands, such as 2026-01-31T08:00:00+08:00. Without it the clock is"
        " the machine's. Each start with another time, and each without one, gives all stories new times, so an archive"
        " of an earlier start does not fit",
    )
    group.add_argument("--bodies", metavar="DIR", help="serve the bodies of the posts and feed items in DIR")


def serve(served: Replica | Domains) -> None:
    """Print the address and serve until Ctrl-C.

    :param served: not started yet
    """
    # Ctrl-C may come at any time from here on, even while printing.
    with suppress(KeyboardInterrupt), served:
        if isinstance(served, Domains):
            print(f"The Singapore host ({served.sg.edition}) listens on {served.sg.url}.")
            first, also = served.com, f" for a client in {served.country}"
            hosts = f" -s SITE_HOSTS={urlsplit(served.sg.url).netloc}"
        else:
            first, also, hosts = served, "", ""
        print(f"The replica ({first.edition}) listens on {first.url}{also}; Ctrl-C ends it. To crawl it:")
        print(f"  scrapy crawl realtime -s SITE_URL={first.url}{hosts}", flush=True)
        while True:
            time.sleep(3600)


def served_by(args: list[str], opts: argparse.Namespace) -> Replica | Domains:
    """Return the replica that the options describe, not started.

    :raises ArgumentError: if an option has a value that is not allowed
    """
    if args:
        raise ArgumentError(f"{args[0]}: takes options only, see scrapy replica -h")
    for option, edition in (("--edition", opts.edition), ("--mainland", opts.mainland)):
        if edition not in EDITIONS:
            raise ArgumentError(f"{option} {edition}: not one of {', '.join(EDITIONS)}")
    if opts.redesign is not None and opts.redesign not in REDESIGNS:
        raise ArgumentError(f"--redesign {opts.redesign}: not one of {', '.join(REDESIGNS)}")
    if opts.redesign and opts.country:
        raise ArgumentError("--redesign: not together with --country")
    if opts.country is not None and not _COUNTRY.fullmatch(opts.country):
        raise ArgumentError(f"--country {opts.country}: not two letters like SG or CN")
    port = _number("--port", opts.port, 0, 65_535 if opts.country is None else 65_534)
    stories = _number("--stories", opts.stories, 1, _MOST_STORIES)
    seed = _number("--seed", opts.seed, 0, 2**63)
    sections = tuple(dict.fromkeys(opts.sections.split(",")))
    for section in sections:
        if not _SECTION.fullmatch(section):
            raise ArgumentError(f"--sections {opts.sections}: not names like china,world separated by commas")
    try:
        clock = Clock.parse(opts.now)
    except ArgumentError:
        raise ArgumentError(
            f"--now {opts.now}: not a time with a zone; write it like 2026-01-31T08:00:00+08:00"
        ) from None
    bodies = Path(opts.bodies) if opts.bodies else None
    if bodies and not bodies.is_dir():
        raise ArgumentError(f"--bodies {bodies}: not a folder")
    newsroom = Newsroom(seed, clock, sections, stories, bodies)
    if opts.country is None:
        replica = Replica(newsroom, opts.edition, port)
        replica.redesign(opts.redesign)
        return replica
    ports = (port, port + 1 if port else 0)
    return Domains(newsroom, opts.edition, opts.mainland, opts.country.upper(), ports)


def _number(name: str, written: str, least: int, most: int) -> int:
    if not re.fullmatch(r"\d{1,19}", written, re.ASCII) or not least <= int(written) <= most:
        raise ArgumentError(f"{name} {written}: not a whole number from {least} to {most}")
    return int(written)

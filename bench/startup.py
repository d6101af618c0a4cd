"""Measure the processor time until the first request, of ``scrapy crawl`` and of Scrapy's own empty project."""

from __future__ import annotations

import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread

from bench.measuring import Row, environment, in_turns, show
from bench.site import AT_FULL_SPEED, PROJECT

TURNS = 15
_SPIDER = """
import scrapy


class OneSpider(scrapy.Spider):
    name = "one"

    async def start(self):
        yield scrapy.Request({url!r})
"""


class _Asked(BaseHTTPRequestHandler):
    event = Event()

    def do_GET(self) -> None:
        self.event.set()
        self.send_error(503)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


def _until_asked(command: tuple[object, ...], cwd: Path) -> float:
    _Asked.event.clear()
    process = subprocess.Popen(
        list(map(str, command)), cwd=cwd, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        if not _Asked.event.wait(60):
            raise RuntimeError(f"{command}: no request")
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    finally:
        process.kill()
        process.wait()


def main(turns: int = TURNS) -> None:
    """Print the table."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Asked)
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    scrapy = (sys.executable, "-m", "scrapy")
    with TemporaryDirectory() as name:
        empty, archive = Path(name, "empty"), Path(name, "archive")
        archive.mkdir()
        subprocess.run([*scrapy, "startproject", "empty", empty], check=True, stdout=subprocess.DEVNULL)
        (empty / "empty" / "spiders" / "one.py").write_text(_SPIDER.format(url=url + "/realtime/china"), "utf-8")
        ours = (*scrapy, "crawl", "realtime", "-s", f"SITE_URL={url}", "-s", f"ARCHIVE_DIR={archive}", *AT_FULL_SPEED)
        figures = in_turns(
            {
                "ours": lambda: _until_asked(ours, PROJECT),
                "empty": lambda: _until_asked((*scrapy, "crawl", "one", *AT_FULL_SPEED), empty),
            },
            turns,
        )
    row = Row("until the first request", figures["ours"], figures["empty"], "s", "at most 1.15")
    show("Processor time of the start", "empty project", [row])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

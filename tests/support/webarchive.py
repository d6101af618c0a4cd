"""A real web archive on this machine: pywb, which answers like the Wayback Machine."""

from __future__ import annotations

import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from support.crawling import PATIENCE
from support.programs import needs


class Captured(NamedTuple):
    """A page as an archive captured it.

    :ivar at: ``2026-01-31T00:00:00Z``
    """

    url: str
    at: str
    body: bytes
    status: str = "200 OK"
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/html; charset=utf-8"),)


def write_warc(path: Path, captured: Iterable[Captured]) -> None:
    """Write a WARC file of captured pages."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for page in captured:
            head = StatusAndHeaders(page.status, list(page.headers), protocol="HTTP/1.1")
            named = {"WARC-Date": page.at}
            body = BytesIO(page.body)
            record = writer.create_warc_record(page.url, "response", body, warc_headers_dict=named, http_headers=head)
            writer.write_record(record)


@contextmanager
def web_archive(folder: Path, warcs: Iterable[Path]) -> Iterator[str]:
    """Serve WARC files and yield the server's address: ``/cdx`` lists, and ``/<time>id_/<address>`` replays.

    :param folder: for the server's own files
    """
    manager, wayback = needs("wb-manager"), needs("wayback")
    subprocess.run([manager, "init", "web"], cwd=folder, check=True, capture_output=True)
    subprocess.run([manager, "add", "web", *map(str, warcs)], cwd=folder, check=True, capture_output=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (folder / "pywb.log").open("wb") as log:
        server = subprocess.Popen(
            [wayback, "-p", str(port), "-b", "127.0.0.1"], cwd=folder, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        _wait_for(server, port)
        yield f"http://127.0.0.1:{port}/web"
    finally:
        server.terminate()
        server.wait()


def read(url: str) -> bytes:
    """Return the body of the server's answer."""
    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:  # noqa: S310 - loopback
        return answer.read()


def _wait_for(server: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(10 * PATIENCE):
        assert server.poll() is None, "pywb ended"
        try:
            read(f"http://127.0.0.1:{port}/")
            return
        except (ConnectionError, urllib.error.URLError):
            time.sleep(0.1)
    raise AssertionError("pywb did not answer")

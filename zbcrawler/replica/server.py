"""The replica on the network: a small HTTP/1.1 server on the loopback interface."""

from __future__ import annotations

import hashlib
import re
import socket
import struct
import threading
from collections import deque
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from time import monotonic
from types import TracebackType
from typing import cast
from urllib.parse import urlsplit

from zbcrawler.replica.editions import EditionName
from zbcrawler.replica.faults import Fault, Faults
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.site import HTML, Answer, Site, failure
from zbcrawler.replica.sitemaps import Form
from zbcrawler.replica.story import ReplicaStory

_Request = socket.socket | tuple[bytes, socket.socket]
_REASONS = {code: words[0] for code, words in BaseHTTPRequestHandler.responses.items()}
_REMEMBERED_REQUESTS = 200_000
_LINGER_NOT = struct.pack("ii", 1, 0)  # close() sends RST instead of FIN
_IDLE_SECONDS = 60


class Replica:
    """A server of one newsroom, in one edition of the site. A context manager.

    :ivar newsroom: the stories; may change while they are served
    :ivar faults: rules by which the replica misbehaves
    :ivar redirect_to: an origin, e.g. ``http://localhost:8001``. Every path answers 301 to the same path there, as
        the site does for foreign clients. None serves the pages. May be changed at any time
    :ivar validators: whether pages have an ``ETag``, and answer 304 to a client that sends it back
    """

    def __init__(
        self,
        newsroom: Newsroom,
        edition: str = "react",
        port: int = 0,
        host: str = "127.0.0.1",
        redirect_to: str | None = None,
        charset: bool = True,
    ) -> None:
        """Prepare to serve. ``start()`` or ``with`` begins.

        :param edition: an edition or ``mixed``, see ``site.EDITIONS``
        :param port: 0 for a free one
        :param host: a loopback address or ``localhost``; no other host is allowed
        :param charset: whether ``Content-Type`` names the charset
        :raises ValueError: if there is no such edition or the host is not loopback
        """
        if host != "localhost" and not _is_loopback(host):
            raise ValueError(f"host {host}: not a loopback address")
        self.newsroom = newsroom
        self.faults = Faults()
        self._site = Site(newsroom, edition)
        self._address = (host, port)
        self.redirect_to = redirect_to
        self.validators = False
        self._charset = "; charset=UTF-8" if charset else ""
        self._requests: deque[tuple[str, str, int]] = deque(maxlen=_REMEMBERED_REQUESTS)
        self._moments: deque[float] = deque(maxlen=_REMEMBERED_REQUESTS)
        self._server: _Server | None = None

    @property
    def url(self) -> str:
        """Return the address of the server, e.g. ``http://127.0.0.1:43121``."""
        if not self._server:
            raise RuntimeError("the replica is not started")
        return f"http://{self._address[0]}:{self._server.server_address[1]}"

    @property
    def edition(self) -> str:
        """Return the edition that is served, or ``mixed``. Set it to play a change to a build that is known."""
        return self._site.edition

    @edition.setter
    def edition(self, name: str) -> None:
        self._site.edition = name

    def edition_of(self, story: ReplicaStory) -> EditionName:
        """Return the edition of the story's page, for ``story.expected_lines()``."""
        return self._site.edition_of(story)

    def expected(self) -> list[ReplicaStory]:
        """Return the stories that a correct crawl of all sections archives now, as far as the listings show them."""
        return self._site.expected()

    @property
    def requests(self) -> list[tuple[str, str, int]]:
        """Return the requests so far: method, path with query, status (0 if no status was sent)."""
        return list(self._requests)

    @property
    def moments(self) -> list[float]:
        """Return the arrival times of ``requests`` in seconds of the monotonic clock, in order of arrival."""
        return sorted(self._moments)

    @property
    def robots(self) -> str:
        """Return the text of ``/robots.txt``, which allows everything by default."""
        return self._site.robots

    @robots.setter
    def robots(self, text: str) -> None:
        self._site.robots = text

    @property
    def sitemaps(self) -> Form:
        """Return the form of the sitemaps, which is by month by default."""
        return self._site.sitemaps

    @sitemaps.setter
    def sitemaps(self, form: Form) -> None:
        self._site.sitemaps = form

    def redesign(self, name: str | None) -> None:
        """Serve a redesign from now on, see ``Site.redesigned``. None ends it."""
        self._site.redesigned = name

    def expected_lines(self, story: ReplicaStory) -> list[str] | None:
        """Return the lines of a post made from the story's page as it is now, or None if its body is not invented."""
        return self._site.expected_lines(story)

    def start(self) -> Replica:
        """Begin to listen, unless the server already does. ``stop()`` or the end of the process ends it.

        :raises OSError: if the port is taken
        """
        if not self._server:
            self._server = _Server(self._address, self)
            serve = self._server.serve_forever
            threading.Thread(target=serve, args=(0.05,), daemon=True, name="replica").start()
        return self

    def stop(self) -> None:
        """Close the port and every connection."""
        if self._server:
            self._server.close_all()
            self._server = None

    def __enter__(self) -> Replica:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def answer(self, target: str) -> tuple[Answer, Fault | None]:
        """Return the answer to a request, and its fault if it has one."""
        fault, elsewhere = self.faults.take(target), self.redirect_to
        # If every path redirects, the other host has the stories and their faults.
        if not fault and not elsewhere and (story := self._site.story_at(target)):
            fault = self.faults.take_own(story.fault)
        if fault and (fault.status or fault.body is not None):
            status = fault.status or 200
            body = failure(status).body if fault.body is None else fault.body
            return Answer(status, body, headers=fault.headers), fault
        if elsewhere:
            return Answer(301, b"", headers={"Location": elsewhere.rstrip("/") + target}), fault
        return self._site.answer(target), fault

    def head_of(self, answer: Answer, fault: Fault | None, keep_open: bool) -> bytes:
        """Return the status line and headers."""
        headers = {
            "Server": "replica",
            "Content-Type": answer.kind + (self._charset if answer.kind == HTML and answer.charset else ""),
            "Content-Length": str(len(answer.body)),
            **answer.headers,
            **(fault.headers if fault else {}),
            "Connection": "keep-alive" if keep_open else "close",
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, 'Unknown')}\r\n{lines}\r\n".encode("latin-1")

    def arrived(self) -> None:
        """Note a moment in ``moments``."""
        self._moments.append(monotonic())

    def remember(self, method: str, target: str, status: int) -> None:
        """Note a request in ``requests``."""
        self._requests.append((method, target, status))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        self._serve(with_body=True)

    def do_HEAD(self) -> None:
        self._serve(with_body=False)

    def _serve(self, with_body: bool) -> None:
        replica = self.server.replica
        replica.arrived()
        answer, fault = replica.answer(self._target())
        if replica.validators and answer.status == 200 and not fault:
            answer = _validated(answer, self.headers.get("If-None-Match"))
        if fault and fault.delay:
            self.server.stopping.wait(fault.delay)
        if fault and (fault.reset or fault.stall):
            self._break_off(fault)
            return
        replica.remember(self.command, self._target(), answer.status)
        if fault and (fault.cut or fault.flood):
            self.close_connection = True
        head = replica.head_of(answer, fault, keep_open=not self.close_connection)
        body = answer.body if with_body else b""
        if fault and fault.flood:
            self._flood(head, body, fault.flood)
        else:
            self.wfile.write(head + (body[: len(body) // 2] if fault and fault.cut else body))

    def _flood(self, head: bytes, body: bytes, size: int) -> None:
        # Without a length the end of the connection ends the body.
        self.wfile.write(re.sub(rb"Content-Length: \d+\r\n", b"", head) + body)
        piece = b"<p>x</p>" * 8192
        for _ in range(size // len(piece)):
            self.wfile.write(piece)

    def _break_off(self, fault: Fault) -> None:
        self.server.replica.remember(self.command, self._target(), 0)
        self.close_connection = True
        if fault.stall:
            self.connection.settimeout(None)
            self.connection.recv(1)  # returns when the client gives up, or when the replica stops
        else:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)

    def _target(self) -> str:
        parts = urlsplit(self.path)
        return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def log_message(self, *args: object) -> None:
        """Do nothing, because ``Replica.requests`` is the log."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], replica: Replica) -> None:
        self.replica = replica
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def process_request(self, request: _Request, client_address: object) -> None:
        self._open.add(cast("socket.socket", request))  # TCP servers get no datagrams
        super().process_request(request, client_address)

    def shutdown_request(self, request: _Request) -> None:
        request = cast("socket.socket", request)
        self._open.discard(request)
        # With SO_LINGER set, shutdown() would send FIN first and hide the reset.
        if request.fileno() >= 0 and request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8) == _LINGER_NOT:
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """Do nothing: clients may close their connections."""

    def close_all(self) -> None:
        """End the serving thread, then every connection."""
        self.stopping.set()
        self.shutdown()
        self.server_close()
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:  # closed by its own thread meanwhile
                continue


def _validated(answer: Answer, known: str | None) -> Answer:
    tag = f'"{hashlib.sha256(answer.body).hexdigest()[:16]}"'
    if known == tag:
        return replace(answer, status=304, body=b"", headers={**answer.headers, "ETag": tag})
    return replace(answer, headers={**answer.headers, "ETag": tag})


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False

"""Report a failed run to a person, by a command or a webhook, which together have ``ALARM_SECONDS``.

What they answer is bounded. No message shows a webhook's address or a command's words, which may be secrets.
"""

import json
import os
import shlex
import shutil
import signal
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from http.client import HTTPException
from threading import Thread
from typing import Any, BinaryIO
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from scrapy.settings import BaseSettings

from zbcrawler.common.errors import ArgumentError
from zbcrawler.common.text import excerpt, one_line

_FOR_A_SHELL = {"<", ">", ">>", "|", "&", "&&", "||", ";"}
_SHOWN = 300  # characters of what a command printed last


def check(settings: BaseSettings) -> None:
    """Raise ArgumentError if a setting of alarms is not allowed."""
    if command := str(settings.get("ALARM_COMMAND") or ""):
        try:
            words = shlex.split(command)
        except ValueError as error:
            raise ArgumentError(f"ALARM_COMMAND: {error}; write a command as for a shell") from None
        program = next(iter(words), "")
        if found := next((word for word in words if word in _FOR_A_SHELL), ""):
            raise ArgumentError(f"ALARM_COMMAND: {found} is for a shell, which is not used; write sh -c 'COMMAND'")
        if "\0" in command or not shutil.which(program):
            raise ArgumentError(f"ALARM_COMMAND: {excerpt(program)}: cannot be run; name a program, or its path")
    if (address := settings.get("ALARM_WEBHOOK")) and not _is_address(str(address)):
        what = "write an address that begins with https:// or http://, without user and password, in printable ASCII"
        raise ArgumentError(f"ALARM_WEBHOOK: {what}")


def count(settings: BaseSettings) -> int:
    """Return how many ways of telling a person are set."""
    return sum(bool(settings.get(name)) for name in ("ALARM_COMMAND", "ALARM_WEBHOOK"))


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        host.encode("idna")  # as a connection does; an error is a ValueError
        port = parts.port
    except ValueError:
        return False
    good = parts.scheme in ("http", "https") and host and port != 0 and "@" not in parts.netloc
    return bool(good and text.isascii() and text.isprintable() and " " not in text)


def send(settings: BaseSettings, report: Mapping[str, Any]) -> Iterator[str]:
    """Send the report of a run; yield a line for each alarm that could not be sent."""
    end = time.monotonic() + settings.getfloat("ALARM_SECONDS")
    answers: list[str] = []
    address, command = settings.get("ALARM_WEBHOOK"), settings.get("ALARM_COMMAND")
    # An answer that comes byte by byte, and a name server, know no timeout: only another thread can be left behind.
    thread = Thread(target=lambda: answers.append(_post(str(address), report)), daemon=True)
    if address:
        thread.start()
    if command and (what := _run(str(command), report, end)):
        yield f"alarm not sent (ALARM_COMMAND): {what}"
    if address:
        thread.join(max(0.0, end - time.monotonic()))
        if what := answers[0] if answers else "no whole answer within ALARM_SECONDS":
            yield f"alarm not sent (ALARM_WEBHOOK): {what}"


def _run(command: str, report: Mapping[str, Any], end: float) -> str:
    """Run the user's own command, without a shell. Return what is wrong, or nothing."""
    with tempfile.TemporaryFile() as given:  # not a pipe, which a command need not read
        try:
            given.write(f"{report['text']}\n".encode(errors="backslashreplace"))
            given.seek(0)
            process = subprocess.Popen(  # noqa: S603
                shlex.split(command),
                stdin=given,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            return error.strerror or type(error).__name__
    printed = bytearray()
    reader = Thread(target=_read_last, args=(process.stderr, printed), daemon=True)
    reader.start()
    try:
        code = process.wait(max(0.0, end - time.monotonic()))
    except subprocess.TimeoutExpired:
        return "still at work after ALARM_SECONDS, and was killed"
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    if not code:
        return ""
    reader.join(1)  # a child that the command left behind may never close the pipe
    said = one_line(printed.decode("utf-8", "replace"))[-_SHOWN:]
    return f"{f'exit code {code}' if code > 0 else f'killed by signal {-code}'} {said}".strip()


def _read_last(pipe: BinaryIO, printed: bytearray) -> None:
    with suppress(OSError):
        while piece := pipe.read(65536):
            printed += piece
            del printed[: -4 * _SHOWN]


class _NoRedirects(HTTPRedirectHandler):
    # A redirected POST becomes a GET without the report, and may lead to another host.
    def redirect_request(self, *_: Any) -> None:
        return None


def _post(address: str, report: Mapping[str, Any]) -> str:
    """Post the report. Return what is wrong, without the answer's own words, which may repeat the address."""
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "zbcrawler"}
    request = Request(address, json.dumps(report).encode(), headers, method="POST")  # noqa: S310 - checked
    try:
        build_opener(_NoRedirects).open(request, timeout=60).close()
    except HTTPError as error:
        redirect = ", a redirect, which is not followed" if 300 <= error.code < 400 else ""
        return f"answered {error.code}{redirect}"
    except Exception as error:  # whatever a server does, the run goes on
        cause = error.reason if isinstance(error, URLError) else error
        if isinstance(cause, ssl.SSLError):
            return f"TLS: {cause.reason}"
        if isinstance(cause, HTTPException):
            return f"its answer is not HTTP ({type(cause).__name__})"
        return getattr(cause, "strerror", "") or type(cause).__name__
    return ""

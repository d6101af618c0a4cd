"""Tells a person that a run failed, beside what cron mails: by a command, by a webhook."""

from __future__ import annotations

import json
import shlex
import subprocess
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from zbcrawler.common.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scrapy.settings import BaseSettings

# Seconds.
_PATIENCE = 60


def check(settings: BaseSettings) -> None:
    """Find what cannot work while nothing has begun.

    :raises ArgumentError: if a setting is not allowed
    """
    try:
        shlex.split(settings.get("ALARM_COMMAND") or "")
    except ValueError as error:
        raise ArgumentError(f"ALARM_COMMAND: {error}; write a command as for a shell") from None
    address = settings.get("ALARM_WEBHOOK")
    if address and urlsplit(address).scheme not in ("http", "https"):
        raise ArgumentError("ALARM_WEBHOOK: write an address that begins with https:// or http://")


def ring(settings: BaseSettings, report: Mapping[str, Any]) -> Iterator[str]:
    """Send the alarms of the settings ``ALARM_COMMAND`` and ``ALARM_WEBHOOK``.

    :param report: of the run; its ``text`` is the summary
    :returns: for each alarm that could not be sent, a line that says why
    """
    for name, send in (("ALARM_COMMAND", _run), ("ALARM_WEBHOOK", _post)):
        if target := settings.get(name):
            try:
                send(target, report)
            except (OSError, ValueError, subprocess.SubprocessError) as error:
                yield f"alarm not sent ({name}): {_reason(error)}"


def _run(command: str, report: Mapping[str, Any]) -> None:
    # The owner's own command; no shell stands between.
    done = subprocess.run(  # noqa: S603
        shlex.split(command), input=f"{report['text']}\n".encode(), capture_output=True, timeout=_PATIENCE, check=False
    )
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()
        raise ValueError(f"exit code {done.returncode} {said[-300:]}".strip())


def _post(address: str, report: Mapping[str, Any]) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "zbcrawler"}
    request = Request(address, json.dumps(report).encode(), headers, method="POST")  # noqa: S310 - checked
    with urlopen(request, timeout=_PATIENCE):  # noqa: S310
        pass


def _reason(error: Exception) -> str:
    # An address of a webhook is a secret: a message must not hold it.
    is_unanswered = isinstance(error, URLError) and not isinstance(error, HTTPError)
    return str(error.reason if is_unanswered else error)

"""Report a failed run to a person, by a command or a webhook. Cron also mails what a run prints."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from scrapy.settings import BaseSettings

from zbcrawler.common.errors import ArgumentError

_TIMEOUT_SECONDS = 60


def check(settings: BaseSettings) -> None:
    """Check the settings of alarms.

    :raises ArgumentError: if a setting is not allowed
    """
    try:
        shlex.split(settings.get("ALARM_COMMAND") or "")
    except ValueError as error:
        raise ArgumentError(f"ALARM_COMMAND: {error}; write a command as for a shell") from None
    address = settings.get("ALARM_WEBHOOK")
    if address and urlsplit(address).scheme not in ("http", "https"):
        raise ArgumentError("ALARM_WEBHOOK: write an address that begins with https:// or http://")


def send(settings: BaseSettings, report: Mapping[str, Any]) -> Iterator[str]:
    """Send the report of a run, and yield a line with the reason for each alarm that could not be sent."""
    for name, send_to in (("ALARM_COMMAND", _run), ("ALARM_WEBHOOK", _post)):
        if target := settings.get(name):
            try:
                send_to(target, report)
            except (OSError, ValueError, subprocess.SubprocessError) as error:
                # A message must not show the address of a webhook, which is a secret.
                what = error.reason if isinstance(error, URLError) and not isinstance(error, HTTPError) else error
                yield f"alarm not sent ({name}): {what}"


def _run(command: str, report: Mapping[str, Any]) -> None:
    # The user's own command, run without a shell.
    text = f"{report['text']}\n".encode()
    done = subprocess.run(shlex.split(command), input=text, capture_output=True, timeout=_TIMEOUT_SECONDS, check=False)  # noqa: S603
    if done.returncode:
        output = done.stderr.decode("utf-8", "replace").strip()
        raise ValueError(f"exit code {done.returncode} {output[-300:]}".strip())


def _post(address: str, report: Mapping[str, Any]) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "zbcrawler"}
    request = Request(address, json.dumps(report).encode(), headers, method="POST")  # noqa: S310 - checked
    with urlopen(request, timeout=_TIMEOUT_SECONDS):  # noqa: S310
        pass

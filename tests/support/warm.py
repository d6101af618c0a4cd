"""Run ``scrapy`` in forks of a process that has already imported Scrapy and the other dependencies.

Each run has its own process, environment and output, and imports the project's modules itself. Only the import of
Scrapy, Twisted, lxml and the like is shared: it takes three quarters of a short run. Linux only, because a fork after
these imports is not safe elsewhere. Set ``ZBCRAWLER_COLD_TESTS=1`` to start every run from nothing.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import itertools
import json
import os
import pkgutil
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

from scrapy.exceptions import ScrapyDeprecationWarning

PROJECT = Path(__file__).parents[2]
POSSIBLE = sys.platform == "linux" and not os.environ.get("ZBCRAWLER_COLD_TESTS")

_LARGEST = 200_000  # bytes of a message


def _of_interpreter(environment: dict[str, str]) -> dict[str, str]:
    """Return the variables that Python reads only when an interpreter starts."""
    names = ("PYTHON", "LANG", "LC_", "TZ", "LD_")
    return {name: value for name, value in environment.items() if name.startswith(names)}


# The tests start Python hundreds of times: let Python keep what it has compiled.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# Whatever the machine's locale, the output is read as UTF-8.
ENVIRONMENT = _of_interpreter({**os.environ, "PYTHONIOENCODING": "utf-8"})

_PACKAGES = ("scrapy.core.downloader.handlers", "scrapy.downloadermiddlewares", "scrapy.extensions", "scrapy.commands")
_MODULES = (
    "scrapy.cmdline scrapy.crawler scrapy.core.engine scrapy.core.scraper scrapy.exporters scrapy.logformatter "
    "scrapy.pipelines.files scrapy.resolver scrapy.robotstxt scrapy.spidermiddlewares.referer scrapy.squeues "
    "scrapy.utils.test lxml.html yaml protego sqlite3 warcio.archiveiterator warcio.warcwriter difflib"
).split()


class Starter:
    """A process that forks a run of ``scrapy`` whenever it is asked to."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        path = os.pathsep.join([str(PROJECT), str(PROJECT / "tests")])
        command = [sys.executable, "-m", "support.warm", str(theirs.fileno())]
        # The process ends when the other end of its socket is closed, at the latest with this process.
        environment = {**os.environ, **ENVIRONMENT, "PYTHONPATH": path}
        self._process = subprocess.Popen(command, cwd=PROJECT, env=environment, pass_fds=[theirs.fileno()])
        theirs.close()
        atexit.register(self.close)

    def close(self) -> None:
        """End the process."""
        self._socket.close()
        self._process.wait()

    def run(self, words: list[str], environment: dict[str, str], timeout: float) -> subprocess.CompletedProcess[str]:
        """Run ``scrapy`` in the project's folder, as :func:`subprocess.run` with captured output does.

        :raises subprocess.TimeoutExpired: after so many seconds; the run has been killed
        """
        message = json.dumps({"words": words, "environment": environment}).encode()
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            socket.send_fds(self._socket, [message], [out.fileno(), err.fileno()])
            pid = int(self._socket.recv(_LARGEST))
            self._socket.settimeout(timeout)
            try:
                code = int(self._socket.recv(_LARGEST))
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)
                self._socket.settimeout(None)
                self._socket.recv(_LARGEST)
                raise subprocess.TimeoutExpired(words, timeout) from None
            self._socket.settimeout(None)
            return subprocess.CompletedProcess(words, code, _text(out), _text(err))


_starters: list[Starter] = []
_turns = itertools.count()


def run(words: list[str], environment: dict[str, str], timeout: float) -> subprocess.CompletedProcess[str] | None:
    """Run ``scrapy`` as :meth:`Starter.run` does. Return None if the environment asks for another kind of interpreter.

    Two starters take turns. So one run and the next have different hash seeds, and iterate over sets differently.
    """
    if _of_interpreter(environment) != ENVIRONMENT:
        return None
    if not _starters:
        _starters.extend(Starter() for _ in range(2))
    return _starters[next(_turns) % 2].run(words, environment, timeout)


def _text(file) -> str:
    file.seek(0)
    return file.read().decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")


def _import_others() -> None:
    names = list(_MODULES)
    for package in _PACKAGES:
        names += [one.name for one in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}.")]
    with warnings.catch_warnings():
        # Modules that Scrapy deprecates, and those of packages that are not installed, are left to the runs.
        warnings.simplefilter("error", ScrapyDeprecationWarning)
        for name in names:
            with contextlib.suppress(ImportError, Warning):
                importlib.import_module(name)
    # A run chooses its reactor and imports the project itself.
    assert "twisted.internet.reactor" not in sys.modules
    assert "zbcrawler" not in sys.modules


def _forked(ours: socket.socket) -> dict | None:
    """Fork a process for each message. Return the message there; return None here when nobody can send any more."""
    while True:
        message, files, _, _ = socket.recv_fds(ours, _LARGEST, 2)
        if not message:
            return None
        pid = os.fork()
        if not pid:
            ours.close()
            for place, file in enumerate(files, 1):
                os.dup2(file, place)
                os.close(file)
            return json.loads(message)
        for file in files:
            os.close(file)
        ours.send(str(pid).encode())
        ours.send(str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])).encode())


def _main() -> None:
    _import_others()
    message = None
    with contextlib.suppress(KeyboardInterrupt):
        message = _forked(socket.socket(fileno=int(sys.argv[1])))
    if message is None:
        return
    os.environ.clear()
    os.environ.update(message["environment"])
    # As "python -m scrapy" in the project's folder has them.
    sys.argv = ["scrapy", *message["words"]]
    sys.path.remove(str(PROJECT / "tests"))
    runpy.run_module("scrapy", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main()

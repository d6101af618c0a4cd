"""Run a command whose standard output is a terminal."""

from __future__ import annotations

import os
import pty
import subprocess

from support.crawling import PROJECT


def printed_on_terminal(command, **environment):
    """Return the exit code, and what a command prints if its standard output is a terminal that knows colours."""
    ours, theirs = pty.openpty()
    names = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    env = {**names, "TERM": "xterm", **environment}
    with subprocess.Popen(command, cwd=PROJECT, env=env, stdout=theirs, stderr=subprocess.DEVNULL) as process:
        os.close(theirs)
        printed = b""
        try:
            while data := os.read(ours, 1 << 16):
                printed += data
        except OSError:  # on Linux, the end
            pass
    os.close(ours)
    return process.returncode, printed.decode()

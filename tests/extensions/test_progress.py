"""What a person at a terminal sees of a run."""

from __future__ import annotations

import fcntl
import logging
import os
import pty
import struct
import sys
import termios
from contextlib import contextmanager, redirect_stderr

from scrapy.utils.test import get_crawler

from zbcrawler.common.errors import Outcome
from zbcrawler.extensions.progress import Progress, show_progress


@contextmanager
def terminal(lines):
    """Make standard error a terminal of 60 columns; at the end, add to ``lines`` what its screen shows."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))

    with open(theirs, "w", encoding="utf-8") as screen, redirect_stderr(screen):
        yield
        screen.write("\0")
        screen.flush()
        shown = b""
        while not shown.endswith(b"\0"):
            shown += os.read(ours, 65536)
    os.close(ours)
    for line in shown.decode().rstrip("\0").replace("\r\n", "\n").split("\n"):
        lines.append(line.rpartition("\r\x1b[K")[2])


def test_log_lines_go_above_the_bar_and_a_line_is_no_wider_than_the_terminal():
    lines = []
    with terminal(lines):
        log = logging.StreamHandler(sys.stderr)
        logging.root.addHandler(log)
        try:
            progress = Progress(get_crawler(settings_dict={"PROGRESS_BAR": True}))
            progress.spider_opened()
            progress.run_planned(4)
            progress.part_planned("2 of 4 stories are missing")
            progress.story_settled(Outcome.NEW)
            logging.getLogger("zbcrawler").error("failed: 新闻")
            progress.story_settled(Outcome.FAILED)
            progress.spider_closed()
            logging.getLogger("zbcrawler").error("after the run")
        finally:
            logging.root.removeHandler(log)
    planned, above, bar, after, last = lines
    assert (planned, above, after, last) == ("2 of 4 stories are missing", "failed: 新闻", "after the run", "")
    assert bar.startswith("[####################] 4/4 stories, ")
    assert len(bar) == 59


def test_the_results_of_a_command_stand_on_lines_of_their_own():
    lines = []
    with terminal(lines):
        for result in show_progress([[], ["a finding"], []], 3, "files"):
            for line in result:
                print(line, file=sys.stderr)
    assert lines == ["a finding", ""]

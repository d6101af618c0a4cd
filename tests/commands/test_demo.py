"""``scrapy demo``, as a newcomer runs it: in a pipe and on a terminal, to its end, stopped, and where it cannot run."""

from __future__ import annotations

import os
import pty
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from urllib.request import urlopen

import pytest
from support.crawling import PATIENCE, PROJECT, scrapy, wait_for
from support.programs import needs

COMMAND = [sys.executable, "-m", "scrapy", "demo"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Return the folder in which the demo makes its own."""
    needs("git")
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.delenv("NO_COLOR", raising=False)
    return folder


@contextmanager
def started(*words):
    """Start the demo; its output is read in pieces. It is killed if the test leaves it running."""
    with subprocess.Popen(
        [*COMMAND, *words], cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def read_until(process, words):
    """Return the lines that a process prints until one has these words."""
    lines = []
    for line in process.stdout:
        lines.append(line)
        if words in line:
            return lines
    raise AssertionError("".join(lines) + process.stderr.read())


def download(address):
    with urlopen(address, timeout=PATIENCE) as page:  # noqa: S310
        return page.read().decode()


def processes():
    return subprocess.run(["ps", "-eo", "args"], capture_output=True, encoding="utf-8", check=True).stdout


def on_terminal(**variables):
    """Run the demo on a terminal; return its exit code and what the terminal shows."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100", **variables}
    with subprocess.Popen(COMMAND, cwd=PROJECT, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        shown = bytearray()
        try:
            while data := os.read(ours, 4096):
                shown += data
        except OSError:  # the last process has closed the terminal
            pass
        os.close(ours)
        return process.wait(PATIENCE), shown.decode()


def test_the_demo_shows_an_advert_left_out_two_edits_and_a_redesign_that_heals(tmp_path, monkeypatch, folder):
    # As inside a git hook: the demo must not write into the caller's repository.
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "callers.git"))
    run = scrapy("demo")
    assert not (tmp_path / "callers.git").exists()
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stderr == ""
    adverts, edits, redesign = re.split(r"\n\n[123]  \d\d:\d\d  ", run.stdout)[1:]
    assert ' - <div class="bff-google-ad">' in adverts
    assert "   <h1>青岬港跨湾大桥提前通车" in adverts
    page, post = adverts.split("One of the archive's 24 files")
    assert "热文推荐" in page
    assert "热文推荐" not in post
    assert 'title: "青岬港跨湾大桥提前通车' in post
    assert "涨幅约[-70%-]{+17%+}" in edits
    assert "沿海5.8级地震 [-至少三人受伤-]{+伤者增至11人+}" in edits
    assert "The others prove it: 12 of 12 are read as archived." in redesign
    assert redesign.count("\n + ") == 3
    assert "\x1b" not in run.stdout
    assert "The demo has removed its files." in redesign
    assert list(folder.iterdir()) == []


def test_on_a_terminal_the_demo_has_colours_and_its_lines_fit():
    code, shown = on_terminal()
    assert code == 0, shown
    assert "\x1b[31m - <div" in shown
    assert "涨幅约\x1b[31;9m70%\x1b[0m\x1b[32m17%\x1b[0m" in shown
    assert "red was removed, green was added" in shown


def test_no_color_forbids_the_demos_colours_on_a_terminal():
    code, shown = on_terminal(NO_COLOR="1")
    assert code == 0, shown
    assert "\x1b" not in shown
    assert "[-70%-]{+17%+}" in shown


def test_serve_shows_the_archive_as_a_website_until_ctrl_c_and_leaves_nothing(folder):
    with started("--serve") as process:
        (address,) = re.findall(r"http://\S+", read_until(process, "Ctrl-C ends")[-1])
        text = download(address)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
    assert "受大雾影响 跨湾大桥今晚限速60公里" in text
    assert (process.returncode, out, err) == (0, "", "")
    assert list(folder.iterdir()) == []
    with socket.socket() as other:
        assert other.connect_ex(("127.0.0.1", int(address.rstrip("/").rpartition(":")[2]))) != 0


def test_a_closed_terminal_ends_the_website_and_leaves_nothing(folder):
    with started("--serve") as process:
        read_until(process, "Ctrl-C ends")
        process.send_signal(signal.SIGHUP)
        process.communicate(timeout=PATIENCE)
    assert list(folder.iterdir()) == []
    assert str(folder) not in processes()


@pytest.mark.parametrize(
    ("stopped", "words"), [(signal.SIGINT, "1  18:00"), (signal.SIGINT, "3  19:15"), (signal.SIGTERM, "2  19:00")]
)
def test_a_stopped_demo_says_so_and_leaves_neither_files_nor_processes(folder, stopped, words):
    with started() as process:
        read_until(process, words)
        time.sleep(0.3)  # let a command be at work
        process.send_signal(stopped)
        _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert err.strip() == f"scrapy demo: stopped by {stopped.name}; its files are removed"
    assert list(folder.iterdir()) == []
    wait_for(lambda: str(folder) not in processes())


def test_keep_keeps_the_archive_and_never_writes_into_a_folder_that_is_in_use(tmp_path):
    run = scrapy("demo", "--keep", tmp_path / "kept" / "here")
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"scrapy site {tmp_path}/kept/here/archive {tmp_path}/kept/here/site --serve" in run.stdout
    assert len(list(tmp_path.glob("kept/here/archive/_posts/2026/01/*/*.md"))) == 27
    again = scrapy("demo", "--keep", tmp_path / "kept" / "here")
    assert again.returncode == 2
    assert again.stdout == ""
    assert again.stderr == f"scrapy demo: --keep {tmp_path}/kept/here: is not empty; name a new folder\n"


def test_a_port_that_is_taken_is_said_before_the_demo_begins():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        run = scrapy("demo", "--serve", port)
    assert (run.returncode, run.stdout) == (2, "")
    assert f"scrapy demo: --serve {port}: " in run.stderr
    assert "leave the port out" in run.stderr
    assert run.stderr.count("\n") == 1


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "file").touch()
    run = scrapy("demo", "--keep", tmp_path / "file" / "folder")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith(f"scrapy demo: --keep {tmp_path}/file/folder: Not a directory; ")


def test_a_disk_without_space_stops_the_demo_with_the_remedy(folder):
    mount = ["mount", "-t", "tmpfs", "-o", "size=60k", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody mount a disk")
    try:
        run = scrapy("demo")
        assert run.returncode == 1
        assert run.stderr.endswith("\nSet TMPDIR to a folder with space where you may write, and try again.\n")
        assert "Traceback" not in run.stdout + run.stderr
        assert list(folder.iterdir()) == []
    finally:
        subprocess.run(["umount", str(folder)], check=True)

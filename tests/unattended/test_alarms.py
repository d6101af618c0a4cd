"""Hostile receivers of alarms: whatever they do, a run ends, says so, and keeps its last lines."""

from __future__ import annotations

import json
import os
import socket
import stat
import sys
import threading
import time
from contextlib import contextmanager, suppress

import pytest
from support.crawling import crawl, scrapy, start_crawl, wait_for

NOTHING = "http://127.0.0.1:9"  # nobody listens there, so every run fails
PYTHON = sys.executable
SECRET = "s3cr3t"  # noqa: S105 - of these tests
# Far more than the answers of these tests take, and far less than the tests' patience.
SHORT = {"ALARM_SECONDS": 3}


def drip(connection):
    while True:
        connection.sendall(b"H" if not drip.begun else b"x")
        drip.begun = True
        time.sleep(0.05)


drip.begun = False


def endless(begin, piece):
    def answer(connection):
        connection.sendall(begin)
        while True:
            connection.sendall(piece)

    return answer


def hang(connection):
    while connection.recv(65536):
        pass


ANSWERS = {
    "hangs": (hang, "no whole answer within ALARM_SECONDS"),
    "drips": (drip, "no whole answer within ALARM_SECONDS"),
    "goes on for ever": (endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), "no whole answer within ALARM_SECONDS"),
    "one endless header": (endless(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 65536), "its answer is not HTTP (LineTooLong)"),
    "endless headers": (endless(b"HTTP/1.1 200 OK\r\n", b"X: x\r\n"), "its answer is not HTTP (HTTPException)"),
    "a bad status line": (b"HTTP/1.1 OK 200\r\n\r\n", "its answer is not HTTP (BadStatusLine)"),
    "another protocol": (b"SSH-2.0-OpenSSH_9.6\r\n", "its answer is not HTTP (BadStatusLine)"),
    "nothing": (b"", "its answer is not HTTP (RemoteDisconnected)|Connection reset"),
    "a redirect to a file": (b"HTTP/1.1 302 F\r\nLocation: file:///etc/passwd\r\n\r\n", "answered 302, a redirect"),
    "a redirect to itself": (
        b"HTTP/1.1 301 F\r\nLocation: /" + SECRET.encode() + b"\r\n\r\n",
        "answered 301, a redirect",
    ),
    "a bad redirect": (b"HTTP/1.1 303 F\r\nLocation: http://[\r\n\r\n", "answered 303, a redirect|ValueError"),
    "the secret": (f"HTTP/1.1 404 No {SECRET} \x1b[2J\r\n\r\n".encode(), "answered 404"),
}


@contextmanager
def server(answer):
    """Serve every connection with bytes or with a function, and yield the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_serve, args=(listener, answer), daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        # A thread that still waits for a connection could take one of the next server that gets the same descriptor.
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def _serve(listener, answer):
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=_answer, args=(connection, answer), daemon=True).start()


def _answer(connection, answer):
    with suppress(OSError), connection:
        connection.settimeout(60)
        connection.recv(65536)
        if callable(answer):
            answer(connection)
        else:
            connection.sendall(answer)
            connection.shutdown(socket.SHUT_WR)
            connection.recv(65536)


def program(folder, code):
    """Write a program for ``ALARM_COMMAND`` and return its path."""
    path = folder / "alarm"
    path.write_text(f"#!{PYTHON}\nimport os, signal, subprocess, sys, time\n{code}\n")
    path.chmod(0o755)
    return path


def failing_run(archive, newsroom, *words, **settings):
    return crawl("realtime", NOTHING, archive, newsroom, "--quiet", *words, settings={**SHORT, **settings})


@pytest.mark.parametrize("answer", ANSWERS)
def test_no_answer_of_a_webhook_ends_or_delays_the_last_lines(newsroom, archive, answer):
    given, said = ANSWERS[answer]
    with server(given) as port:
        run = failing_run(archive, newsroom, ALARM_WEBHOOK=f"http://127.0.0.1:{port}/{SECRET}")
    assert (run.returncode, run.stderr) == (1, "")
    *_, verdict, alarm = run.stdout.splitlines()
    assert " failed: " in verdict
    assert any(alarm.startswith(f"alarm not sent (ALARM_WEBHOOK): {one}") for one in said.split("|")), alarm
    assert SECRET not in run.stdout
    assert "\x1b" not in run.stdout


@pytest.mark.parametrize("head", [b"", b"Content-Length: 999999999999\r\n", b"Transfer-Encoding: chunked\r\n"])
def test_a_huge_body_of_a_webhook_is_not_read(newsroom, archive, head):
    with server(endless(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n", b"x" * 65536)) as port:
        run = failing_run(archive, newsroom, ALARM_WEBHOOK=f"http://127.0.0.1:{port}/")
    assert "alarm not sent" not in run.stdout
    assert run.returncode == 1


def test_a_webhook_without_tls_is_reported_without_its_address(newsroom, archive):
    with server(b"HTTP/1.1 200 OK\r\n\r\n") as port:
        run = failing_run(archive, newsroom, ALARM_WEBHOOK=f"https://localhost:{port}/{SECRET}")
    assert "alarm not sent (ALARM_WEBHOOK): TLS: " in run.stdout
    assert SECRET not in run.stdout + run.stderr


COMMANDS = {
    "hangs": ("time.sleep(1000)", "still at work after ALARM_SECONDS, and was killed"),
    "hangs with a child": ("subprocess.run(['sleep', '1000'])", "still at work after ALARM_SECONDS, and was killed"),
    "ignores a request to end": ("signal.signal(15, signal.SIG_IGN)\ntime.sleep(1000)", "still at work"),
    "prints for ever": ("while 1: os.write(2, b'x' * 65536)", "still at work after ALARM_SECONDS, and was killed"),
    "prints a lot": ("for _ in range(8000): os.write(2, b'x' * 65536)\nsys.exit('end')", f"exit code 1 {'x' * 200}"),
    "leaves a child with the pipe": ("subprocess.Popen(['sleep', '9'])\nsys.exit('no line')", "exit code 1 no line"),
    "prints bytes": (
        r"os.write(2, bytes(range(256)) + b'\x1b[31mred \xe2\x80\xae\n')" + "\nsys.exit(4)",
        "exit code 4 ",
    ),
    "is killed": ("os.kill(os.getpid(), 9)", "killed by signal 9"),
    "is no program": (None, "Exec format error"),
}


@pytest.mark.parametrize("case", COMMANDS)
def test_no_command_ends_or_delays_the_last_lines(newsroom, archive, tmp_path, case):
    code, said = COMMANDS[case]
    path = program(tmp_path, code)
    if code is None:
        path.write_bytes(b"\x7fELF nothing")
    run = failing_run(archive, newsroom, ALARM_COMMAND=f"{path} {SECRET}")
    assert (run.returncode, run.stderr) == (1, "")
    *_, verdict, alarm = run.stdout.splitlines()
    assert " failed: " in verdict
    assert alarm.startswith(f"alarm not sent (ALARM_COMMAND): {said}")
    assert len(alarm) < 400
    assert alarm.isprintable()
    assert SECRET not in run.stdout


def test_a_command_that_takes_too_long_is_killed_with_its_children(newsroom, archive, tmp_path):
    pids = tmp_path / "pids"
    child = f"import os, time; open({str(pids)!r}, 'a').write(str(os.getpid())); time.sleep(1000)"
    path = program(tmp_path, f"subprocess.run([sys.executable, '-c', {child!r}])")
    failing_run(archive, newsroom, ALARM_COMMAND=path, ALARM_SECONDS=8)
    wait_for(lambda: _ended(int(pids.read_text())))


def _ended(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    with suppress(OSError):  # nobody may have asked for its exit code yet
        return open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[0] == "Z"
    return False


def test_a_command_that_leaves_a_daemon_is_not_waited_for(newsroom, archive, tmp_path):
    path = program(tmp_path, "subprocess.Popen(['sleep', '20'], start_new_session=True)")
    run = failing_run(archive, newsroom, ALARM_COMMAND=path)
    assert "alarm not sent" not in run.stdout
    assert run.returncode == 1


def test_a_command_need_not_read_the_summary(newsroom, archive, tmp_path):
    path = program(tmp_path, "os.close(0)")
    run = failing_run(archive, newsroom, ALARM_COMMAND=path)
    assert "alarm not sent" not in run.stdout


def test_a_command_that_hangs_takes_no_time_from_the_webhook(newsroom, archive, tmp_path):
    path = program(tmp_path, "time.sleep(1000)")
    with server(b"HTTP/1.1 200 OK\r\n\r\n") as port:
        run = failing_run(archive, newsroom, ALARM_COMMAND=path, ALARM_WEBHOOK=f"http://127.0.0.1:{port}")
    assert [line for line in run.stdout.splitlines() if "alarm" in line] == [
        "alarm not sent (ALARM_COMMAND): still at work after ALARM_SECONDS, and was killed"
    ]


@pytest.mark.parametrize(
    "address",
    [
        "http://",
        "https:///hook",
        "http://:80/hook",
        "http://host:port/hook",
        "http://host:99999/hook",
        "http://host:0/hook",
        "http://[::1/hook",
        f"http://host/{SECRET} hook",
        f"http://host/{SECRET}\n",
        f"http://host/{SECRET}\x7f",
        f"http://host/{SECRET}/路",
        "http://a..b/hook",
        f"http://{'a' * 70}.org/hook",
        f"http://user:{SECRET}@host/hook",
        f"file:///{SECRET}",
        f"ftp://host/{SECRET}",
        f"//host/{SECRET}",
        f"{SECRET}",
    ],
)
def test_a_wrong_address_is_wrong_usage(archive, newsroom, address):
    run = failing_run(archive, newsroom, ALARM_WEBHOOK=address)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith("scrapy crawl: ALARM_WEBHOOK: write an address that begins with https:// or http://")
    assert run.stderr.count("\n") == 1
    assert SECRET not in run.stderr


@pytest.mark.parametrize(
    "command", ["/nowhere/alarm", "no-such-program", "''", "README.md", "/usr", "'", "  ", "cat >> alarms"]
)
def test_a_command_that_cannot_be_run_is_wrong_usage(archive, newsroom, command):
    run = failing_run(archive, newsroom, ALARM_COMMAND=f"{command} {SECRET}" if command.strip("' ") else command)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith("scrapy crawl: ALARM_COMMAND: ")
    assert run.stderr.count("\n") == 1
    assert SECRET not in run.stderr


def test_the_summary_for_programs_is_whole_before_anybody_is_told(newsroom, archive, tmp_path):
    file, seen = tmp_path / "summary.json", tmp_path / "seen.json"
    file.write_text("old")
    path = program(tmp_path, f"import shutil; shutil.copy({str(file)!r}, {str(seen)!r})")
    failing_run(archive, newsroom, "--summary-json", file, ALARM_COMMAND=path)
    assert json.loads(seen.read_text("utf-8"))["verdict"] == "failed"
    assert seen.read_bytes() == file.read_bytes()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["alarm", "archive", "seen.json", "summary.json"]


def test_the_summary_for_programs_is_replaced_at_once(newsroom, archive, tmp_path):
    file = tmp_path / "summary.json"
    file.write_text("old")
    with file.open() as reader:
        failing_run(archive, newsroom, "--summary-json", file)
        assert reader.read() == "old"  # a reader that was in its midst gets the old document whole
    assert json.loads(file.read_text("utf-8"))["exit_code"] == 1


def test_a_device_or_a_pipe_as_the_summary_for_programs_stays_what_it_is(newsroom, archive, tmp_path):
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(tmp_path / "target.json")
    nobody_reads = failing_run(archive, newsroom, "--summary-json", pipe)
    assert "--summary-json not written: " in nobody_reads.stdout
    with open(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)) as reader:
        failing_run(archive, newsroom, "--summary-json", pipe)
        assert json.loads(reader.read())["exit_code"] == 1
    failing_run(archive, newsroom, "--summary-json", link)
    assert json.loads((tmp_path / "target.json").read_text("utf-8"))["exit_code"] == 1
    assert link.is_symlink()
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert failing_run(archive, newsroom, "--summary-json", "/dev/null").returncode == 1


def test_a_folder_as_the_summary_for_programs_is_wrong_usage(newsroom, archive, tmp_path):
    run = failing_run(archive, newsroom, "--summary-json", tmp_path)
    assert (run.returncode, run.stderr.count("\n")) == (2, 1)


def test_the_alarm_goes_out_when_nobody_reads_the_summary(newsroom, archive, tmp_path):
    told = tmp_path / "told"
    path = program(tmp_path, f"open({str(told)!r}, 'w').write(sys.stdin.read())")
    run = start_crawl(NOTHING, archive, newsroom, ALARM_COMMAND=path)
    run.stdout.close()
    run.stderr.close()
    assert run.wait(300) != 0
    assert " failed: " in told.read_text()


def test_an_import_checks_the_alarms_as_a_crawl_does(archive, tmp_path):
    run = scrapy("import", tmp_path, "-s", f"ARCHIVE_DIR={archive}", "-s", "ALARM_COMMAND=/nowhere/alarm")
    assert (run.returncode, "/nowhere/alarm: cannot be run" in run.stderr) == (2, True)

"""Files that are written whole or not at all, and what killed runs leave."""

from __future__ import annotations

import os
import stat
import subprocess
import threading
import time

import pytest
from support.programs import needs

from zbcrawler.archive.disk import ArchiveFolder, try_lock

POST = "_posts/2021/06/10/2021-06-10-1154260.md"


def test_written_once_and_then_only_if_bytes_differ(tmp_path):
    archive = ArchiveFolder(tmp_path)
    path = archive.root / POST
    assert archive.write(path, b"one")
    before = path.stat()
    assert not archive.write(path, b"one")
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert path.stat().st_ino == before.st_ino
    assert archive.write(path, b"two")
    assert path.read_bytes() == b"two"
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_what_cannot_be_written_leaves_what_was_there(tmp_path, monkeypatch):
    archive = ArchiveFolder(tmp_path)
    path = archive.root / POST
    archive.write(path, b"old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        archive.write(path, b"new")
    assert path.read_bytes() == b"old"
    assert [found.name for found in path.parent.iterdir()] == [path.name]
    assert list((tmp_path / ".zbcrawler" / "tmp").iterdir()) == []


def test_half_written_files_of_dead_runs_are_swept_and_those_of_living_ones_are_not(tmp_path):
    archive = ArchiveFolder(tmp_path)
    archive.sweep()
    folder = archive.private_folder("tmp")
    (folder / "dead.md.1").write_bytes(b"x")
    with (folder / "living.md.2").open("wb") as file:
        try_lock(file.fileno())
        archive.sweep()
        assert [path.name for path in folder.iterdir()] == ["living.md.2"]
    archive.sweep()
    assert list(folder.iterdir()) == []


def test_a_run_that_sweeps_takes_nothing_from_one_that_writes(tmp_path):
    archive, over = ArchiveFolder(tmp_path), threading.Event()

    def sweep():
        while not over.is_set():
            ArchiveFolder(tmp_path).sweep()
            time.sleep(0.001)  # the writer's turn

    sweepers = [threading.Thread(target=sweep) for _ in range(3)]
    for sweeper in sweepers:
        sweeper.start()
    try:
        for number in range(300):
            assert archive.write(tmp_path / f"{number}.md", b"x")
    finally:
        over.set()
        for sweeper in sweepers:
            sweeper.join()
    assert len(list(tmp_path.glob("*.md"))) == 300


def test_what_runs_keep_to_themselves_is_not_in_git(tmp_path):
    needs("git")
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    archive = ArchiveFolder(tmp_path)
    (archive.private_folder() / "state.sqlite").write_bytes(b"x")
    done = subprocess.run(["git", "status", "--porcelain"], cwd=tmp_path, capture_output=True, check=True)
    assert done.stdout == b""


def test_a_new_file_obeys_the_umask(tmp_path):
    archive = ArchiveFolder(tmp_path)
    archive.write(archive.root / POST, b"x")
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE((archive.root / POST).stat().st_mode) == 0o666 & ~umask

"""The pictures of the documentation can be made again, and none of them slows a reader down."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from support.crawling import PATIENCE, PROJECT
from support.programs import needs

IMAGES = ["demo.webp", "edits.webp", "site.webp"]
_MOST = 200_000  # bytes


def test_the_script_makes_every_picture_of_the_documentation(tmp_path):
    needs("chromium")
    needs("git")
    command = [sys.executable, PROJECT / "tests" / "make_screenshots.py", tmp_path / "images"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=PATIENCE, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    check(tmp_path / "images")


def test_the_pictures_are_in_the_documentation():
    check(PROJECT / "docs" / "images")


def check(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == IMAGES
    for path in folder.iterdir():
        data = path.read_bytes()
        assert data[8:12] == b"WEBP", path
        assert 20_000 < len(data) < _MOST, path

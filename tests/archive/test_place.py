"""What people are told about the place of an archive."""

from __future__ import annotations

import shlex
from pathlib import Path

from support.crawling import PROJECT

from zbcrawler.archive.place import command_line


def test_a_command_to_paste_names_every_archive_but_the_default_one(tmp_path, monkeypatch):
    monkeypatch.chdir(PROJECT)
    assert command_line("learn --adopt a", Path("archive")) == "scrapy learn --adopt a"
    folder = tmp_path / "it's news"
    assert shlex.split(command_line("learn --adopt a", folder))[-2:] == ["-s", f"ARCHIVE_DIR={folder}"]

"""Which files an import looks at."""

from __future__ import annotations

import os

import pytest
from support.old_posts import write

from zbcrawler.common.errors import ArgumentError
from zbcrawler.common.text import printable
from zbcrawler.tools.importing.files import check_paths, post_files


def found(tmp_path, *paths, errors=None):
    files = post_files([str(path) for path in paths], tmp_path / "archive", (errors or []).append)
    return [os.path.relpath(path, tmp_path) for path in files]


def test_folders_are_searched_and_what_is_hidden_is_not(tmp_path):
    for folder in ("old", "old/b", "old/.git", "old/.hidden/c"):
        write(tmp_path / folder, 一="", **{".x": ""})
    (tmp_path / "old" / "b" / "二.MARKDOWN").write_text("")
    (tmp_path / "old" / "b" / "x.txt").write_text("")
    (tmp_path / "old" / "folder.md").mkdir()
    os.mkfifo(tmp_path / "old" / "pipe.md")
    (tmp_path / "old" / "broken.md").symlink_to("nowhere.md")
    assert found(tmp_path, tmp_path / "old") == ["old/一.md", "old/b/一.md", "old/b/二.MARKDOWN"]


def test_links_lead_nowhere_twice(tmp_path):
    write(tmp_path / "old", a="")
    (tmp_path / "old" / "loop").symlink_to(tmp_path / "old")
    (tmp_path / "old" / "up").symlink_to(tmp_path)
    (tmp_path / "old" / "b.md").symlink_to("a.md")
    assert found(tmp_path, tmp_path / "old") == ["old/a.md"]


def test_each_file_once_and_in_the_same_order(tmp_path):
    write(tmp_path / "old", a="", b="")
    paths = [tmp_path / "old", tmp_path / "old" / "b.md", tmp_path / "old" / "a.md", tmp_path / "old"]
    assert found(tmp_path, *paths) == found(tmp_path, *reversed(paths)) == ["old/a.md", "old/b.md"]


def test_a_file_that_is_named_is_taken_whatever_its_name(tmp_path):
    (tmp_path / ".post.txt").write_text("")
    assert found(tmp_path, tmp_path / ".post.txt") == [".post.txt"]


def test_the_archive_itself_is_left_out(tmp_path):
    write(tmp_path / "archive" / "_posts", a="")
    write(tmp_path / "old", b="")
    (tmp_path / "old" / "link").symlink_to(tmp_path / "archive")
    assert found(tmp_path, tmp_path) == ["old/b.md"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_cannot_be_read_is_told(tmp_path):
    (tmp_path / "old").mkdir(mode=0)
    errors = []
    assert found(tmp_path, tmp_path / "old", errors=errors) == []
    assert len(errors) == 1


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (None, "no PATH"),
        ("nowhere", "nowhere: no such file or folder"),
        ("archive", "lies in the archive itself"),
        ("archive/_posts", "lies in the archive itself"),
        ("link", "lies in the archive itself"),
    ],
)
def test_paths_that_are_wrong(tmp_path, path, said):
    (tmp_path / "archive" / "_posts").mkdir(parents=True)
    (tmp_path / "link").symlink_to("archive")
    with pytest.raises(ArgumentError, match=said):
        check_paths([str(tmp_path / path)] if path else [], tmp_path / "archive")


def test_any_name_can_be_printed():
    assert printable(os.fsdecode(b"\xff\n\xe4\xb8\x80.md")) == "\ufffd\ufffd一.md"

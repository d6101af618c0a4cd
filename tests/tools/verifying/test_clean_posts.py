"""``scrapy verify`` remembers clean posts, and still finds every fault."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from support.crawling import scrapy

from zbcrawler.archive import posts
from zbcrawler.archive.archive import Archive
from zbcrawler.archive.disk import PRIVATE
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.times import SINGAPORE
from zbcrawler.items import Story
from zbcrawler.tools.verifying import clean_posts, verify
from zbcrawler.tools.verifying.verify import Verification

NOW = datetime(2026, 3, 1, 8, 30, tzinfo=SINGAPORE)
TIME = NOW - timedelta(days=29)
COUNT = 20
PICTURE = '<figure><img src="../../../../pictures/ab/abc.jpg" alt=""></figure>'


def write(root, number, day="20260131", date=TIME, published=TIME, body=("<p>海湾大桥通车。</p>",)):
    story = Story(StoryAddress.parse(f"/realtime/china/story{day}-{number}"), "通车", published, list(body), date)
    path = Archive(root).path_of(story.address)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(posts.render(story).encode())
    return path


@pytest.fixture
def root(tmp_path):
    for number in range(COUNT):
        write(tmp_path, 3_120_000 + number, day=f"202601{30 + number % 2}")
    assert check(tmp_path) == (COUNT, [])
    return tmp_path


@pytest.fixture
def checked(monkeypatch):
    """Collect the posts that are checked by the rules."""
    paths = []

    class Watched(verify.PostCheck):
        def __init__(self, root, path, *more):
            paths.append(path)
            super().__init__(root, path, *more)

    monkeypatch.setattr(verify, "PostCheck", Watched)
    return paths


def check(root, now=NOW, **more):
    """Return how many posts had changed, and the rules that are broken."""
    checking = Verification(root, now, **more)
    found = [finding.rule for findings in checking.run() for finding in findings]
    return checking.files - checking.unchanged, found


def spoil(path, keep_times=False):
    """Change one byte pair, so that size stays and the post breaks a rule."""
    before = path.stat()
    path.write_bytes(path.read_bytes().replace(b"<p>", b"<b>").replace(b"</p>", b"</b>"))
    if keep_times:
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)


def test_an_unchanged_post_is_read_once_and_not_checked_again_and_nothing_is_written(root, checked):
    file = root / PRIVATE / clean_posts.FILE
    before = file.read_bytes(), file.stat().st_mtime_ns
    assert check(root) == (0, [])
    assert checked == []
    assert (file.read_bytes(), file.stat().st_mtime_ns) == before
    assert len(before[0]) < 100 * COUNT + 16_384


def test_only_the_changed_post_is_checked_again_even_if_its_size_and_times_stay(root, checked):
    path = next(root.rglob("*.md"))
    spoil(path, keep_times=True)
    for _ in range(2):  # a fault is never remembered
        assert check(root) == (1, ["markup"])
    assert checked == [path.relative_to(root).as_posix()] * 2


def test_a_changed_post_is_repaired_although_all_others_are_known(root, checked):
    spoil(next(root.rglob("*.md")))
    assert check(root, fix=True) == (1, ["markup"])
    assert check(root) == (1, [])  # what a repair wrote is checked once
    assert check(root) == (0, [])


def test_the_output_says_how_many_posts_were_unchanged(root):
    path = next(root.rglob("*.md"))
    scrapy("verify", root)
    assert scrapy("verify", root).stdout == f"{COUNT} files, {COUNT} unchanged: 0 wrong\n"
    spoil(path)
    assert scrapy("verify", root).stdout.endswith(f"{COUNT} files, {COUNT - 1} unchanged: 1 wrong (markup 1)\n")
    assert f'"unchanged": {COUNT - 1},' in scrapy("verify", root, "--json").stdout


def test_other_rules_check_every_post_again(root, monkeypatch):
    monkeypatch.setattr(verify, "digest_rules", lambda: b"others")
    assert check(root) == (COUNT, [])
    assert check(root) == (0, [])


def test_the_rules_are_the_code_the_data_of_editions_and_the_parsers(tmp_path, monkeypatch):
    package = tmp_path / "zbcrawler"
    (package / "tools" / "verifying").mkdir(parents=True)
    monkeypatch.setattr(clean_posts, "__file__", str(package / "tools" / "verifying" / "clean_posts.py"))
    digests = [clean_posts.digest_rules()]
    for name in ("noise.py", "edition.yml"):
        (package / name).write_text("a")
        digests.append(clean_posts.digest_rules())
        (package / name).write_text("b")
        digests.append(clean_posts.digest_rules())
    monkeypatch.setattr(clean_posts.etree, "LIBXML_VERSION", (9, 9, 9))
    digests.append(clean_posts.digest_rules())
    assert len(set(digests)) == len(digests)


def test_faults_that_lie_in_other_files_are_found_in_unchanged_posts(tmp_path):
    picture = tmp_path / "pictures" / "ab" / "abc.jpg"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"x")
    write(tmp_path, 5)
    write(tmp_path, 6, body=["<p>x</p>", PICTURE])
    for changed in (2, 0):
        assert check(tmp_path) == (changed, [])
    write(tmp_path, 5, day="20260201")
    write(tmp_path, 6, day="20250130", date=TIME - timedelta(days=366), published=None)
    assert check(tmp_path) == (2, ["number", "duplicate"])
    picture.write_bytes(b"")
    assert sorted(check(tmp_path)[1]) == ["duplicate", "number", "picture"]


def test_a_post_that_was_moved_or_copied_is_another_post(root):
    path = next(root.rglob("*.md"))
    path.rename(path.with_name("2026-01-31-9.md"))
    assert check(root) == (1, ["name"])


def test_a_time_that_comes_is_noticed(tmp_path):
    write(tmp_path, 5, day="20260301", date=NOW - timedelta(hours=1), published=NOW + timedelta(hours=1))
    for _ in range(2):  # not remembered while the site's time lies ahead
        assert check(tmp_path) == (1, [])
    assert check(tmp_path, NOW + timedelta(hours=2)) == (1, ["clamped"])


def test_a_clock_that_was_set_back_makes_a_post_of_the_future(root):
    assert check(root, TIME - timedelta(hours=1))[1] == ["future"] * COUNT


@pytest.mark.parametrize("broken", [b"", b"x" * 5000, "cut", "bytes", "folder", "link", "other tables", "other values"])
def test_a_broken_file_costs_a_check_and_is_begun_anew(root, broken):
    file = root / PRIVATE / clean_posts.FILE
    whole = file.read_bytes()
    if broken in ("folder", "link"):
        file.unlink()
        file.mkdir() if broken == "folder" else file.symlink_to("nowhere")
    elif str(broken).startswith("other"):
        file.unlink()
        with sqlite3.connect(file) as db:
            columns = "part text primary key, checked real, digests blob" if broken == "other values" else "a"
            db.execute(f"create table clean ({columns})")
            if broken == "other values":
                db.execute("insert into clean values ('_posts/2026/01/31/0', 0, 'text')")
    else:
        data = {"cut": whole[: len(whole) // 2], "bytes": whole[:60] + b"\xff" * 2000 + whole[2060:]}
        file.write_bytes(data.get(broken, broken))
    assert check(root) == (COUNT, [])
    check(root)
    assert check(root) == (0, [])


def test_a_read_only_archive_is_checked_and_what_is_known_is_used(root):
    spoil(next(root.rglob("*.md")))
    mount = ["mount", "--bind", "-o", "ro", str(root), str(root)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody mount a disk")
    try:
        for _ in range(2):
            assert check(root) == (1, ["markup"])
    finally:
        subprocess.run(["umount", "--lazy", str(root)], check=True)
    (root / PRIVATE / clean_posts.FILE).unlink()
    subprocess.run(mount, check=True)
    try:
        assert check(root) == (COUNT, ["markup"])
    finally:
        subprocess.run(["umount", "--lazy", str(root)], check=True)


def test_a_file_that_another_process_holds_delays_no_check(root, monkeypatch):
    monkeypatch.setattr(clean_posts, "_TIMEOUT_SECONDS", 0.1)
    with sqlite3.connect(root / PRIVATE / clean_posts.FILE) as other:
        other.execute("begin exclusive")
        assert check(root) == (COUNT, [])
    assert check(root) == (0, [])


def test_an_interrupted_check_keeps_what_it_has_checked(tmp_path):
    for number in range(COUNT):
        date = TIME - timedelta(days=number)
        write(tmp_path, 3_120_000 + number, day=f"{date:%Y%m%d}", date=date, published=date)
    results = Verification(tmp_path, NOW).run()
    for _ in range(COUNT // 2):
        next(results)
    results.close()
    assert check(tmp_path) == (COUNT // 2, [])


def test_two_checks_at_once_agree_and_leave_a_usable_file(root):
    spoil(next(root.rglob("*.md")))
    (root / PRIVATE / clean_posts.FILE).unlink()
    with ThreadPoolExecutor(2) as pool:
        outputs = list(pool.map(lambda _: scrapy("verify", root).stdout, range(2)))
    assert all(output.endswith("1 wrong (markup 1)\n") for output in outputs)
    assert scrapy("verify", root).stdout.startswith("_posts/")
    assert f"{COUNT - 1} unchanged" in scrapy("verify", root).stdout


def test_changed_files_alone_are_checked_without_the_private_file(tmp_path):
    path = write(tmp_path, 5)
    assert check(tmp_path, paths=[path.relative_to(tmp_path).as_posix()]) == (1, [])
    assert not (tmp_path / PRIVATE).exists()

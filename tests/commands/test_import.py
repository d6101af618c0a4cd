"""``scrapy import`` as a user runs it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest
from support.crawling import PATIENCE, PROJECT, scrapy, snapshot, tree, wait_for
from support.old_posts import BODY, CLEAN, LINK, TITLE, old_post, paragraphs, write

from zbcrawler.archive import posts

POST = "_posts/2021/06/10/2021-06-10-1154260.md"


def run_import(archive, *words, **settings):
    given = [word for name, value in settings.items() for word in ("-s", f"{name}={value}")]
    return scrapy("import", *words, "-s", f"ARCHIVE_DIR={archive}", *given)


def numbered(number: int, **parts: str) -> str:
    link = parts.pop("link", LINK)
    return old_post(link=link.replace("1154260", str(number)), **parts)


@pytest.fixture
def old(tmp_path):
    return tmp_path / "old"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "no PATH"),
        (["nowhere"], "nowhere: no such file or folder"),
        (["docs", "--dryrun"], "--dryrun: unknown option; scrapy import --help lists them"),
        (["docs", "-s", "ARCHIVE_DIR=docs"], "docs: lies in the archive itself (docs)"),
        (["docs", "-s", "ARCHIVE_DIR="], "write a folder"),
        (["docs", "-s", "CLOCK=noon"], "not a time of 1970 to 2199 with a zone"),
        (["docs", "-s", "FRONT_MATTER_KEYS=x"], "x is not one of"),
        (["docs", "--removed", "README.md"], "--removed README.md: exists already"),
        (["docs", "--removed", "nowhere/x"], "--removed nowhere/x: name a file in an existing folder"),
        (["docs", "--removed", "docs"], "--removed docs: name a file in an existing folder"),
    ],
)
def test_wrong_usage_is_one_line(words, said):
    run = scrapy("import", *words)
    assert (run.returncode, run.stdout, run.stderr.count("\n")) == (2, "", 1)
    assert run.stderr.startswith("scrapy import: ")
    assert said in run.stderr


def test_a_folder_of_many_things(old, archive):
    write(old / "2021", 标题=old_post(), **{"as-we-write-it": numbered(2, body=paragraphs("甲", "乙"))})
    write(old, other=old_post(link="https://news.example/1"), readme="# 说明\n", about=old_post(link="", heading=""))
    run = run_import(archive, old, "--quiet")
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert sorted(tree(archive)) == [POST, POST.replace("1154260", "2")]
    story = posts.read((archive / POST).read_text("utf-8"))
    assert (story.title, story.body) == (TITLE, CLEAN)
    assert posts.render(story).encode() == tree(archive)[POST]

    before = snapshot(archive)
    run = run_import(archive, old)
    assert snapshot(archive) == before
    first, *others = run.stdout.splitlines()
    skipped = "3 skipped (1 no story address, 1 not a post, 1 other source)"
    assert first == f"import: 0 new, 0 changed, 2 unchanged, {skipped}"
    assert others[0].startswith(f"ok: nothing new; the archive is in {archive}; ")
    assert others[0].endswith(" files/s")
    assert others[1:] == ["dropped: advert 1 (no words)"]


def test_a_file_that_names_two_stories_is_not_imported(old, archive):
    other = LINK.replace("0610-1154260", "0710-1154260")
    mixed = numbered(1, heading=f"[{TITLE}]({other})")
    begins_with_a_link = numbered(2, heading="", body=f"[{TITLE}]({other})\n{BODY}")
    write(
        old,
        mixed=mixed,
        moved=numbered(3, heading=f"[{TITLE}]({LINK.replace('1154260', '3')}?a=b)"),
        link=begins_with_a_link,
    )
    run = run_import(archive, old)
    assert run.returncode == 1
    assert f"but the heading links {other}; restore the file or remove it" in run.stdout
    assert {path.rpartition("-")[2] for path in tree(archive)} == {"2.md", "3.md"}


def test_what_cannot_be_imported_fails_and_the_rest_goes_on(old, archive):
    write(
        old,
        a=numbered(1).encode("gb18030"),
        b=numbered(2, body=""),
        c=numbered(3, body="<i>" * 5000),
        d=numbered(4, body='<div id="imu">广告</div>'),
        e=numbered(5),
        f=old_post().encode()[:250],
    )
    run = run_import(archive, old)
    assert run.returncode == 1
    assert [path.rpartition("-")[2] for path in tree(archive)] == ["5.md"]
    lines = run.stdout.splitlines()
    assert lines[0] == "import: 1 new, 0 changed, 0 unchanged, 5 failed"
    for line, said in zip(
        lines[1:],
        [
            "a.md: not UTF-8",
            "b.md: body: missing",
            "c.md: body: the body is nested",
            "d.md: body: has no text",
            "f.md: body",
        ],
        strict=False,
    ):
        assert line.startswith(f"failed: {old}/{said}")
    assert lines[6].startswith("5 failed: ")
    assert "Traceback" not in run.stderr


def test_nothing_to_import_is_a_failure(old, archive):
    write(old, readme="# 说明\n")
    run = run_import(archive, old)
    assert run.returncode == 1
    assert f"failed: {old}: no post of 联合早报\n" in run.stdout
    assert tree(archive) == {}


def test_versions_in_any_order(old, archive, tmp_path):
    world = LINK.replace("china", "world")
    first = old_post(date="2021-06-10T01:00:00Z", link=world, title="旧", body=paragraphs("甲", "乙", "丙"))
    last = old_post(date="2021-06-10T09:00:00Z", title="新", body=paragraphs("甲", "乙乙", "丙"))
    cut = old_post(date="2021-06-10T10:00:00Z", body=paragraphs("甲", "乙乙"))
    walled = old_post(date="2021-06-11T10:00:00Z", body='<p>子丑寅卯</p><div class="cta-subscribe">请订阅</div>')
    write(old / "a", a=walled, b=first)
    write(old / "b", c=last, d=cut, e=first.encode() + b"\xff")
    run = run_import(archive, old / "a", old / "b")
    assert run.returncode == 1
    assert run.stdout.startswith("import: 1 new, 0 changed, 0 unchanged, 3 skipped (3 other version), 1 failed\n")
    for name, why in (("a/a", "cut by the paywall"), ("a/b", "earlier"), ("b/d", "only a part")):
        assert f"note: {old}/{name}.md: {why}; {old}/b/c.md is the version that counts\n" in run.stdout
    story = posts.read((archive / POST).read_text("utf-8"))
    assert (story.title, story.address.section) == ("新", "realtime/world")
    other = tmp_path / "other"
    other.mkdir()
    run_import(other, old / "b", old / "a")
    assert tree(other) == tree(archive)


@pytest.mark.parametrize(
    ("archived", "imported", "outcome", "stays"),
    [
        (["甲", "乙", "丙"], paragraphs("甲", "乙"), "1 skipped (1 another version is archived)", True),
        (["甲", "乙"], paragraphs("甲", "乙", "丙"), "1 changed", False),
        (["甲", "乙"], paragraphs("甲", "子"), "1 skipped (1 another version is archived)", True),
        (["甲", "乙"], paragraphs("甲", "乙"), "1 unchanged", True),
        (["甲"], '<p>甲</p><p>乙</p><div class="cta-subscribe">x</div>', "1 skipped", True),
    ],
)
def test_what_is_archived_stays_unless_it_is_cut(old, archive, archived, imported, outcome, stays):
    lines = [f"<p>{text}</p>" for text in archived]
    known = old_post(extra="", body="<div>\n" + "\n".join(lines) + "\n</div>\n")
    run_import(archive, write(old, a=known))
    (old / "a.md").write_text(old_post(date="2021-06-10T09:00:00Z", body=imported), "utf-8")
    before = snapshot(archive)
    run = run_import(archive, old)
    assert run.returncode == 0
    assert outcome in run.stdout
    assert (snapshot(archive) == before) is stays
    if "another version" in outcome:
        assert f"note: {old}/a.md: another version is archived, {archive / POST}\n" in run.stdout
    if not stays:
        assert posts.read((archive / POST).read_text("utf-8")).body == ["<p>甲</p>", "<p>乙</p>", "<p>丙</p>"]


@pytest.mark.quick
def test_an_owed_story_is_no_longer_owed_and_a_failed_one_never_is(old, archive):
    owed = archive / "_data" / "owed"
    owed.mkdir(parents=True)
    (owed / "1154260.json").write_text(json.dumps({"address": LINK, "section": "china"}))
    write(old, a=old_post(), b=numbered(2, body=""))
    (archive / POST.replace("1154260", "3")).parent.mkdir(parents=True)
    (archive / POST.replace("1154260", "3")).write_text("by hand")
    write(old, c=numbered(3))
    run = run_import(archive, old)
    assert "1 new, 0 changed, 0 unchanged, 2 failed" in run.stdout
    assert "not a post as zbcrawler writes it" in run.stdout
    assert list(owed.iterdir()) == []


def test_a_dry_run_tells_and_writes_nothing(old, archive):
    write(old, a=old_post(), b=numbered(2), c=numbered(3, body=paragraphs("甲")), d=numbered(4, body="<p></p>"))
    run_import(archive, old / "a.md", old / "c.md")
    write(old, c=numbered(3, body=paragraphs("乙")))
    (archive / "_data" / "owed").mkdir(parents=True)
    (archive / "_data" / "owed" / "2.json").write_text(json.dumps({"address": LINK, "section": "china"}))
    everything = archive.parent
    before = snapshot(everything)
    run = run_import(archive, old, "--dry-run")
    assert snapshot(everything) == before
    assert run.returncode == 1
    where = archive / POST
    assert run.stdout.splitlines()[:4] == [
        f"new: {str(where).replace('1154260', '2')} from {old}/b.md",
        f"skipped: {str(where).replace('1154260', '3')} from {old}/c.md",
        f"unchanged: {where} from {old}/a.md",
        "import: 1 new, 0 changed, 1 unchanged, 1 skipped (1 another version is archived), 1 failed",
    ]
    assert "\nfailed: " in run.stdout


def test_all_that_is_dropped_can_be_read(old, archive, tmp_path):
    write(old, a=old_post())
    file = tmp_path / "removed.jsonl"
    run = run_import(archive, old, "--removed", file, "--dry-run")
    assert run.returncode == 0
    assert tree(archive) == {}
    (line,) = file.read_text("utf-8").splitlines()
    assert json.loads(line)["html"] in BODY


def test_names_of_any_bytes(archive, tmp_path):
    old = tmp_path / os.fsdecode(b"\xff\n")
    write(old, a=old_post(), b=old_post(body=""))
    run = run_import(archive, old, "--dry-run")
    assert run.returncode == 1
    assert f"new: {archive / POST} from {tmp_path}/\ufffd\ufffd/a.md\n" in run.stdout
    assert f"failed: {tmp_path}/\ufffd\ufffd/b.md: body: missing" in run.stdout
    assert "Traceback" not in run.stderr


def test_only_so_many_notes(old, archive):
    write(old, **{f"p{number:03}": old_post() for number in range(105)})
    run = run_import(archive, old, "-L", "INFO")
    assert run.returncode == 0
    assert run.stdout.count("\nnote: ") == 101
    assert "note: import: 4 more versions are left out; the log names them (-L INFO)\n" in run.stdout
    assert "p104.md: the same" in run.stderr


def test_ctrl_c_ends_it_with_whole_posts(old, archive):
    write(old, **{f"p{number}": numbered(number + 1) for number in range(5000)})
    command = [sys.executable, "-m", "scrapy", "import", old, "-s", f"ARCHIVE_DIR={archive}", "--quiet"]
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
    wait_for((archive / POST).parent.is_dir, process)
    process.send_signal(signal.SIGINT)
    summary, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, errors) == (1, "")
    written = tree(archive)
    assert f"import: {len(written)} new" in summary
    left = (
        f"failed: import: {5000 - len(written)} posts were not processed before the run ended (shutdown); run it again"
    )
    assert left in summary
    assert all(posts.read(text.decode()).body == CLEAN for text in written.values())


def test_crawl_does_not_know_it():
    run = scrapy("crawl", "import")
    assert run.returncode == 2
    assert "import: name one of backfill, realtime, story" in run.stderr

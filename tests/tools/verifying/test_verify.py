"""``scrapy verify`` on archives with one fault per rule."""

from __future__ import annotations

import json
import re
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from support.crawling import PROJECT, crawl, scrapy, tree
from support.hub import git
from support.programs import needs

from zbcrawler.archive import posts
from zbcrawler.archive.archive import Archive
from zbcrawler.archive.note_files import write_note
from zbcrawler.archive.notes import KINDS
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.times import SINGAPORE
from zbcrawler.items import Story
from zbcrawler.replica.server import Replica
from zbcrawler.tools.verifying.post import WARNINGS
from zbcrawler.tools.verifying.verify import Verification

TIME = datetime(2026, 1, 31, 8, 30, tzinfo=SINGAPORE)
AHEAD = datetime.now(SINGAPORE).replace(microsecond=0) + timedelta(days=30)
FIRST = 3_120_000
KEPT = '<figure><img src="../../../../pictures/ab/abc.jpg" alt=""></figure>'


def story(number=FIRST, **more):
    address = StoryAddress.parse(f"/realtime/china/story20260131-{number}")
    body = [
        "<p>海湾大桥星期六（1月31日）通车。</p>",
        '<p>车程<a href="https://example.org/a">缩短</a>到15分钟。</p>',
        KEPT,
    ]
    return replace(Story(address, "海湾大桥今早通车", TIME, body, TIME), **more)


def write(archive, one):
    path = archive.path_of(one.address)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(posts.render(one).encode())
    return path


def change(old, new):
    def defect(archive, number):
        path = write(archive, story(number))
        data = path.read_bytes()
        assert old.encode() in data
        path.write_bytes(data.replace(old.encode(), new.encode(), 1))

    return defect


def made(**more):
    return lambda archive, number: write(archive, story(number, **more))


def moved(to):
    def defect(archive, number):
        path = write(archive, story(number))
        target = archive.root / "_posts" / to.format(number)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)

    return defect


def cut(archive, number):
    path = write(archive, story(number))
    data = path.read_bytes()
    path.write_bytes(data[: data.index("缩短".encode())])


def empty_picture(archive, number):
    name = f"pictures/ab/{number}.jpg"
    (archive.root / "pictures" / "ab").mkdir(parents=True, exist_ok=True)
    (archive.root / name).write_bytes(b"")
    write(archive, story(number, body=["<p>x</p>", KEPT.replace("pictures/ab/abc.jpg", name)]))


def doubled(archive, number):
    path = write(archive, story(number))
    other = replace(story(number), address=StoryAddress.parse(f"/news/china/story20260201-{number}"))
    write(archive, other)
    assert path.exists()


def used_again_years_later(archive, number):
    write(archive, story(number))
    address, date = StoryAddress.parse(f"/news/china/story20240131-{number}"), TIME.replace(year=2024)
    write(archive, story(number, address=address, published=None, date=date))


def of_the_future(archive, number):
    address, date = StoryAddress.parse(f"/news/china/story20900131-{number}"), TIME.replace(year=2090)
    write(archive, story(number, address=address, published=None, date=date))


def note(kind, told):
    def defect(archive, number):
        write_note(archive, KINDS[kind](archive).path(str(number)), {**told, "address": story(number).address.url})

    return defect


def other_note(archive, number):
    write_note(
        archive, archive.notes.absent.path(str(number)), {"address": story(number + 1).address.url, "reason": "x"}
    )


def gap(archive, number):
    archive.notes.gaps.add(f"section{number}", 3)


def stray(archive, number):
    (archive.root / "_posts" / f"{number}.txt").write_text("x")


def not_utf8(archive, number):
    path = write(archive, story(number))
    path.write_bytes(path.read_bytes().replace("桥".encode(), "桥".encode("gbk"), 1))


# A fault, the rule that it breaks, and whether it has one right answer.
DEFECTS = [
    (change("---\nlayout", "\ufeff---\nlayout"), "encoding", True),
    (change("</p>\n<p>", "</p>\r\n<p>"), "encoding", True),
    (not_utf8, "encoding", False),
    (change("星期六", "星期\x08六"), "control", True),
    (change("星期六", "星期\u200b六"), "control", True),
    (change("<div>\n", "<div>"), "layout", True),
    (change("---\nlayout: post\n", "layout: post\n"), "unreadable", False),
    (change("tags: [ 联合早报 ]", "tags: [ 联合早报"), "yaml", True),
    (change("layout: post\n", ""), "keys", True),
    (change("tags: [ 联合早报 ]", "tags: [ 早报 ]"), "keys", True),
    (change("layout: post\n", "layout: post\nmood: good\n"), "keys", True),
    (change('title: "海湾大桥今早通车"', "title: 海湾大桥今早通车"), "title", True),
    (change(":00.000Z\n", ":00Z\n"), "date", True),
    (change("from: https://www.zaobao.com/", "from: https://www.zaobao.com.sg/"), "from", True),
    (change("<!--1769819400000-->", "<!--yesterday-->"), "comment", False),
    (change("<!--1769819400000-->", "<!--1769419400000-->"), "comment", False),
    (change("[海湾大桥今早通车]", "[海湾大桥昨晚通车]"), "heading", True),
    (change("------\n\n<div>", "------\n<div>"), "layout", True),
    (change("</p>\n<p>", "</p>\n\n<p>"), "layout", True),
    (change("</p>\n<p>", '</p>\n<div class="bff-google-ad">广告</div>\n<p>'), "noise", True),
    (change("星期六", "{{ site.title }}"), "liquid", True),
    (change("<p>海湾", "<p onclick=x>海湾"), "markup", True),
    (change("<p>海湾大桥", "<p><b>海湾</b>大桥"), "markup", True),
    (made(body=[]), "empty", False),
    (change("pictures/ab/abc.jpg", "pictures/ab/lost.jpg"), "picture", False),
    (moved("2026/01/31/2026-01-31-海湾{}.md"), "name", True),
    (moved("2026/02/01/2026-01-31-{}.md"), "folder", True),
    (doubled, "duplicate", False),
    (used_again_years_later, "number", None),
    # What would have to be guessed: a merge that failed, a file that was cut, two answers to one question.
    (change("<p>车程", "<<<<<<< HEAD\n<p>车程"), "damage", False),
    (change("title: ", "<<<<<<< HEAD\ntitle: "), "damage", False),
    (cut, "damage", False),
    (change("<p>车程", "<!-- <p>车程"), "damage", False),
    (change("缩短", "3<b 且 c>短"), "damage", False),
    (change("layout: post\n", 'layout: post\ntitle: "另一个"\n'), "damage", False),
    (change('title: "海湾大桥今早通车"\n', ""), "damage", False),
    (
        change("from: https://www.zaobao.com/realtime/china", "from: https://www.zaobao.com/realtime/world"),
        "damage",
        False,
    ),
    (change("date: 2026-01-31T00:30:00.000Z", "date: 2026-01-31 08:30:00"), "date", False),
    (change("date: 2026-01-31T00:30:00.000Z", "date: 2026-02-31T00:30:00.000Z"), "yaml", True),
    (empty_picture, "picture", False),
    (note("owed", {"reason": "answered 500", "section": "china", "since": "yesterday"}), "note", False),
    (note("sites", {"site": "mars"}), "note", False),
    (note("pictures", {"pictures": {"https://x/a.jpg": "pictures/ab/lost.jpg"}}), "note", False),
    (of_the_future, "future", None),
    (stray, "stray", False),
    (other_note, "note", False),
    (note("owed", {}), "note", False),
    (made(date=TIME + timedelta(days=3), published=None), "day", None),
    (made(date=TIME - timedelta(hours=8)), "clamped", True),
    (note("owed", {"reason": "answered 500", "section": "china"}), "owed", None),
    (gap, "gap", None),
]


@pytest.fixture
def clean(tmp_path):
    archive = Archive(tmp_path / "archive")
    for number in range(FIRST, FIRST + 5):
        write(archive, story(number))
    write(archive, story(FIRST + 5, published=None))
    write(archive, story(FIRST + 6, published=AHEAD, date=TIME))  # clamped
    write(archive, story(FIRST + 7, date=TIME + timedelta(hours=5)))  # collected later, and imported
    write(
        archive,
        story(
            FIRST + 8, title='“引号” "与" [括号] {x} \\ <b>', keywords=("甲",), optional_keys=frozenset({"keywords"})
        ),
    )
    (archive.root / "pictures" / "ab").mkdir(parents=True)
    (archive.root / "pictures" / "ab" / "abc.jpg").write_bytes(b"x")
    write_note(
        archive,
        archive.notes.absent.path("7"),
        {"address": "https://www.zaobao.com/realtime/china/story20260131-7", "reason": "answered 404"},
    )
    return archive


def verify(archive, *words):
    return scrapy("verify", archive.root, *words)


def found(archive, *words):
    return json.loads(verify(archive, "--json", *words).stdout)["findings"]


def test_every_rule_of_the_docs_has_a_fault_and_the_docs_know_every_warning():
    table = (
        (PROJECT / "docs/reference/verify-rules.md")
        .read_text("utf-8")
        .partition("| rule | asks for |")[2]
        .partition("\n\n")[0]
    )
    rules = dict(re.findall(r"^\| `(\w+)` \| (a warning: )?", table, re.MULTILINE))
    assert {rule for _, rule, _ in DEFECTS} == rules.keys()
    assert {rule for rule, warning in rules.items() if warning} == WARNINGS


def test_a_clean_archive_is_clean(clean):
    run = verify(clean)
    assert (run.returncode, run.stdout) == (0, "10 files: 0 wrong\n")


def test_each_fault_is_found_and_nothing_else_and_repaired_once(clean):
    expected = []
    for place, (defect, rule, fixable) in enumerate(DEFECTS):
        number = 5_000_000 + place
        defect(clean, number)
        expected.append((str(number), rule, bool(fixable)))
    findings = found(clean)
    told = [
        (
            next(str(5_000_000 + place) for place in range(len(DEFECTS)) if str(5_000_000 + place) in one["path"]),
            one["rule"],
            one["fixable"],
        )
        for one in findings
    ]
    assert sorted(told) == sorted(expected)
    assert all(one["warning"] == (one["rule"] in WARNINGS) for one in findings)
    run = verify(clean, "--fix")
    assert run.returncode == 1
    repairable = sum(fixable is True for _, _, fixable in DEFECTS)
    assert run.stdout.count(" (fixed)\n") == repairable
    assert f"{repairable} fixed" in run.stdout
    after = tree(clean.root)
    left = found(clean)
    assert sorted(one["rule"] for one in left) == sorted(rule for _, rule, fixable in DEFECTS if not fixable)
    again = verify(clean, "--fix")
    assert "0 fixed" in again.stdout
    assert tree(clean.root) == after


@pytest.mark.parametrize("defect", [defect for defect, _, fixable in DEFECTS if fixable])
def test_what_is_repaired_is_as_the_crawl_would_write_it(clean, defect):
    defect(clean, FIRST + 99)
    assert verify(clean, "--fix").returncode == 0
    text = clean.read(clean.path_of(story(FIRST + 99).address))
    assert text.title == story().title
    assert verify(clean).stdout.endswith("0 wrong\n")


@pytest.mark.quick
def test_what_a_crawl_writes_is_clean(newsroom, archive):
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom)
    run = scrapy("verify", archive)
    assert run.returncode == 0, run.stdout
    assert " 0 wrong" in run.stdout


def test_processes_tell_the_same_in_the_same_order(clean):
    for place, (defect, _, _) in enumerate(DEFECTS):
        defect(clean, 5_000_000 + place)
    # What the first remembers, the second would count.
    outputs = []
    for processes in (2, 1):
        (clean.root / ".zbcrawler" / "verified.sqlite").unlink(missing_ok=True)
        outputs.append(verify(clean, "--processes", processes).stdout)
    assert outputs[0] == outputs[1]


def test_the_archives_own_note_is_read_as_well(clean):
    write_note(clean, clean.root / "_data" / "home.json", {"site": "mars"})
    assert "_data/home.json: note: names the site mars" in verify(clean).stdout


def test_a_time_that_lay_far_ahead_of_its_collection_is_no_fault(clean):
    write(clean, story(FIRST + 20, published=AHEAD, date=TIME))
    assert verify(clean).stdout == "11 files: 0 wrong\n"


def test_a_post_of_one_line_is_no_fault_of_ours(clean):
    path = write(clean, story(FIRST + 30, body=["<p>x</p>"]))
    head, _, _ = path.read_text("utf-8").partition("<!--")
    path.write_text(f"{head}<div><p>x</p></div>", "utf-8")
    findings = [one for one in found(clean) if str(FIRST + 30) in one["path"]]
    assert [one["rule"] for one in findings] == ["comment", "heading", "layout"]


def test_counts_are_in_the_json_too(clean):
    stray(clean, 5)
    assert json.loads(verify(clean, "--json").stdout)["counts"] == {"wrong": {"stray": 1}, "fixed": {}, "warnings": {}}


def test_a_fault_of_ours_with_one_file_keeps_none_from_being_looked_at(clean, monkeypatch):
    def fails(_root, path, *_):
        raise RecursionError(path) if path.endswith(f"{FIRST}.md") else AssertionError

    monkeypatch.setattr("zbcrawler.tools.verifying.verify.PostCheck", fails)
    paths = [f"_posts/2026/01/31/2026-01-31-{FIRST + n}.md" for n in range(2)]
    results = list(Verification(clean.root, TIME, paths).run())
    assert [findings[0].rule for findings in results] == ["unreadable", "unreadable"]


def test_only_what_has_changed(clean):
    needs("git")
    git(clean.root, "init", "--quiet")
    git(clean.root, "add", "--all")
    git(clean.root, "commit", "--quiet", "--message=begun")
    old = clean.path_of(story(FIRST).address)
    assert verify(clean, "--since", "HEAD").stdout == "0 files: 0 wrong\n"
    old.write_bytes(old.read_bytes().replace(b"<p>", b"<p x=y>", 1))
    doubled(clean, FIRST + 50)
    clean.path_of(story(FIRST + 1).address).unlink()
    run = verify(clean, "--since", "HEAD")
    assert run.returncode == 1
    assert run.stdout.endswith("3 files: 2 wrong (duplicate 1, markup 1)\n")
    assert verify(clean, "--since", "nothing").returncode == 2


def install_hook(repository):
    hook = repository / ".git" / "hooks" / "pre-commit"
    hook.write_text(
        (PROJECT / "deploy" / "pre-commit")
        .read_text()
        .replace("/srv/zbcrawler", str(PROJECT))
        .replace(".venv/bin/python", sys.executable)
    )
    hook.chmod(hook.stat().st_mode | stat.S_IXUSR)


def test_the_hook_lets_no_fault_in(clean):
    needs("git")
    git(clean.root, "init", "--quiet")
    install_hook(clean.root)
    git(clean.root, "add", "--all")
    git(clean.root, "commit", "--quiet", "--message=begun")
    change("<p>", "<p x=y>")(clean, FIRST + 60)
    git(clean.root, "add", "--all")
    with pytest.raises(AssertionError, match="markup"):
        git(clean.root, "commit", "--quiet", "--message=wrong")


def test_the_hook_knows_an_archive_within_a_repository(tmp_path):
    needs("git")
    repository = tmp_path / "repository"
    archive = Archive(repository / "archive")
    write(archive, story(body=["<p>x</p>"]))
    git(repository, "init", "--quiet")
    install_hook(repository)
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message=begun")
    change("<p>", "<p x=y>")(archive, FIRST + 60)
    git(repository, "add", "--all")
    with pytest.raises(AssertionError, match="markup"):
        git(repository, "commit", "--quiet", "--message=wrong")


def test_a_reader_who_has_seen_enough_is_no_fault(clean):
    for number in range(2000):
        change("<p>", "<p x=y>")(clean, 6_000_000 + number)
    command = ["bash", "-c", f"{sys.executable} -m scrapy verify {clean.root} | head -1"]
    run = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert run.stdout.count("\n") == 1
    assert "Traceback" not in run.stderr


def test_wrong_usage_is_told(tmp_path):
    for words in ([tmp_path], [tmp_path / "x"], [tmp_path, tmp_path]):
        run = scrapy("verify", *words)
        assert run.returncode == 2
        assert run.stderr.startswith("scrapy verify: ")

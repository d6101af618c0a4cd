"""What ``scrapy export`` writes, and that Datasette finds Chinese words in it."""

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from urllib.parse import quote

import pytest
from support.crawling import MOMENT, PROJECT, crawl, scrapy
from support.programs import needs

from zbcrawler.archive import posts
from zbcrawler.archive.archive import Archive
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.items import Story
from zbcrawler.replica.server import Replica

BRIDGE = Story(
    StoryAddress.parse("/realtime/china/story20260131-3120268"),
    "海湾大桥今早通车 {{ “平稳” }}",
    MOMENT,
    [
        '<figure><img src="https://static.zaobao.com/s3fs-public/a.jpg?x=1&amp;y=2" alt="桥"><figcaption>大桥。（路透社）</figcaption></figure>',
        "<p>车程从<strong>50分钟</strong>缩短到15分钟，<br>A股上涨3.5%。</p>",
        '<figure><img src="../../../../pictures/ab/cd.jpg" alt=""></figure>',
        "<ul><li>&lt;COVID-19&gt;疫情</li><li>下午察</li></ul>",
    ],
    MOMENT,
)
QUAKE = Story(StoryAddress.parse("/news/story20250701-99"), "地震", None, ["<p>大城小桥。</p>"], MOMENT)
ROW = {
    "number": "3120268",
    "time": "2026-01-31T12:00:00+08:00",
    "section": "realtime/china",
    "title": "海湾大桥今早通车 {{ “平稳” }}",
    "text": "大桥。（路透社）\n车程从50分钟缩短到15分钟，\nA股上涨3.5%。\n<COVID-19>疫情\n下午察",
    "pictures": ["https://static.zaobao.com/s3fs-public/a.jpg?x=1&y=2", "pictures/ab/cd.jpg"],
    "byline": "记者",
    "address": "https://www.zaobao.com/realtime/china/story20260131-3120268",
}
# As Datasette 0.65 asks when a person types WORD into the search box of the table; escape_fts() puts it in quotes.
SEARCH = "select number from stories where id in (select rowid from stories_fts where stories_fts match ?)"


@pytest.fixture
def news(archive):
    bridge = replace(BRIDGE, byline="记者", optional_keys=frozenset({"byline"}))
    for story in (bridge, QUAKE):
        Archive(archive).write(Archive(archive).path_of(story.address), posts.render(story).encode())
    return archive


def export(folder, file, code=0):
    run = scrapy("export", file, folder)
    assert run.returncode == code, run.stdout + run.stderr
    assert run.stderr == ""
    return run.stdout


def test_each_story_is_a_line_of_json(news, tmp_path):
    file = tmp_path / "news.jsonl"
    assert export(news, file) == f"2 stories are in {file}\n"
    quake, bridge = map(json.loads, file.read_text("utf-8").splitlines())
    assert bridge == ROW
    assert (quake["section"], quake["byline"], quake["pictures"]) == ("news", None, [])
    assert "大桥" in file.read_text("utf-8")


def test_each_story_is_a_row_of_a_table(news, tmp_path):
    file = tmp_path / "news.sqlite"
    export(news, file)
    with closing(sqlite3.connect(file)) as base:
        base.row_factory = sqlite3.Row
        rows = [dict(row) for row in base.execute("select * from stories order by time")]
        assert base.execute("pragma integrity_check").fetchone()[0] == "ok"
    assert {**rows[1], "pictures": json.loads(rows[1]["pictures"])} == {"id": 2, **ROW}


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("大桥", ["3120268"]),
        ("桥", ["3120268", "99"]),
        ("海湾大桥", ["3120268"]),
        ("大桥 通车", ["3120268"]),
        ("大桥 地震", []),
        ("15分钟", ["3120268"]),
        ("A股", ["3120268"]),
        ("covid-19", ["3120268"]),
        ("COVID", ["3120268"]),
        ("大桥，通车", []),
        ("<script>", []),
    ],
)
def test_search_boxes_find_words_of_one_to_four_characters_as_typed(news, tmp_path, words, numbers):
    file = tmp_path / "news.sqlite"
    export(news, file)
    with closing(sqlite3.connect(file)) as base:
        typed = " ".join(f'"{word}"' for word in words.split())
        assert sorted(number for (number,) in base.execute(SEARCH, [typed])) == numbers


def test_datasette_itself_finds_two_characters(news, tmp_path):
    needs("datasette")
    export(news, tmp_path / "news.sqlite")
    ask = f"/news/stories.json?_shape=array&_search={quote('大桥')}"
    command = [shutil.which("datasette"), tmp_path / "news.sqlite", "--get", ask]
    found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    assert [row["number"] for row in found] == ["3120268"]


def test_all_stories_of_a_crawl_are_exported(newsroom, archive, tmp_path):
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom)
    export(archive, tmp_path / "news.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "news.jsonl").read_text("utf-8").splitlines()]
    stories = [Archive(archive).read(path) for path in sorted((archive / "_posts").rglob("*.md"))]
    assert [(row["address"], row["title"]) for row in rows] == [(one.address.url, one.title) for one in stories]
    assert all("<p>" not in row["text"] and "\n\n" not in row["text"] for row in rows)


@pytest.mark.parametrize("suffix", [".jsonl", ".sqlite"])
def test_bad_posts_are_named_and_the_others_are_exported(news, tmp_path, suffix):
    bad = news / "_posts/2026/01/31"
    for name, data in (("2026-01-31-1.md", b"cut"), ("2026-01-31-2.md", b"\xff")):
        (bad / name).write_bytes(data)
    (bad / "2026-01-31-3.md").mkdir()
    told = export(news, tmp_path / f"news{suffix}", code=1)
    for name in ("2026-01-31-1.md", "2026-01-31-2.md", "2026-01-31-3.md"):
        assert sum(name in line and line.startswith("failed: ") for line in told.splitlines()) == 1
    assert told.endswith(f"2 stories are in {tmp_path / f'news{suffix}'}; 3 posts cannot be read\n")


@pytest.mark.parametrize("suffix", [".jsonl", ".sqlite"])
def test_a_full_disk_leaves_the_old_file(news, tmp_path, suffix):
    file = tmp_path / f"news{suffix}"
    file.write_text("old")
    # The limit of a file's size stands for the end of the disk.
    limited = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600)); sys.argv[0] = 'scrapy';"
        "from scrapy.cmdline import execute; execute()"
    )
    command = [sys.executable, "-c", limited, "export", file, news]
    run = subprocess.run(command, cwd=PROJECT, capture_output=True, encoding="utf-8", check=False)
    assert run.returncode == 1
    assert run.stdout.startswith(f"failed: {file}: not written: ")
    assert run.stdout.count("\n") == 1
    assert file.read_text() == "old"
    assert list(tmp_path.glob(".news*")) == []


def test_wrong_usage_writes_nothing(news, tmp_path):
    (tmp_path / "a.sqlite").mkdir()
    for words, what in (
        ([], "name a file that ends with .jsonl or .sqlite"),
        ([tmp_path / "news.csv", news], "name a file that ends with .jsonl or .sqlite"),
        ([tmp_path / "nix/news.jsonl", news], "name a file in an existing folder"),
        ([tmp_path / "a.sqlite", news], "name a file in an existing folder"),
        ([tmp_path / "news.jsonl", tmp_path / "nix"], "is not an existing folder"),
        ([tmp_path / "news.jsonl", news, news], "name one archive"),
    ):
        run = scrapy("export", *words)
        assert (run.returncode, run.stdout) == (2, "")
        assert run.stderr.startswith("scrapy export: ")
        assert what in run.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"archive", "a.sqlite"}

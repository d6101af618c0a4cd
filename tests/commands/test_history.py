"""What ``scrapy history`` shows, with real git: for readers on a terminal, in a pipe, and for programs."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from support.crawling import MOMENT, PROJECT
from support.programs import needs
from support.terminals import printed_on_terminal

from zbcrawler.archive import posts
from zbcrawler.archive.archive import Archive
from zbcrawler.archive.committing import Committer, mark_news
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.items import Story

BRIDGE = StoryAddress.parse("/realtime/china/story20260131-3120268")
QUAKE = StoryAddress.parse("/realtime/world/story20260131-3120300")
OLD = ["<p>第一段不变。</p>", "<p>车程从50分钟缩短到15分钟。桥上不收费。</p>", "<p>末段。</p>"]
NEW = ["<p>末段。</p>", "<p>第一段不变。</p>", "<p>车程从50分钟缩短到18分钟。桥上不收费。</p>"]
PICTURE = '<figure><img src="https://static.zaobao.com/s3fs-public/a.jpg" alt=""><figcaption>图说</figcaption></figure>'


@pytest.fixture
def archive(tmp_path):
    """Return an archive in which two stories were edited, one with technical changes between."""
    needs("git")
    subprocess.run(["git", "init", "--quiet", tmp_path / "archive"], check=True)
    archive = Archive(tmp_path / "archive")
    bridge, quake = (
        Story(BRIDGE, "大桥通车", MOMENT, OLD, MOMENT),
        Story(QUAKE, "地震", MOMENT, ["<p>字。</p>"], MOMENT),
    )
    commit(archive, 0, bridge, quake)
    commit(archive, 1, replace(quake, body=["<p>字字。</p>"]))
    commit(archive, 2, replace(bridge, body=["<p>又清理。</p>"]), is_edit=False)
    commit(archive, 3, bridge, is_edit=False)
    commit(archive, 4, replace(bridge, title="大桥今早通车", body=[PICTURE, *NEW]))
    return archive


def commit(archive, days, *stories, is_edit=True):
    for story in stories:
        if is_edit and (path := archive.find(story.address)):
            mark_news(archive, path)
        archive.write(archive.path_of(story.address), posts.render(story).encode())
    Committer(archive).commit(MOMENT + timedelta(days=days), "realtime")


def command(archive, *words, days=4):
    clock = (MOMENT + timedelta(days=days)).isoformat()
    given = (f"ARCHIVE_DIR={archive.root}", f"CLOCK={clock}")
    return [sys.executable, "-m", "scrapy", "history", *words, *(word for each in given for word in ("-s", each))]


def history(archive, *words, code=0, days=4):
    run = subprocess.run(
        command(archive, *words, days=days), cwd=PROJECT, capture_output=True, encoding="utf-8", check=False
    )
    assert run.returncode == code, run.stdout + run.stderr
    return run.stderr if code else run.stdout


def headlines(shown):
    return re.findall(r"^\d{4}-\d\d-\d\d \d\d:\d\d SGT  (.*)", shown, re.MULTILINE)


def test_the_edits_of_the_last_days_are_shown_inside_their_sentences(archive):
    assert history(archive) == (
        "2026-02-04 12:00 SGT  changed  大桥今早通车\n"
        f"  {BRIDGE}\n"
        "  title    大桥{+今早+}通车\n"
        "  moved    末段。\n"
        "  text     车程从50分钟缩短到[-15-]{+18+}分钟。…\n"
        "  picture  + {+图说+} https://static.zaobao.com/s3fs-public/a.jpg\n"
        "\n"
        "2026-02-01 12:00 SGT  changed  地震\n"
        f"  {QUAKE}\n"
        "  text     {+字+}字。\n"
    )


def test_a_story_is_named_by_its_address_on_a_neighbouring_day_or_by_its_post(archive):
    post = archive.path_of(QUAKE).relative_to(archive.root)
    for word in (f"{QUAKE}?utm=1", "/news/world/story20260201-3120300", str(post), str(archive.root / post)):
        assert headlines(history(archive, word)) == ["changed  地震"]
    assert history(archive, str(QUAKE), "--days", "1") == f"no edits of this story in 1 day: archive {archive.root}\n"
    assert history(archive, str(archive.root), str(QUAKE)) == history(archive, str(QUAKE))
    assert headlines(history(archive, "--since", "HEAD~1")) == ["changed  大桥今早通车"]
    assert history(archive, days=40) == f"no edits of any story in 7 days: archive {archive.root}\n"


def test_programs_get_one_object_for_each_edit(archive):
    lines = history(archive, "--json").splitlines()
    edit = json.loads(lines[0])
    assert len(lines) == 2
    assert "大桥今早通车" in lines[0]
    assert edit["new_text"].splitlines() == ["末段。", "第一段不变。", "车程从50分钟缩短到18分钟。桥上不收费。"]
    assert (edit["number"], edit["address"], edit["kind"]) == ("3120268", str(BRIDGE), "changed")
    assert (edit["time"], edit["summary"]) == ("2026-02-04T12:00:00+08:00", "title; 1 sentence; 1 picture")
    assert (edit["old_title"], edit["new_pictures"]) == ("大桥通车", ["https://static.zaobao.com/s3fs-public/a.jpg"])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["https://www.zaobao.com/realtime/china/story20260131-7"], "is not in the archive"),
        (["/etc/passwd"], "no post of the archive"),
        (["--since", "nowhere"], "--since nowhere: is no commit here"),
        (["--since=--all"], "--since --all: is no commit here"),
        (["--days", "0"], "--days 0: write a number of days"),
        (["a", "b"], "a b: name one story, or none"),
    ],
)
def test_wrong_usage_is_one_line(archive, words, message):
    told = history(archive, *words, code=2)
    assert message in told
    assert told.count("\n") == 1


def test_an_archive_without_commits_has_no_edits_and_without_git_is_wrong_usage(tmp_path):
    outside = Archive(tmp_path)
    assert "is in no git repository" in history(outside, code=2)
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    assert history(outside) == f"no edits of any story in 7 days: archive {outside.root}\n"


def on_terminal(archive, **environment):
    """Return what the command prints on a terminal."""
    code, printed = printed_on_terminal(command(archive), **environment)
    assert code == 0
    return printed


def test_a_terminal_gets_colours_unless_the_reader_wants_none(archive):
    assert "缩短到\x1b[31;9m15\x1b[0m\x1b[32m18\x1b[0m分钟" in on_terminal(archive)
    assert "\x1b" not in on_terminal(archive, NO_COLOR="1")
    assert "\x1b" not in on_terminal(archive, TERM="dumb")


def test_no_escape_sequence_of_a_title_or_a_text_reaches_the_terminal(archive):
    post = archive.path_of(QUAKE)
    text = post.read_text().replace('title: "地震"', 'title: "地\\u001b]0;x\\u0007\\u202e震\\u009b2J"')
    post.write_text(text.replace("<p>字", "<p>\x1b[2J\r字\x9b1m"))
    mark_news(archive, post)
    commit(archive, 4)
    for printed in (on_terminal(archive, NO_COLOR="1"), history(archive, "--json")):
        assert not set(printed.replace("\r\n", "\n")) & set("\x1b\x07\r\x9b\u202e")
        assert "]0;x" in printed


def test_a_reader_who_leaves_ends_the_command_silently(archive):
    with subprocess.Popen(command(archive), cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0

"""The door for programs of users: what they read, what is public, and that the examples of the documentation run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import warnings
from collections import Counter
from dataclasses import fields
from datetime import date, datetime, timedelta

import pytest
from support.crawling import PROJECT, crawl
from support.programs import needs
from support.repositories import git

from zbcrawler import archive as door
from zbcrawler.archive import Archive, ArchivedStory, StoryEdit, posts
from zbcrawler.common.errors import GitError
from zbcrawler.common.times import SINGAPORE
from zbcrawler.replica.server import Replica

PAGE = (PROJECT / "docs/how-to/reading-with-python.md").read_text("utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def news(newsroom, archive):
    """Return an archive of two committed runs; between them, a story got another title and another one another text."""
    needs("git")
    git(archive, "init", "--quiet")
    commit = {"ARCHIVE_COMMIT": 1}
    with Replica(newsroom) as replica:
        assert crawl("realtime", replica.url, archive, newsroom, settings=commit).returncode == 0
        retitled, edited = newsroom.listed("china")[5:7]
        newsroom.retitle(retitled)
        newsroom.edit(edited)
        newsroom.clock.advance(timedelta(hours=2))
        assert crawl("realtime", replica.url, archive, newsroom, settings=commit).returncode == 0
    return archive


def time_of(post):
    """Return when a story was published, or archived if the site gave no time."""
    stamp, date = re.search(r"<!--(\d+|NaN)-->", post)[1], re.search(r"^date: (.*)Z$", post, re.MULTILINE)[1]
    time = (
        datetime.fromisoformat(f"{date}+00:00")
        if stamp == "NaN"
        else datetime.fromtimestamp(int(stamp) / 1000, SINGAPORE)
    )
    return time.astimezone(SINGAPORE)


def run_example(example, news, tmp_path):
    """Run an example as its page says, for an archive in ``~/news``; return its lines."""
    (tmp_path / "home").mkdir(parents=True)
    (tmp_path / "home/news").symlink_to(news)
    (tmp_path / "home/example.py").write_text(example, "utf-8")
    environment = {**os.environ, "HOME": str(tmp_path / "home"), "PYTHONPATH": str(PROJECT), "PYTHONUTF8": "1"}
    command = [sys.executable, "-W", "error", tmp_path / "home/example.py"]
    done = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_examples_count_find_and_compare(news, tmp_path):
    count, find, retitled = (
        run_example(text, news, tmp_path / name) for text, name in zip(EXAMPLES, "abc", strict=True)
    )
    files = {path: path.read_text("utf-8") for path in sorted((news / "_posts").rglob("*.md"))}
    months = Counter(f"{time_of(text):%Y-%m}" for text in files.values())
    assert count == [f"{month} {number}" for month, number in sorted(months.items())]
    found = [text for text in files.values() if "居民担心" in text.partition("<div>")[2]]
    assert len(found) > 10
    assert {line.strip() for line in find if "/story" in line} == {posts.read_link(text) for text in found}
    log = git(news, "log", "-1", "--format=%b")
    assert [line.partition("  ")[2] for line in retitled] == re.findall(
        r"^changed: (.* → .*) \(title", log, re.MULTILINE
    )
    assert len(retitled) == 1


def test_a_story_has_what_its_post_has_and_its_edits(news):
    stories = list(Archive(news))
    assert len(stories) == 87
    assert [story.path for story in stories] == sorted((news / "_posts").rglob("*.md"))
    for story in stories:
        post = Archive(news).read(story.path)
        assert (story.number, story.url, story.title) == (post.address.number, post.address.url, post.title)
        assert story.published == (post.published or post.date)
        assert story.published.utcoffset() == timedelta(hours=8)
        assert "<p>" not in story.text
        assert "\n\n" not in story.text
    edits = list(Archive(news).edits())
    assert sorted(edit.kind for edit in edits) == ["changed", "changed"]
    for edit in edits:
        assert edit.before != edit.after
        [story] = [story for story in stories if story.number == edit.after.number]
        assert story == edit.after
        assert story.edits == [edit]
    assert sum(len(story.edits) for story in stories[:5]) == 0


def test_stories_of_some_days_are_read_without_the_others(news):
    days = sorted({path.parent.parts[-3:] for path in (news / "_posts").rglob("*.md")})
    first, last = (date(*map(int, day)) for day in (days[1], days[2]))
    some = list(Archive(news).stories(first, last))
    assert {story.path.parent.parts[-3:] for story in some} == {days[1], days[2]}


def test_a_broken_post_is_left_out_with_a_warning_at_the_line_that_reads(archive):
    broken = archive / "_posts/2026/01/31/2026-01-31-1.md"
    broken.parent.mkdir(parents=True)
    broken.write_text("cut")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert list(Archive(archive)) == []
    [warning] = caught
    assert str(warning.message).startswith(f"left out: {broken}: not a post as zbcrawler writes it")
    assert warning.filename == __file__
    lines = []
    assert list(Archive(archive).stories(broken=lines.append)) == []
    assert len(lines) == 1


def test_a_folder_that_is_no_archive_and_an_archive_without_git_are_named(archive, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere: has no _posts; is it an archive\?"):
        next(iter(Archive(tmp_path / "nowhere")))
    (archive / "_posts").mkdir()
    with pytest.raises(GitError, match="not a git repository"):
        next(Archive(archive).edits())


def test_the_page_names_all_that_is_public():
    assert set(door.__all__) == {"Archive", "ArchivedStory", "StoryEdit"}
    tables = PAGE.partition("## What there is")[2]
    names = {name for row in re.findall(r"^\| (`.*?) \|", tables, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    shown = {each.name for each in fields(ArchivedStory)} | {"edits"} | set(StoryEdit._fields)
    assert names == shown | {"ArchivedStory", "StoryEdit"}
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = door.Nothing


def test_importing_the_package_imports_nothing_that_only_programs_need():
    script = (
        "import sys, zbcrawler.archive; print(*(name for name in sys.modules if name.startswith(('zbc', 'scrapy'))))"
    )
    loaded = subprocess.check_output([sys.executable, "-c", script], cwd=PROJECT, encoding="utf-8").split()
    assert sorted(loaded) == ["zbcrawler", "zbcrawler.archive"]

"""A real archive of an earlier collector, imported as a user would, before independent judges.

The posts are other people's words and stay outside the project, in `../shared`; without that folder these tests are
skipped.
"""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
import yaml
from judge.noise import noise_in
from judge.real import SHARED, body_of_post
from judge.words import first_difference, post_words, reader_words
from support.crawling import scrapy, snapshot, tree
from support.programs import needs

from zbcrawler.archive import posts
from zbcrawler.common.text import one_line
from zbcrawler.common.times import EPOCH, SINGAPORE, to_utc_text

FOLDERS = [SHARED / "real-pages" / name for name in ("sg-drupal-2020", "posts-2021-2024")]
SEED = SHARED / "seed-post.md"
FILES = [*(path for folder in FOLDERS for path in sorted(folder.glob("*.md"))), *([SEED] if SEED.is_file() else [])]

# Of the stories that the collector has twice: those that are not the latest; of two that say the same, the later.
OTHERS = {
    "20210121-1117907-capture2",
    "20210121-1118032-capture1",
    "20210121-1118057-capture2",
    "20210121-1118071-capture2",
    "20210121-1118148-capture2",
    "20210121-1118161-capture2",
}

pytestmark = pytest.mark.skipif(len(FILES) < 2, reason="the real posts are not at hand (../shared)")


def sources() -> dict[str, str]:
    """For each story's number, the text of the file that should be imported."""
    texts = [path.read_text("utf-8") for path in FILES if path.stem not in OTHERS]
    return {re.search(r"^from: .*-(\d+)$", text, re.MULTILINE)[1]: text for text in texts}


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    """Import the real posts; return the archive and the output of the command."""
    archive = tmp_path_factory.mktemp("real")
    run = scrapy("import", *FOLDERS, *FILES[-1:], "-s", f"ARCHIVE_DIR={archive}")
    assert run.returncode == 0, run.stdout
    return archive, run.stdout


@pytest.fixture(scope="module")
def stories(imported):
    texts = {path.stem.rpartition("-")[2]: path.read_text("utf-8") for path in imported[0].rglob("*.md")}
    read = {number: posts.read(text) for number, text in texts.items()}
    assert {number: posts.render(story) for number, story in read.items()} == texts
    return read


def test_every_story_is_imported_and_every_other_version_is_named(imported, stories):
    summary = imported[1]
    assert stories.keys() == sources().keys()
    assert f"import: {len(stories)} new, 0 changed, 0 unchanged, {len(OTHERS)} skipped (6 other version)" in summary
    assert {re.search(r"([\w-]+)\.md:", line)[1] for line in summary.splitlines() if "note: " in line} == OTHERS


def test_no_noise_is_left(stories):
    assert {number: noise for number, story in stories.items() if (noise := noise_in(story.body))} == {}


def test_all_words_are_there_in_their_order(stories):
    for number, text in sources().items():
        assert first_difference(reader_words(body_of_post(text)), post_words(stories[number].body)) == "", number


def test_title_and_date_are_the_files_and_the_comment_can_be_true(stories):
    for number, text in sources().items():
        story = stories[number]
        title, date = (re.search(rf"^{key}: (.*)$", text, re.MULTILINE)[1] for key in ("title", "date"))
        assert (story.title, to_utc_text(story.date)) == (one_line(title[1:-1]), date), number
        if story.published:
            assert f"<!--{round((story.published - EPOCH).total_seconds() * 1000)}-->" in text
            assert story.published <= story.date
            assert story.published.astimezone(SINGAPORE).date() == story.address.day


def test_the_address_first_archived_stays(stories):
    assert stories["1117907"].address.section == "realtime/world"


def test_the_second_import_touches_no_file(imported):
    archive, _ = imported
    before = snapshot(archive)
    run = scrapy("import", *reversed(FILES), "-s", f"ARCHIVE_DIR={archive}")
    assert run.returncode == 0
    assert f"import: 0 new, 0 changed, {len(before)} unchanged, 6 skipped (6 other version)" in run.stdout
    assert snapshot(archive) == before


def test_yaml_reads_every_front_matter(imported, stories):
    for path in imported[0].rglob("*.md"):
        front = yaml.safe_load(path.read_text("utf-8").split("---\n")[1])
        story = stories[path.stem.rpartition("-")[2]]
        assert (front["title"], front["date"], front["from"]) == (story.title, story.date, story.address.url)


def test_jekyll_builds_them_all(imported, tmp_path):
    jekyll = needs("jekyll")
    source, site = tmp_path / "archive", tmp_path / "site"
    shutil.copytree(imported[0], source)
    (source / "_config.yml").write_text("timezone: Asia/Singapore\npermalink: /:title.html\n")
    command = [jekyll, "build", "--source", source, "--destination", site, "--strict_front_matter"]
    built = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    assert "Error" not in built.stdout + built.stderr
    assert {path.stem for path in site.glob("*.html")} == {path.rpartition("-")[2][:-3] for path in tree(imported[0])}

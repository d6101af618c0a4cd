"""Words that the site puts into many stories are noticed, named once as a failure, and kept out of archived stories."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta

import pytest
from support.crawling import AT_FULL_SPEED, PROJECT, crawl, scrapy, tree

from zbcrawler.replica.content import Figure, Raw, Text
from zbcrawler.replica.markup import page_link, post_link
from zbcrawler.replica.pictures import STORE, Picture
from zbcrawler.replica.server import Replica

ALWAYS = {"RECHECK_GROWTH": 0}
SLOGAN = "把每一天的早晨交给我们，现在就订一份纸报。"
LETTERS = "把每一天的早晨交给我们现在就订一份纸报"
SHOP = "https://shop.example/paper"
BLOCKS = {
    "paragraph": Text(SLOGAN),
    "caption": Figure(Picture(f"{STORE}/2026-01/banner.jpg", SLOGAN)),
    "link": Raw(f"<p>{page_link(SHOP, SLOGAN)}</p>", (f"<p>{post_link(SHOP, SLOGAN)}</p>",)),
}
every_block = pytest.mark.parametrize("block", BLOCKS.values(), ids=list(BLOCKS))


def put(block, stories, at=1):
    """Put a block into the pages of stories; return those that have an invented text."""
    changed = [story for story in stories if story.content]
    for story in changed:
        blocks = story.content.blocks
        story.content = replace(story.content, blocks=(*blocks[:at], block, *blocks[at:]))
        story.version += 1
    return changed


def with_words(archive):
    return [name for name, data in tree(archive).items() if name.endswith(".md") and SLOGAN in data.decode()]


def news(replica, archive, newsroom, block=None, count=1, **arguments):
    """Run after new stories have come."""
    newsroom.clock.advance(timedelta(minutes=30))
    stories = newsroom.publish("china", count)
    put(block, stories) if block else None
    return crawl("realtime", replica.url, archive, newsroom, **{"recheck": "off", **arguments})


@every_block
def test_words_of_new_stories_fail_one_run_and_are_a_note_while_they_go_on(newsroom, archive, block):
    with Replica(newsroom) as replica:
        first = crawl("realtime", replica.url, archive, newsroom)
        few = news(replica, archive, newsroom, block, 3)
        many = news(replica, archive, newsroom, block)
        on = news(replica, archive, newsroom, block)
        over = news(replica, archive, newsroom, count=30)
    assert [run.returncode for run in (first, few, many, on, over)] == [0, 0, 1, 0, 0]
    assert f"failed: repeated text: “{SLOGAN}” is in many stories since 2026-01-31" in many.stdout
    assert f'sentences="{LETTERS}"' in many.stdout
    assert "note: repeated text: " in on.stdout
    assert not any("repeated text" in run.stdout for run in (first, few, over))


def test_a_run_with_more_new_stories_than_are_compared_sees_the_words_all_the_same(newsroom, archive):
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom)
        run = news(replica, archive, newsroom, BLOCKS["paragraph"], 65)
    assert run.returncode == 1
    assert "failed: repeated text: " in run.stdout


@every_block
def test_words_that_come_into_twenty_archived_stories_make_two_edits_at_most(newsroom, archive, block):
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom)
        stories = put(block, [story for story in newsroom.listed("china") if story.content][:20])
        newsroom.clock.advance(timedelta(hours=1))
        run = crawl("realtime", replica.url, archive, newsroom, recheck="9d", settings=ALWAYS)
        edited = next(story for story in stories if not any(story.number in name for name in with_words(archive)))
        newsroom.edit(edited)
        newsroom.clock.advance(timedelta(hours=1))
        again = crawl("realtime", replica.url, archive, newsroom, recheck="9d", settings=ALWAYS)
        path = next(path for path in archive.rglob(f"*-{edited.number}.md"))
        asked = crawl("story", replica.url, archive, newsroom, url=replica.url + edited.path)
    assert len(stories) == 20
    assert (run.returncode, again.returncode) == (1, 0)
    assert "2 changed" in run.stdout
    assert "failed: repeated text: " in run.stdout
    assert "1 changed" in again.stdout
    assert "note: repeated text: " in again.stdout
    assert "1 changed" in asked.stdout, "a person may want the words"
    assert len(with_words(archive)) == 3
    assert SLOGAN in path.read_text("utf-8")


def test_an_edit_that_changes_other_words_too_is_written_without_the_words(newsroom, archive):
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom)
        stories = [story for story in newsroom.listed("china") if story.content and not story.lead][:8]
        without = {story.number: story.content for story in stories}
        put(BLOCKS["paragraph"], stories[:7])
        newsroom.clock.advance(timedelta(hours=1))
        crawl("realtime", replica.url, archive, newsroom, recheck="9d", settings=ALWAYS)
        story = stories[7]
        newsroom.edit(story)
        expected = story.expected_lines()
        put(BLOCKS["paragraph"], [story])
        newsroom.clock.advance(timedelta(hours=1))
        run = crawl("realtime", replica.url, archive, newsroom, recheck="9d", settings=ALWAYS)
    post = next(archive.rglob(f"*-{story.number}.md")).read_text("utf-8")
    assert len(without) == 8
    assert "1 changed" in run.stdout
    assert post.split("<div>\n")[1].removesuffix("\n</div>\n").splitlines() == expected


def test_the_rule_that_a_run_names_cleans_the_posts(newsroom, archive, tmp_path):
    shutil.copytree(PROJECT / "zbcrawler", tmp_path / "zbcrawler")
    shutil.copy(PROJECT / "scrapy.cfg", tmp_path)
    rules = tmp_path / "zbcrawler/cleaning/noise_rules.py"
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom)
        run = news(replica, archive, newsroom, BLOCKS["paragraph"], 5)
        before = len(with_words(archive))
        line = next(line for line in run.stdout.splitlines() if "repeated text" in line)
        table = rules.read_text("utf-8")
        rule = line[line.index("Rule(") :]
        rules.write_text(table.replace("RULES: tuple[Rule, ...] = (", f"RULES: tuple[Rule, ...] = ({rule}"), "utf-8")
        given = {"SITE_URL": replica.url, "ARCHIVE_DIR": archive, "CLOCK": newsroom.clock.now(), **AT_FULL_SPEED}
        words = [word for name, value in {**given, **ALWAYS}.items() for word in ("-s", f"{name}={value}")]
        cleaned = scrapy("crawl", "realtime", *words, "-a", "recheck=9d", cwd=tmp_path)
    assert before == 5
    assert "5 shortened" in cleaned.stdout, cleaned.stderr
    assert with_words(archive) == []


def test_words_that_two_or_three_honest_stories_share_are_no_finding(newsroom, archive):
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom)
        runs = [news(replica, archive, newsroom, Text("两篇报道都引用了同一句话，一字不差。"), 3)]
        ordinary = [story for story in newsroom.listed("world") if story not in newsroom.cases.values()]
        put(Text("更正：较早前的版本写错了地名，谨此说明。"), ordinary[:2])
        runs.append(news(replica, archive, newsroom, recheck="9d", settings=ALWAYS))
    assert [run.returncode for run in runs] == [0, 0]
    assert "2 changed" in runs[1].stdout


def test_a_series_that_always_begins_alike_is_named_once_and_archived_whole(newsroom, archive):
    line = Text("本报特派记者在青岬港连续报道。")
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom)
        runs = [news(replica, archive, newsroom, line, 2) for _ in range(4)]
    assert [run.returncode for run in runs] == [0, 1, 0, 0]
    assert sum("本报特派记者" in data.decode() for name, data in tree(archive).items() if name.endswith(".md")) == 8


def test_a_known_build_with_one_new_advert_is_noticed_and_changes_two_posts_at_most(newsroom, archive):
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom)
        before = tree(archive)
        replica.redesign("new-advert")
        run = news(replica, archive, newsroom, recheck="9d", settings=ALWAYS)
        again = news(replica, archive, newsroom, recheck="9d", settings=ALWAYS)
    after = tree(archive)
    assert (run.returncode, again.returncode) == (1, 0)
    assert run.stdout.count("failed: repeated text: ") == again.stdout.count("note: repeated text: ") == 2
    assert 'sentences="加入早报之友全年畅读东屿新闻首月只需九角九分"' in run.stdout
    assert sum(before[name] != after[name] for name in before if name.endswith(".md")) <= 2

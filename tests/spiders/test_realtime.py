"""Real crawls of the replica: what is archived, what is not, and what is said about it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from crawling import MOMENT, crawl, tree
from judge.noise import noise_in
from judge.real import SHARED

from zbcrawler.addresses import StoryAddress
from zbcrawler.archive import Archive
from zbcrawler.cleaning.text import one_line
from zbcrawler.clock import Clock
from zbcrawler.replica.faults import Fault
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.server import Replica

EDITIONS = ("drupal", "react")


def posts_of(folder):
    return {name for name in tree(folder) if name.startswith("_posts/")}


def expected_posts(newsroom, folder):
    archive = Archive(folder)
    return {
        archive.path_of(StoryAddress.parse(story.path)).relative_to(folder).as_posix() for story in newsroom.expected()
    }


@pytest.mark.parametrize("edition", EDITIONS)
def test_300_stories_of_three_sections(edition, archive):
    newsroom = Newsroom(seed=7, clock=Clock(MOMENT), stories=300)
    with Replica(newsroom, edition) as replica:
        run = crawl("realtime", replica.url, archive, newsroom)
    assert run.returncode == 0, run.stdout + run.stderr
    assert len(newsroom.expected()) >= 290
    assert posts_of(archive) == expected_posts(newsroom, archive)
    for story in newsroom.expected():
        post = Archive(archive).read(Archive(archive).find(StoryAddress.parse(story.path)))
        # A story of two sections is archived under the one that was read first.
        assert post.address.path.split("/")[-1] == story.path.split("/")[-1]
        assert post.title == one_line(story.title)
        assert post.published == story.expected_time
        assert post.date == story.expected_time or story.expected_time is None
        assert post.body == story.expected_lines()


@pytest.mark.parametrize("edition", EDITIONS)
def test_300_stories_with_real_bodies(edition, archive):
    if not (SHARED / "real-pages").is_dir():
        pytest.skip("../shared/real-pages is not here")
    newsroom = Newsroom(seed=8, clock=Clock(MOMENT), stories=300, bodies=SHARED / "real-pages")
    with Replica(newsroom, edition) as replica:
        run = crawl("realtime", replica.url, archive, newsroom)
    assert run.returncode == 0, run.stdout + run.stderr
    assert posts_of(archive) == expected_posts(newsroom, archive)
    for story in newsroom.expected():
        post = Archive(archive).read(Archive(archive).find(StoryAddress.parse(story.path)))
        assert (post.title, post.published) == (one_line(story.title), story.expected_time)
        assert noise_in(post.body) == []


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_second_run_asks_for_little_and_writes_nothing(edition, newsroom, archive):
    with Replica(newsroom, edition) as replica:
        first = crawl("realtime", replica.url, archive, newsroom)
        before = {name: (archive / name).stat().st_mtime_ns for name in tree(archive)}
        asked = len(replica.requests)
        second = crawl("realtime", replica.url, archive, newsroom)
        again = [target for _, target, _ in replica.requests[asked:] if "/story" in target]
    assert (first.returncode, second.returncode) == (0, 0)
    assert {name: (archive / name).stat().st_mtime_ns for name in tree(archive)} == before
    # Only what was gone or led elsewhere is asked for again: it may be back.
    assert len(again) <= 3
    assert "0 new, 0 changed" in second.stdout


def test_both_builds_make_the_same_archive(newsroom, tmp_path):
    for edition in EDITIONS:
        with Replica(newsroom, edition) as replica:
            crawl("realtime", replica.url, tmp_path / edition, newsroom)
    drupal, react = tree(tmp_path / "drupal"), tree(tmp_path / "react")
    assert drupal.keys() == react.keys()
    different = [name for name in drupal if drupal[name] != react[name]]
    assert different == []


def test_the_site_is_taken_from_where_it_answers(newsroom, archive):
    with Replica(newsroom, "react") as there, Replica(newsroom, redirect_to=there.url) as here:
        run = crawl("realtime", here.url, archive, newsroom)
        asked_here = [target for _, target, _ in here.requests]
    assert run.returncode == 0, run.stdout + run.stderr
    assert posts_of(archive) == expected_posts(newsroom, archive)
    assert asked_here == ["/robots.txt", "/realtime/china"]
    assert b"127.0.0.1" not in b"".join(tree(archive).values())


def test_edits_and_retitles(newsroom, archive):
    ordinary = [story for story in newsroom.listed("china") if story not in newsroom.cases.values()]
    with Replica(newsroom, "react") as replica:
        crawl("realtime", replica.url, archive, newsroom)
        before = tree(archive)
        newsroom.clock.advance(timedelta(minutes=10))
        newsroom.retitle(ordinary[0])
        newsroom.edit(ordinary[1])
        published = newsroom.publish("world")
        plain = crawl("realtime", replica.url, archive, newsroom)
        after = tree(archive)
        rechecked = crawl("realtime", replica.url, archive, newsroom, recheck="1d")
    changed = {name for name in after if before.get(name) != after[name]}
    new, retitled, edited = (
        Archive(archive).path_of(StoryAddress.parse(story.path)).relative_to(archive).as_posix()
        for story in (published[0], ordinary[0], ordinary[1])
    )
    assert changed == {new, retitled}
    assert "china: 0 new, 1 changed" in plain.stdout
    # An edit that the listing does not show is found by asking again.
    assert {name for name in after if after[name] != tree(archive)[name]} == {edited}
    assert "china: 0 new, 1 changed" in rechecked.stdout
    date_line = before[retitled].split(b"\n")[3]
    assert date_line.startswith(b"date: ")
    assert after[retitled].split(b"\n")[3] == date_line


def test_sections_pages_and_since(newsroom, archive):
    since = (MOMENT - timedelta(days=0)).date().isoformat()
    with Replica(newsroom, "drupal") as replica:
        one_page = crawl("realtime", replica.url, archive, newsroom, sections="world", pages=1)
        asked = [target for _, target, _ in replica.requests if "/story" not in target]
        crawl("realtime", replica.url, archive, newsroom, sections="china", since=since)
    assert asked == ["/robots.txt", "/realtime/world"]
    assert "pages=1 ended the section there" in one_page.stdout
    days = {name.split("/")[-1][:10] for name in posts_of(archive) if "china" in (archive / name).read_text("utf-8")}
    assert min(days) >= since


def test_a_lost_section_fails_the_run_and_the_others_are_archived(newsroom, archive):
    with Replica(newsroom, "react") as replica:
        run = crawl("realtime", replica.url, archive, newsroom, sections="sports,china")
    assert run.returncode == 1
    assert "failed: section sports: http" in run.stdout
    assert "answered 404" in run.stdout
    assert [name for name in posts_of(archive) if b"/realtime/china/" in tree(archive)[name]]


@pytest.mark.parametrize(("what", "said"), [("listing", "section china"), ("story", "no known edition")])
def test_a_redesign_fails_the_very_run_and_changes_no_post(newsroom, archive, what, said):
    with Replica(newsroom, "react") as replica:
        crawl("realtime", replica.url, archive, newsroom)
        before = tree(archive)
        newsroom.publish("china")
        replica.redesign(what)
        run = crawl("realtime", replica.url, archive, newsroom, recheck="2d")
    assert run.returncode == 1
    assert said in run.stdout
    assert tree(archive) == before


def test_failures_are_named_and_later_runs_make_good(newsroom, archive):
    victim = newsroom.publish("china")[0]
    with Replica(newsroom, "react") as replica:
        replica.faults.add(Fault(pattern=victim.number, status=500))
        failed = crawl("realtime", replica.url, archive, newsroom)
        replica.faults.clear()
        healed = crawl("realtime", replica.url, archive, newsroom)
    assert failed.returncode == 1
    assert f"{victim.path}: answered 500" in failed.stdout
    assert healed.returncode == 0
    assert posts_of(archive) == expected_posts(newsroom, archive)


def test_robots_are_obeyed_and_that_is_said(newsroom, archive):
    with Replica(newsroom, "react") as replica:
        replica.robots = "User-agent: *\nDisallow: /realtime/\n"
        run = crawl("realtime", replica.url, archive, newsroom)
        asked = {target for _, target, _ in replica.requests}
    assert run.returncode == 1
    assert "robots.txt" in run.stdout
    assert asked == {"/robots.txt"}


def test_a_teaser_never_replaces_a_full_text(newsroom, archive):
    story = next(one for one in newsroom.listed("china") if one not in newsroom.cases.values())
    day = StoryAddress.parse(story.path).day
    with Replica(newsroom, "drupal") as replica:
        crawl("realtime", replica.url, archive, newsroom)
        before = tree(archive)
        # The same story once more, its text cut by the paywall.
        teaser = '<p>只有一段。</p><div class="article-microtransaction"><div class="cta-subscribe">请订阅</div></div>'
        story.raw_body, story.content, story.version = teaser, None, story.version + 1
        paywalled = crawl("realtime", replica.url, archive, newsroom, recheck="9d")
        story.raw_body, story.version = "<p>只有一段。</p>", story.version + 1
        shrunk = crawl("realtime", replica.url, archive, newsroom, recheck="9d")
    assert tree(archive) == before
    assert paywalled.returncode == 0, paywalled.stdout
    assert shrunk.returncode == 1
    assert f"story{day:%Y%m%d}-{story.number}" in shrunk.stdout
    assert "left as it is" in shrunk.stdout


def test_a_story_that_is_back_is_archived(newsroom, archive):
    story = newsroom.publish("china")[0]
    newsroom.withdraw(story)
    with Replica(newsroom, "react") as replica:
        gone = crawl("realtime", replica.url, archive, newsroom)
        note = Archive(archive).absence_note(StoryAddress.parse(story.path))
        noted = note.exists()
        story.fault = None
        back = crawl("realtime", replica.url, archive, newsroom)
    assert (gone.returncode, back.returncode) == (0, 0)
    assert noted
    assert not note.exists()
    assert Archive(archive).find(StoryAddress.parse(story.path))


def test_a_story_that_redirects_to_no_story_is_a_failure(newsroom, archive):
    story = newsroom.publish("china")[0]
    with Replica(newsroom, "react") as replica:
        replica.faults.add(Fault(pattern=story.number, status=302, headers={"Location": "/"}))
        run = crawl("realtime", replica.url, archive, newsroom)
    assert run.returncode == 1
    assert f"failed: {story.url}: redirects to http" in run.stdout
    assert "which is no story" in run.stdout


def test_a_story_that_leaves_the_site_is_skipped_and_nothing_is_asked_there(newsroom, archive):
    story = newsroom.publish("china")[0]
    with Replica(newsroom, "react") as replica, Replica(newsroom, "react", host="localhost") as elsewhere:
        replica.faults.add(Fault(pattern=story.number, status=302, headers={"Location": elsewhere.url + "/x"}))
        run = crawl("realtime", replica.url, archive, newsroom)
        asked = elsewhere.requests
    assert run.returncode == 0, run.stdout
    assert "2 other host" in run.stdout
    assert asked == []

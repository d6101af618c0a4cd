"""Real crawls of the replica: archived stories, other outcomes, and their lines in the summary."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support.crawling import MOMENT, crawl, hosts_of, tree

from zbcrawler.archive.archive import Archive
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.text import one_line
from zbcrawler.replica.faults import Fault
from zbcrawler.replica.server import Replica

EDITIONS = ("drupal", "react")
ALWAYS = {"RECHECK_GROWTH": 0}


def posts_of(folder):
    return {name for name in tree(folder) if name.startswith("_posts/")}


def expected_posts(newsroom, folder):
    archive = Archive(folder)
    return {
        archive.path_of(StoryAddress.parse(story.path)).relative_to(folder).as_posix() for story in newsroom.expected()
    }


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
    # Only stories that were gone or redirected elsewhere are requested again: they may be back.
    assert len(again) <= 3
    assert "0 new, 0 changed" in second.stdout


def test_the_site_is_taken_from_where_it_answers(newsroom, archive):
    with Replica(newsroom, "react") as there, Replica(newsroom, redirect_to=there.url) as here:
        run = crawl("realtime", here.url, archive, newsroom, settings=hosts_of(there))
        asked_here = [target for _, target, _ in here.requests]
    assert run.returncode == 0, run.stdout + run.stderr
    assert posts_of(archive) == expected_posts(newsroom, archive)
    assert asked_here == ["/robots.txt", "/realtime/china"]
    assert b"127.0.0.1" not in b"".join(tree(archive).values())


@pytest.mark.quick
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
        newsroom.clock.advance(timedelta(minutes=60))
        rechecked = crawl("realtime", replica.url, archive, newsroom, recheck="1d")
    changed = {name for name in after if before.get(name) != after[name]}
    new, retitled, edited = (
        Archive(archive).path_of(StoryAddress.parse(story.path)).relative_to(archive).as_posix()
        for story in (published[0], ordinary[0], ordinary[1])
    )
    assert changed == {new, retitled}
    assert "china: 0 new, 1 changed" in plain.stdout
    # Only another request finds an edit that the listing does not show.
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
    assert (
        "note: section world: pages=1 ended the section while its last page still held news, so older stories may be"
        " missing; to read on: scrapy crawl realtime -a sections=world -a pages=2 -s ARCHIVE_DIR="
    ) in one_page.stdout
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
        before = {name: tree(archive)[name] for name in posts_of(archive)}
        newsroom.publish("china")
        replica.redesign(what)
        run = crawl("realtime", replica.url, archive, newsroom, recheck="2d")
    assert run.returncode == 1
    assert said in run.stdout
    assert {name: tree(archive)[name] for name in posts_of(archive)} == before


def test_failures_are_named_and_later_runs_make_good(newsroom, archive):
    victim = newsroom.publish("china")[0]
    with Replica(newsroom, "react") as replica:
        replica.faults.add(Fault(pattern=victim.number, status=500))
        failed = crawl("realtime", replica.url, archive, newsroom)
        replica.faults.clear()
        healed = crawl("realtime", replica.url, archive, newsroom, owed="now")
    assert failed.returncode == 1
    assert f"{victim.path}: answered 500" in failed.stdout
    assert healed.returncode == 0
    assert posts_of(archive) == expected_posts(newsroom, archive)


def notes(folder, kind):
    return [name for name in tree(folder) if name.startswith(f"_data/{kind}/")]


def test_a_failed_story_is_owed_even_after_it_has_left_the_listing(newsroom, archive):
    victims = newsroom.listed("china")[20:23]
    with Replica(newsroom, "react") as replica:
        for victim in victims:
            replica.faults.add(Fault(pattern=victim.number, status=500))
        failed = crawl("realtime", replica.url, archive, newsroom)
        owed = notes(archive, "owed")
        replica.faults.clear()
        for victim in victims:
            victim.listed = False
        newsroom.clock.advance(timedelta(minutes=10))
        healed = crawl("realtime", replica.url, archive, newsroom)
    assert (failed.returncode, healed.returncode) == (1, 0), healed.stdout
    failed_ones = {f"_data/owed/{victim.number}.json" for victim in victims}
    assert failed_ones <= set(owed)
    # The stories that answered 404 still do.
    assert set(notes(archive, "owed")) == set(owed) - failed_ones
    assert all(Archive(archive).find(StoryAddress.parse(victim.path)) for victim in victims)


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_listing_that_broke_off_is_read_on_by_the_next_run(newsroom, archive, edition):
    with Replica(newsroom, edition) as replica:
        replica.faults.add(Fault(pattern=r"china\?.*page=1", status=500))
        broken = crawl("realtime", replica.url, archive, newsroom)
        gaps = notes(archive, "gaps")
        replica.faults.clear()
        healed = crawl("realtime", replica.url, archive, newsroom)
        after = crawl("realtime", replica.url, archive, newsroom)
    assert (broken.returncode, healed.returncode, after.returncode) == (1, 0, 0)
    assert "section china: http" in broken.stdout
    assert gaps == ["_data/gaps/china.json"]
    assert notes(archive, "gaps") == []
    assert posts_of(archive) == expected_posts(newsroom, archive)


@pytest.mark.parametrize("between", ["first page fails", "too few pages"])
def test_a_gap_stays_until_a_run_has_looked_behind_it(newsroom, archive, between):
    with Replica(newsroom, "drupal") as replica:
        replica.faults.add(Fault(pattern=r"china\?.*page=1", status=500))
        crawl("realtime", replica.url, archive, newsroom)
        replica.faults.clear()
        if between == "first page fails":
            replica.faults.add(Fault(pattern="^/realtime/china$", status=500))
            crawl("realtime", replica.url, archive, newsroom)
            replica.faults.clear()
        else:
            crawl("realtime", replica.url, archive, newsroom, pages=1)
        gaps = notes(archive, "gaps")
        crawl("realtime", replica.url, archive, newsroom)
    assert gaps == ["_data/gaps/china.json"]
    assert notes(archive, "gaps") == []
    assert posts_of(archive) == expected_posts(newsroom, archive)


def test_a_gap_out_of_reach_costs_no_requests(newsroom, archive):
    with Replica(newsroom, "drupal") as replica:
        crawl("realtime", replica.url, archive, newsroom, sections="china", pages=1)
        asked = len(replica.requests)
        crawl("realtime", replica.url, archive, newsroom, sections="china", pages=1)
        listings = [target for _, target, _ in replica.requests[asked:] if "/story" not in target]
    assert listings == ["/robots.txt", "/realtime/china"]
    assert notes(archive, "gaps") == ["_data/gaps/china.json"]


def test_a_run_cut_by_its_page_limit_is_made_up_for(newsroom, archive):
    with Replica(newsroom, "react") as replica:
        cut = crawl("realtime", replica.url, archive, newsroom, pages=1)
        crawl("realtime", replica.url, archive, newsroom)
    assert "pages=1 ended the section while" in cut.stdout
    assert posts_of(archive) == expected_posts(newsroom, archive)


@pytest.mark.parametrize("fault", [{"status": 404}, {"status": 302, "headers": {"Location": "/zvideos/x"}}])
def test_when_most_stories_are_gone_it_is_not_for_their_sake(newsroom, archive, fault):
    with Replica(newsroom, "react") as replica:
        replica.faults.add(Fault(pattern="/story", **fault))
        gone = crawl("realtime", replica.url, archive, newsroom)
        replica.faults.clear()
        healed = crawl("realtime", replica.url, archive, newsroom, owed="now")
    assert gone.returncode == 1
    assert "most listed stories are gone or lead elsewhere" in gone.stdout
    assert healed.returncode == 0, healed.stdout
    assert posts_of(archive) == expected_posts(newsroom, archive)


def test_a_section_that_leads_to_another_is_a_failure(newsroom, archive):
    with Replica(newsroom, "react") as replica:
        replica.faults.add(Fault(pattern="^/realtime/china$", status=302, headers={"Location": "/realtime/world"}))
        run = crawl("realtime", replica.url, archive, newsroom)
    assert run.returncode == 1
    assert "/realtime/world, which is another page" in run.stdout
    assert [name for name in posts_of(archive) if b"/realtime/world/" in tree(archive)[name]]


def test_a_listing_whose_links_are_no_stories_any_more_is_a_failure(newsroom, archive):
    page = b'<div class="article-list"><a class="article-type-link" href="/article-20260131-1"><h2>x</h2></a></div>'
    with Replica(newsroom, "drupal") as replica:
        replica.faults.add(Fault(pattern="^/realtime/china$", body=page))
        run = crawl("realtime", replica.url, archive, newsroom)
    assert run.returncode == 1
    assert "none of its 1 links leads to a story" in run.stdout


@pytest.mark.parametrize(
    "body",
    [b"[" * 200_000, b'<a class="pagination-link-next" href="http://[">x</a>', b"\x00\xff"],
    ids=["brackets", "a link", "bytes"],  # older versions of pytest put long ids into the environment
)
def test_an_odd_first_page_does_not_hold_up_the_others(newsroom, archive, body):
    with Replica(newsroom, "react") as replica:
        replica.faults.add(Fault(pattern="^/realtime/china$", body=body))
        run = crawl("realtime", replica.url, archive, newsroom)
    assert run.returncode == 1
    assert "failed: section china: http" in run.stdout
    assert [name for name in posts_of(archive) if b"/realtime/world/" in tree(archive)[name]]


def test_another_address_of_a_known_story_is_no_failure(newsroom, archive):
    story = newsroom.cases["two_sections"]
    with Replica(newsroom, "react") as replica:
        crawl("realtime", replica.url, archive, newsroom)
        newsroom.retitle(story)
        run = crawl("realtime", replica.url, archive, newsroom, sections="singapore,world", recheck="9d")
    assert run.returncode == 0, run.stdout
    assert len([name for name in posts_of(archive) if story.number in name]) == 1


def test_pages_are_utf_8_whatever_they_say(newsroom, archive):
    story = newsroom.publish("china")[0]
    with Replica(newsroom, "react") as replica:
        replica.faults.add(Fault(pattern=story.number, headers={"Content-Type": "text/html; charset=gbk"}))
        run = crawl("realtime", replica.url, archive, newsroom)
    assert run.returncode == 0
    post = Archive(archive).read(Archive(archive).find(StoryAddress.parse(story.path)))
    assert post.title == one_line(story.title)


def test_a_story_whose_post_cannot_be_read_does_not_stop_the_others(newsroom, archive):
    with Replica(newsroom, "react") as replica:
        crawl("realtime", replica.url, archive, newsroom)
        broken = Archive(archive).find(StoryAddress.parse(newsroom.listed("china")[3].path))
        broken.write_bytes(b"\xff\xfe")
        new = newsroom.publish("china")[0]
        newsroom.retitle(newsroom.listed("china")[4])
        run = crawl("realtime", replica.url, archive, newsroom)
    assert run.returncode == 1
    assert str(broken) in run.stdout
    assert broken.read_bytes() == b"\xff\xfe"
    assert Archive(archive).find(StoryAddress.parse(new.path))


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
        before = {name: tree(archive)[name] for name in posts_of(archive)}
        # The same story again, with its text cut by the paywall.
        teaser = '<p>只有一段。</p><div class="article-microtransaction"><div class="cta-subscribe">请订阅</div></div>'
        story.raw_body, story.content, story.version = teaser, None, story.version + 1
        paywalled = crawl("realtime", replica.url, archive, newsroom, recheck="9d", settings=ALWAYS)
        story.raw_body, story.version = "<p>只有一段。</p>", story.version + 1
        shrunk = crawl("realtime", replica.url, archive, newsroom, recheck="9d", settings=ALWAYS)
    assert {name: tree(archive)[name] for name in posts_of(archive)} == before
    assert paywalled.returncode == 0, paywalled.stdout
    assert shrunk.returncode == 1
    assert f"story{day:%Y%m%d}-{story.number}" in shrunk.stdout
    assert "left as it is" in shrunk.stdout


def test_an_absent_story_is_owed_for_a_day_then_gone_and_archived_when_it_is_back(newsroom, archive):
    story = newsroom.publish("china")[0]
    newsroom.withdraw(story)
    address, owed, note = (
        StoryAddress.parse(story.path),
        Archive(archive).notes.owed,
        Archive(archive).notes.absent.path,
    )
    seen = []
    with Replica(newsroom, "react") as replica:
        for hours, fault in ((1, story.fault), (25, story.fault), (1, story.fault), (24, None)):
            story.fault = fault
            asked = len(replica.requests)
            run = crawl("realtime", replica.url, archive, newsroom, sections="china")
            was_asked = any(story.number in target for _, target, _ in replica.requests[asked:])
            seen.append((run.returncode, owed.find(address) is not None, note(address.number).exists(), was_asked))
            newsroom.clock.advance(timedelta(hours=hours))
            newsroom.publish("china")
    assert seen[:2] == [(0, True, False, True), (0, True, False, True)]
    assert seen[2:] == [(0, False, True, True), (0, False, True, False)]
    with Replica(newsroom, "react") as replica:
        run = crawl("realtime", replica.url, archive, newsroom, sections="china")
    assert run.returncode == 0, run.stdout
    assert (owed.find(address), note(address.number).exists()) == (None, False)
    assert Archive(archive).find(address)


def test_a_story_that_redirects_to_no_story_is_a_failure(newsroom, archive):
    story = newsroom.publish("china")[0]
    with Replica(newsroom, "react") as replica:
        replica.faults.add(Fault(pattern=story.number, status=302, headers={"Location": "/"}))
        run = crawl("realtime", replica.url, archive, newsroom)
    assert run.returncode == 1
    assert f"failed: {story.url}: redirects to http" in run.stdout
    assert "which is no story" in run.stdout


def test_each_of_two_stories_that_redirect_to_one_page_is_settled(newsroom, archive):
    one, two = newsroom.publish("china", 2)
    with Replica(newsroom, "react") as replica:
        for story in (one, two):
            replica.faults.add(Fault(pattern=story.number, status=302, headers={"Location": "/podcast/one"}))
        run = crawl("realtime", replica.url, archive, newsroom)
    assert run.returncode == 0, run.stdout
    assert "3 owed" in run.stdout.splitlines()[0]  # one story is owed in every run
    assert "not dealt with" not in run.stdout


def test_a_story_that_leaves_the_site_is_skipped_and_nothing_is_asked_there(newsroom, archive):
    story = newsroom.publish("china")[0]
    with Replica(newsroom, "react") as replica, Replica(newsroom, "react", host="localhost") as elsewhere:
        replica.faults.add(Fault(pattern=story.number, status=302, headers={"Location": elsewhere.url + "/x"}))
        run = crawl("realtime", replica.url, archive, newsroom)
        asked = elsewhere.requests
    assert run.returncode == 0, run.stdout
    assert "1 other host" in run.stdout
    owed = Archive(archive).notes.owed.find(StoryAddress.parse(story.path))
    assert (owed.reason, owed.absent) == ("leads elsewhere: other host", True)
    assert asked == []


def test_a_card_that_links_its_picture_first_is_known_by_its_words(newsroom, archive):
    story = next(one for one in newsroom.listed("china") if one not in newsroom.cases.values())
    link = f'<a class="article-type-link" href="{story.path}">'
    card = f'<div class="article-list">{link}<img src="/a.jpg"></a>{link}<h2>别的标题</h2></a></div>'
    with Replica(newsroom, "drupal") as replica:
        crawl("story", replica.url, archive, newsroom, url=story.url)
        replica.faults.add(Fault(pattern="^/realtime/china$", body=card.encode()))
        run = crawl("realtime", replica.url, archive, newsroom, sections="china")
        asked = [target for _, target, _ in replica.requests if story.number in target]
    assert run.returncode == 0, run.stdout
    assert len(asked) == 2  # once as a new story, and once because the listing shows another title

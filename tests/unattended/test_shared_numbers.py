"""The site uses a number again, for another story months later: neither is lost, and a person is told once."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from support.crawling import MOMENT, crawl, scrapy, tree
from support.hub import git
from support.programs import needs

from zbcrawler.archive.archive import Archive
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.times import Clock
from zbcrawler.replica.faults import Fault
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.past import newsroom_with_past
from zbcrawler.replica.server import Replica

NUMBER = "7654321"
OLD_DAY, NEW_DAY = date(2025, 11, 1), date(2026, 1, 31)


@pytest.fixture
def newsroom(clock):
    return Newsroom(seed=7, clock=clock, stories=6)


def add(newsroom, day, title, published=MOMENT - timedelta(hours=2)):
    body = f"<p>{title}的第一段。</p><p>{title}的第二段。</p>"
    return newsroom.add("china", NUMBER, day, title, published, raw_body=body)


def add_both(newsroom):
    return add(newsroom, OLD_DAY, "旧的号码"), add(newsroom, NEW_DAY, "号码又用了一次")


def titles(archive):
    """Return the titles of the posts with the number."""
    folder = Archive(archive)
    return {
        folder.read(path).address.day: folder.read(path).title for path in (archive / "_posts").rglob(f"*-{NUMBER}.md")
    }


BOTH = {OLD_DAY: "旧的号码", NEW_DAY: "号码又用了一次"}
ADDRESSES = " and ".join(
    f"https://www.zaobao.com/realtime/china/story{day:%Y%m%d}-{NUMBER}" for day in (OLD_DAY, NEW_DAY)
)
LINE = f"number {NUMBER} is used by {ADDRESSES}; each has its own post"


def owed_notes(archive):
    return [name for name in tree(archive) if "/owed/" in name and NUMBER in name]


def told(run):
    return [line for line in run.stdout.splitlines() if f"number {NUMBER}" in line]


def run_realtime(replica, archive, newsroom, *words, **arguments):
    return crawl("realtime", replica.url, archive, newsroom, *words, **arguments)


def test_both_in_one_listing_are_archived_and_told_once(newsroom, archive):
    add_both(newsroom)
    with Replica(newsroom) as replica:
        first = run_realtime(replica, archive, newsroom)
        asked = len(replica.requests)
        then = run_realtime(replica, archive, newsroom, "--quiet")
        once_more = run_realtime(replica, archive, newsroom)
        stories = [target for _, target, _ in replica.requests[asked:] if NUMBER in target]
    assert titles(archive) == BOTH
    assert (first.returncode, told(first)) == (1, [f"failed: {LINE}"])
    assert (then.returncode, then.stdout) == (0, "")
    assert (once_more.returncode, told(once_more)) == (0, [f"note: {LINE}"])
    assert stories == []
    assert json.loads(tree(archive)[f"_data/numbers/{NUMBER}.json"]) == {"addresses": ADDRESSES.split(" and ")}


def test_one_that_was_archived_months_ago_is_told_when_the_other_comes(newsroom, archive):
    add(newsroom, OLD_DAY, "旧的号码").listed = False
    with Replica(newsroom) as replica:
        url = f"{replica.url}/realtime/china/story{OLD_DAY:%Y%m%d}-{NUMBER}"
        assert crawl("story", replica.url, archive, newsroom, url=url).returncode == 0
        before = tree(archive)
        add(newsroom, NEW_DAY, "号码又用了一次")
        run = run_realtime(replica, archive, newsroom)
        again = run_realtime(replica, archive, newsroom)
    assert titles(archive) == BOTH
    assert before.items() <= tree(archive).items()
    assert (run.returncode, told(run)) == (1, [f"failed: {LINE}"])
    assert (again.returncode, told(again)) == (0, [f"note: {LINE}"])


def test_edits_of_both_are_archived_each_in_its_own_post(newsroom, archive):
    old, new = add_both(newsroom)
    with Replica(newsroom) as replica:
        run_realtime(replica, archive, newsroom)
        for story, title in ((old, "旧的改了标题"), (new, "新的改了标题")):
            story.title, story.version = title, story.version + 1
        newsroom.clock.advance(timedelta(hours=1))
        run = run_realtime(replica, archive, newsroom)
    assert titles(archive) == {OLD_DAY: "旧的改了标题", NEW_DAY: "新的改了标题"}
    assert run.returncode == 0, run.stdout


def test_an_owed_story_is_not_settled_by_the_other(newsroom, archive):
    old, new = add_both(newsroom)
    with Replica(newsroom) as replica:
        replica.faults.add(Fault(pattern=f"story{OLD_DAY:%Y%m%d}-{NUMBER}", status=500))
        failed = run_realtime(replica, archive, newsroom)
        owed = scrapy("owed", "-s", f"ARCHIVE_DIR={archive}", "-s", f"CLOCK={newsroom.clock.now().isoformat()}")
        replica.faults.clear()
        old.listed = new.listed = False
        newsroom.clock.advance(timedelta(minutes=30))
        healed = run_realtime(replica, archive, newsroom)
    assert failed.returncode == 1
    assert [line.split(":")[1] for line in owed.stdout.splitlines() if NUMBER in line] == [
        f"//www.zaobao.com{old.path}"
    ]
    assert titles(archive) == BOTH
    assert (healed.returncode, told(healed)) == (1, [f"failed: {LINE}"])
    assert owed_notes(archive) == []


def test_both_are_owed_and_one_can_be_forgotten(newsroom, archive):
    old, new = add_both(newsroom)
    with Replica(newsroom) as replica:
        replica.faults.add(Fault(pattern=NUMBER, status=500))
        run_realtime(replica, archive, newsroom)
        names = owed_notes(archive)
        settings = ["-s", f"ARCHIVE_DIR={archive}"]
        checked = scrapy("verify", archive)
        forgotten = scrapy("owed", "--forget", f"https://www.zaobao.com{new.path}", *settings)
        replica.faults.clear()
        old.listed = new.listed = False
        run_realtime(replica, archive, newsroom, owed="now")
    assert len(names) == 2
    assert checked.returncode == 0, checked.stdout
    assert forgotten.stdout.count("forgotten: ") == 1
    assert titles(archive) == {OLD_DAY: "旧的号码"}
    assert owed_notes(archive) == []


def test_a_withdrawn_story_says_nothing_about_the_other(newsroom, archive):
    old, _ = add_both(newsroom)
    newsroom.withdraw(old)
    with Replica(newsroom) as replica:
        for _ in range(3):
            run = run_realtime(replica, archive, newsroom, owed="now")
            newsroom.clock.advance(timedelta(days=1, minutes=1))
        absent = [name for name in tree(archive) if "/absent/" in name and NUMBER in name]
    assert titles(archive) == {NEW_DAY: "号码又用了一次"}
    assert "1 gone" in run.stdout
    assert len(absent) == 1
    assert json.loads(tree(archive)[absent[0]])["address"].endswith(old.path)
    assert scrapy("verify", archive, "--quiet").returncode in (0, 2)


@pytest.mark.parametrize("source", ["sitemaps"])
@pytest.mark.parametrize("months", [{}, {"since": "2025-11", "until": "2025-11"}])
def test_a_backfill_finds_both_in_two_months_and_in_one(archive, source, months):
    past = newsroom_with_past(Clock(MOMENT), stories=12, months=4)
    days = (date(2025, 11, 2), date(2025, 11, 20)) if months else (OLD_DAY, NEW_DAY)
    for day, title in zip(days, BOTH.values(), strict=True):
        add(past, day, title, MOMENT.replace(year=day.year, month=day.month, day=day.day, hour=3))
    with Replica(past) as replica:
        run = crawl("backfill", replica.url, archive, past, source=source, **months)
        again = crawl("backfill", replica.url, archive, past, source=source, **months)
    assert titles(archive) == dict(zip(days, BOTH.values(), strict=True))
    assert (run.returncode, len(told(run))) == (1, 1)
    assert again.returncode == 0


def test_both_can_be_named_in_one_command(newsroom, archive):
    urls = [f"https://www.zaobao.com{story.path}" for story in add_both(newsroom)]
    with Replica(newsroom) as replica:
        run = crawl("story", replica.url, archive, newsroom, url=",".join(urls))
    assert titles(archive) == BOTH
    assert (run.returncode, told(run)) == (1, [f"failed: {LINE}"])


def test_the_same_story_under_a_neighbouring_day_is_one_story(newsroom, archive):
    add(newsroom, NEW_DAY, "号码又用了一次")
    with Replica(newsroom) as replica:
        urls = [f"/realtime/china/story{day:%Y%m%d}-{NUMBER}" for day in (NEW_DAY, NEW_DAY + timedelta(days=1))]
        run = crawl("story", replica.url, archive, newsroom, url=",".join(reversed(urls)))
    assert titles(archive) == {NEW_DAY: "号码又用了一次"}
    assert (run.returncode, told(run)) == (0, [])


def test_an_import_of_two_takes_both_and_verify_and_the_website_keep_them_apart(newsroom, archive, tmp_path):
    add_both(newsroom)
    copy = tmp_path / "copy"
    copy.mkdir()
    with Replica(newsroom) as replica:
        run_realtime(replica, archive, newsroom)
    first = scrapy("import", archive / "_posts", "-s", f"ARCHIVE_DIR={copy}")
    then = scrapy("import", archive / "_posts", "-s", f"ARCHIVE_DIR={copy}")
    assert titles(copy) == BOTH
    assert (first.returncode, told(first)) == (1, [f"failed: {LINE}"])
    assert (then.returncode, told(then)) == (0, [f"note: {LINE}"])
    before = tree(copy)
    verified = scrapy("verify", copy, "--fix")
    assert verified.returncode == 0
    assert f": number: _posts/2025/11/01/2025-11-01-{NUMBER}.md is of another story" in verified.stdout
    assert tree(copy) == before


def test_another_clone_knows_that_a_person_was_told(newsroom, tmp_path):
    needs("git")
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", "hub.git")
    first, second = tmp_path / "first", tmp_path / "second"
    add_both(newsroom)
    git(tmp_path, "clone", "--quiet", "hub.git", "first")
    git(first, "commit", "--quiet", "--allow-empty", "--message=begun")
    git(first, "push", "--quiet", "--set-upstream", "origin", "HEAD:main")
    settings = {"ARCHIVE_COMMIT": 1, "ARCHIVE_PUSH": 1}
    with Replica(newsroom) as replica:
        told_once = crawl("realtime", replica.url, first, newsroom, settings=settings)
        git(tmp_path, "clone", "--quiet", "hub.git", "second")
        then = crawl("realtime", replica.url, second, newsroom, settings=settings)
    assert (told_once.returncode, told(told_once)) == (1, [f"failed: {LINE}"])
    assert (then.returncode, told(then)) == (0, [f"note: {LINE}"])
    assert git(first, "status", "--porcelain") == ""


def test_the_notes_of_two_stories_with_one_number_are_two(tmp_path):
    notes = Archive(tmp_path).notes
    old, new, near = (
        StoryAddress.parse(f"/realtime/china/story{day}-{NUMBER}") for day in ("20251101", "20260131", "20260201")
    )
    notes.pictures.add(old, {"https://x/a.jpg": "pictures/a.jpg"})
    assert notes.pictures.find(new) == {}
    notes.pictures.add(new, {"https://x/b.jpg": "pictures/b.jpg"})
    notes.absent.add(old, "answered 404")
    assert not notes.absent.has(new)
    notes.absent.remove(new)
    assert notes.absent.find(old) == "answered 404"
    again = Archive(tmp_path).notes
    assert again.pictures.find(old) == {"https://x/a.jpg": "pictures/a.jpg"}
    assert again.pictures.find(near) == again.pictures.find(new) == {"https://x/b.jpg": "pictures/b.jpg"}
    again.pictures.remove(old)
    assert Archive(tmp_path).notes.pictures.find(near) == {"https://x/b.jpg": "pictures/b.jpg"}
    assert Archive(tmp_path).notes.pictures.find(old) == {}

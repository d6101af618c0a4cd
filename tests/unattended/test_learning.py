"""A run that cannot read the site's pages learns to from archived stories, or leaves everything as it was."""

from __future__ import annotations

import re
import secrets
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.crawling import AT_FULL_SPEED, PROJECT, crawl, scrapy, tree
from support.repositories import git

from zbcrawler.replica import chrome, react
from zbcrawler.replica.faults import Fault
from zbcrawler.replica.redesigns import REDESIGNS, Redesign
from zbcrawler.replica.server import Replica

STORY = r"/story20\d{6}-"
LISTING = r"^/realtime/[a-z]+(\?.*)?$"
NOISE = "<p>" + "".join(chr(0x4E00 + number) for number in range(400)) + "</p>"


def publish(newsroom, count=2):
    newsroom.clock.advance(timedelta(minutes=30))
    for section in newsroom.sections:
        newsroom.publish(section, count)


def archive_first(replica, archive, newsroom):
    first = run_again(replica, archive, newsroom)
    assert first.returncode == 0, first.stdout
    publish(newsroom)


def run_again(replica, archive, newsroom, **settings):
    return crawl("realtime", replica.url, archive, newsroom, settings=settings, recheck="off")


def editions(archive):
    return [name for name in tree(archive) if name.startswith("_data/editions/")]


def without_owed(archive):
    return {name: data for name, data in tree(archive).items() if "/owed/" not in name}


def asked_again(replica, archive, before):
    """Return the requests for archived stories after a number of requests."""
    archived = {name[-10:-3] for name in tree(archive) if name.startswith("_posts/")}
    return [path for _, path, _ in replica.requests[before:] if re.search(STORY, path) and path[-7:] in archived]


def test_a_new_listing_costs_one_noisy_run(newsroom, archive):
    with Replica(newsroom) as replica:
        archive_first(replica, archive, newsroom)
        replica.redesign("new-listing")
        before = len(replica.requests)
        learns = run_again(replica, archive, newsroom)
        teachers = asked_again(replica, archive, before)
        reads = run_again(replica, archive, newsroom)
        publish(newsroom)
        goes_on = run_again(replica, archive, newsroom)
        shows = f"; scrapy probe {replica.url}/realtime/china -s ARCHIVE_DIR={archive} shows how"
        verified = scrapy("verify", archive)
        probed = scrapy("probe", f"{replica.url}/realtime/china", "-s", f"ARCHIVE_DIR={archive}")
        texts = {story.number: replica.expected_lines(story) for story in replica.expected()}
    assert [run.returncode for run in (learns, reads, goes_on)] == [1, 0, 0], goes_on.stdout
    (path,) = editions(archive)
    name = path.removeprefix("_data/editions/").removesuffix(".yml")
    assert (
        f"failed: learning: {name} reads the new pages, learnt from 3 archived stories: listing pages: "
        in learns.stdout
    )
    assert shows in learns.stdout
    assert len(teachers) == 3
    for run in (reads, goes_on):
        assert f"note: {name}: is learnt, and read 0 story pages and " in run.stdout
    assert "china: 2 new, " in reads.stdout
    posts = {name[-10:-3]: data.decode() for name, data in tree(archive).items() if name.startswith("_posts/")}
    assert posts.keys() == texts.keys()
    assert all("\n".join(lines) in posts[number] for number, lines in texts.items() if lines)
    assert verified.returncode == 0, verified.stdout
    assert f"edition    {name}" in probed.stdout


def test_what_was_learnt_is_committed_by_the_run_that_learnt(newsroom, archive):
    git(archive, "init", "--quiet")
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom, settings={"ARCHIVE_COMMIT": 1})
        publish(newsroom)
        replica.redesign("hashed")
        learns = run_again(replica, archive, newsroom, ARCHIVE_COMMIT=1)
        run_again(replica, archive, newsroom, ARCHIVE_COMMIT=1)
        calm = run_again(replica, archive, newsroom, ARCHIVE_COMMIT=1)
    (path,) = editions(archive)
    assert re.search("^committed: (?:learnt: |[^T].* 1 learnt: )", learns.stdout, re.MULTILINE), learns.stdout
    assert "committed: " not in calm.stdout
    assert path in git(archive, "ls-files")
    assert git(archive, "status", "--porcelain") == ""


def test_listings_without_their_stories_fail_every_run_and_close_no_gap(newsroom, archive, monkeypatch):
    only_page = REDESIGNS["single-breaks"].listing
    monkeypatch.setitem(REDESIGNS, "listings only", Redesign("listings only", changing, only_page))
    monkeypatch.setitem(REDESIGNS, "readable stories", Redesign("readable stories", HASHED.story, only_page))
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom, pages="1")
        replica.redesign("listings only")
        runs = [run_again(replica, archive, newsroom) for _ in range(3)]
        status = scrapy("status", archive)
        replica.redesign("readable stories")
        publish(newsroom, 1)
        newsroom.clock.advance(timedelta(days=1, hours=1))
        learns, reads = (run_again(replica, archive, newsroom) for _ in range(2))
        calm = run_again(replica, archive, newsroom)
    assert [run.returncode for run in (*runs, learns, reads, calm)] == [1, 1, 1, 1, 0, 0], reads.stdout + calm.stdout
    (name, _) = [Path(path).stem for path in editions(archive)]
    assert all(f"failed: learning: {name} reads the listings only, learnt from " in run.stdout for run in runs)
    assert "note: section china: the gap behind page 1 stays: " in runs[2].stdout
    assert "gaps     china, behind page 1 of its listing" in status.stdout
    assert re.search(f"(?m)^realtime FAILED .*: learning: {name} reads the listings only", status.stdout)
    assert any(path.startswith("_data/gaps/china") for path in tree(archive))


def test_an_answer_of_404_behind_the_last_page_closes_the_gap(newsroom, archive):
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom)
        (archive / "_data/gaps").mkdir()
        (archive / "_data/gaps/china.json").write_text('{"section": "china", "pages": 1}')
        replica.redesign("shuffled")
        replica.faults.add(Fault("page=[4-9]", 404))
        learns, reads = (run_again(replica, archive, newsroom) for _ in range(2))
        asked = [path for _, path, _ in replica.requests if "page=4" in path]
    assert (learns.returncode, reads.returncode, len(asked)) == (1, 0, 1), learns.stdout + reads.stdout
    assert not any(path.startswith("_data/gaps/") for path in tree(archive))


def test_a_run_that_can_read_loads_nothing_that_learns():
    code = "import sys, zbcrawler.spiders.realtime; print([n for n in sys.modules if 'learning' in n])"
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, encoding="utf-8", check=True)
    assert done.stdout == "[]\n"


def test_learning_costs_nothing_when_it_is_off(newsroom, archive):
    with Replica(newsroom) as replica:
        archive_first(replica, archive, newsroom)
        replica.redesign("new-listing")
        before = len(replica.requests)
        run = run_again(replica, archive, newsroom, LEARN_REQUESTS=0)
        assert asked_again(replica, archive, before) == []
    assert run.returncode == 1
    assert ": learning: " not in run.stdout
    assert editions(archive) == []


def front(words):
    return chrome.document("<title>联合早报</title>", f"<zb-app>{words}</zb-app>").encode()


PAGES = {
    "captcha": (Fault(".", body=front("请输入验证码")),),
    "login": (Fault(STORY, 302, headers={"Location": "/login"}), Fault(LISTING, 302, headers={"Location": "/login"})),
    "no answer": (Fault(STORY, 503), Fault(LISTING, body=front("新版"))),
    "large": (Fault(STORY, flood=3_000_000), Fault(LISTING, flood=3_000_000, body=front("新版"))),
    "deep": (Fault(".", body=front("<div>" * 20_000 + NOISE)),),
}


@pytest.mark.parametrize("faults", PAGES.values(), ids=list(PAGES))
def test_pages_of_nothing_teach_nothing_and_cost_little(newsroom, archive, faults):
    with Replica(newsroom) as replica:
        archive_first(replica, archive, newsroom)
        before, known = len(replica.requests), without_owed(archive)
        replica.faults.add(Fault("robots", 404))
        for fault in faults:
            replica.faults.add(fault)
        run = run_again(replica, archive, newsroom, RETRY_TIMES=0)
        teachers = asked_again(replica, archive, before)
        tried = len(replica.requests)
        then = run_again(replica, archive, newsroom, RETRY_TIMES=0)
        again = asked_again(replica, archive, tried)
    assert (run.returncode, then.returncode) == (1, 1)
    assert without_owed(archive) == known
    assert len(teachers) <= 4
    assert again == [], then.stdout


HASHED, LISTED = REDESIGNS["hashed"], REDESIGNS["new-listing"]


def of_another(newsroom, story):
    """Return the page of a neighbour, without a sign of whose page it is."""
    stories = newsroom.every()
    page = HASHED.story(newsroom, stories[stories.index(story) - 1])
    return re.sub(r"<(link|meta)[^>]*>|/story[0-9-]+", "", page)


def beginning(newsroom, story):
    content = story.content and replace(story.content, blocks=story.content.blocks[:1])
    return HASHED.story(newsroom, replace(story, content=content)) + "<!-- 登录后阅读全文 -->"


def sometimes_beginning(newsroom, story):
    return (beginning if int(story.number) % 10 < 3 else HASHED.story)(newsroom, story)


def changing(newsroom, story):
    """Return a page in which no two requests find anything in the same place."""
    head, _, body = HASHED.story(newsroom, story).partition("<body>")
    return "".join(
        (head[: head.index("<title")], "</head><body>", re.sub(r"<(/?)\w+[^>]*>", _any_tag, body), "</body></html>")
    )


def _any_tag(found):
    return f"<{found[1]}x-{secrets.token_hex(3)}>"


KINDS = {
    "other stories": (of_another, HASHED.listing),
    "front page": (lambda newsroom, story: HASHED.listing(newsroom, "china", ""), HASHED.listing),
    "teaser": (beginning, lambda newsroom, section, query: "<p>新版</p></body>"),
    "teaser for some": (sometimes_beginning, lambda newsroom, section, query: "<p>新版</p></body>"),
    "changes": (changing, lambda newsroom, section, query: f"<p>{secrets.token_hex(9)}</p></body>"),
    "another section": (None, lambda newsroom, section, query: LISTED.listing(newsroom, "world", query)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_pages_that_deceive_teach_nothing(newsroom, archive, monkeypatch, kind):
    monkeypatch.setitem(REDESIGNS, kind, Redesign(kind, *KINDS[kind]))
    with Replica(newsroom) as replica:
        archive_first(replica, archive, newsroom)
        before, known = len(replica.requests), without_owed(archive)
        replica.redesign(kind)
        run = run_again(replica, archive, newsroom, GIVE_UP_AFTER=3)
        teachers = asked_again(replica, archive, before)
        tried = len(replica.requests)
        then = run_again(replica, archive, newsroom, GIVE_UP_AFTER=3)
        again = asked_again(replica, archive, tried)
    assert (run.returncode, then.returncode) == (1, 1)
    wrong = {name for name, data in without_owed(archive).items() if known.get(name) != data}
    assert {name for name in wrong if "/editions/" not in name and "/gaps/" not in name} == set(), run.stdout
    assert not any("story:" in (archive / name).read_text() for name in editions(archive)), run.stdout
    assert 0 < len(teachers) <= 40
    assert again == [], then.stdout


def test_a_page_that_changes_is_tried_again_on_the_same_day(newsroom, archive):
    with Replica(newsroom) as replica:
        archive_first(replica, archive, newsroom)
        replica.faults.add(Fault(LISTING, body=front("请输入验证码")))
        vain, waits = (run_again(replica, archive, newsroom) for _ in range(2))
        replica.faults.clear()
        replica.redesign("new-listing")
        learns = run_again(replica, archive, newsroom)
    assert (vain.returncode, learns.returncode) == (1, 1)
    assert "note: learning: nothing was learnt in " in vain.stdout
    assert "note: learning: was not tried again: " in waits.stdout
    assert len(editions(archive)) == 1


@pytest.fixture
def healed(newsroom, archive):
    """Return the settings and the learnt edition of an archive that a learnt edition wrote posts into."""
    with Replica(newsroom) as replica:
        archive_first(replica, archive, newsroom)
        replica.redesign("hashed")
        given = {
            "SITE_URL": replica.url,
            "ARCHIVE_DIR": archive,
            "CLOCK": newsroom.clock.now().isoformat(),
            **AT_FULL_SPEED,
        }
        words = [word for name, value in given.items() for word in ("-s", f"{name}={value}")]
        learns = scrapy("learn", *words)
        reads = run_again(replica, archive, newsroom)
        yield words, (archive / editions(archive)[0]).stem
    assert (learns.returncode, reads.returncode) == (0, 0)
    assert "note: learning: " in learns.stdout


def notes(archive):
    return [name for name in tree(archive) if name.startswith("_data/learnt/")]


def test_a_learnt_edition_is_forgotten_with_its_notes_and_pages(archive, healed):
    words, name = healed
    assert len(notes(archive)) == 6
    assert list((archive / ".zbcrawler/raw").glob("realtime-*.warc.gz"))
    posts = {name: data for name, data in tree(archive).items() if name.startswith("_posts/")}
    unknown = scrapy("learn", "--forget", "learnt-of-nobody", *words)
    run = scrapy("learn", "--forget", name, *words)
    assert (unknown.returncode, run.returncode) == (2, 0)
    what = f"learnt-of-nobody: is no learnt edition of the archive {archive}; it has {name}"
    assert unknown.stderr.splitlines()[-1] == f"scrapy learn: {what}"
    assert run.stdout == f"forgotten: {name}; the 6 posts that it wrote stay\n"
    assert (notes(archive), editions(archive)) == ([], [])
    assert not (archive / ".zbcrawler/raw").exists()
    assert {name: data for name, data in tree(archive).items() if name.startswith("_posts/")} == posts


def test_an_edition_that_is_lost_is_learnt_again_by_the_next_run(archive, healed):
    words, name = healed
    # It was adopted, and this copy of the software lacks the file.
    (archive / f"_data/editions/{name}.yml").unlink()
    learns, reads = (scrapy("crawl", "realtime", *words, "-a", "recheck=off") for _ in range(2))
    assert (learns.returncode, reads.returncode) == (1, 0), learns.stdout
    assert "failed: learning: learnt-" in learns.stdout
    assert " reads the new pages, " in learns.stdout


def test_posts_are_cleaned_again_when_their_edition_is_adopted(archive, healed, tmp_path):
    # Adopting changes the project, from which other tests run at the same time.
    project = tmp_path / "project"
    shutil.copytree(PROJECT / "zbcrawler", project / "zbcrawler")
    shutil.copy(PROJECT / "scrapy.cfg", project)
    words, name = healed
    posts = {path: data for path, data in tree(archive).items() if path.startswith("_posts/")}
    number = notes(archive)[0].removeprefix("_data/learnt/").removesuffix(".json")
    spoilt = next(archive / path for path in posts if path.endswith(f"-{number}.md"))
    text = spoilt.read_text("utf-8")
    spoilt.write_text(text.replace("</div>\n", "<p>这里是读者看不见的广告。</p>\n</div>\n"), "utf-8")
    run = scrapy("learn", "--adopt", name, *words, cwd=project)
    assert run.returncode == 0, run.stdout
    adopted = project / "zbcrawler/editions/adopted"
    assert {path.name for path in adopted.iterdir()} == {"README.md", f"{name}.yml"}
    assert "import: 0 new, 0 changed, 1 shortened, 5 unchanged" in run.stdout
    assert {path: data for path, data in tree(archive).items() if path.startswith("_posts/")} == posts
    assert (notes(archive), editions(archive)) == ([], [])
    assert not (archive / ".zbcrawler/raw").exists()


def test_an_editions_file_that_cannot_be_read_is_named_and_can_be_forgotten(newsroom, archive):
    with Replica(newsroom) as replica:
        archive_first(replica, archive, newsroom)
        broken = archive / "_data/editions/learnt-20260131-abcd.yml"
        broken.parent.mkdir()
        broken.write_text("name: [")
        run = run_again(replica, archive, newsroom)
        verified = scrapy("verify", archive)
        forgotten = scrapy("learn", "--forget", "learnt-20260131-abcd", "-s", f"ARCHIVE_DIR={archive}")
        after = run_again(replica, archive, newsroom)
    assert (run.returncode, verified.returncode, forgotten.returncode, after.returncode) == (2, 1, 0, 0)
    assert "remove it (scrapy learn --forget learnt-20260131-abcd)" in run.stderr.splitlines()[-1]
    assert "_data/editions/learnt-20260131-abcd.yml: edition: " in verified.stdout


def test_a_time_that_vanishes_from_a_known_page_is_found_again(newsroom, archive, monkeypatch):
    def story(room, one):
        return re.sub("datePublished|pubdate|create_time|发布", "shownSince", react.story_page(room, one))

    monkeypatch.setitem(REDESIGNS, "no-time", Redesign("no-time", story))
    with Replica(newsroom, "react") as replica:
        archive_first(replica, archive, newsroom)
        replica.redesign("no-time")
        learns = run_again(replica, archive, newsroom)
        publish(newsroom)
        reads = run_again(replica, archive, newsroom)
    assert (
        "failed: react edition: 6 of 6 pages have no time, more than MISSING_LIMIT allows; a redesign?" in learns.stdout
    )
    assert (learns.returncode, reads.returncode) == (1, 0), learns.stdout + reads.stdout
    assert "- react" in (archive / editions(archive)[0]).read_text()
    assert "is learnt, and read 6 story pages and 0 listing pages" in reads.stdout

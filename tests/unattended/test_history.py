"""A week on the replica, run by run, in ``git log``."""

from __future__ import annotations

import random
import re
import subprocess
from datetime import timedelta

import pytest
from support.crawling import crawl, scrapy, tree
from support.programs import needs

from zbcrawler.common.times import SINGAPORE
from zbcrawler.replica.faults import Fault
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.server import Replica

COMMIT = {"ARCHIVE_COMMIT": 1}


def git(folder, *words):
    command = ["git", "-c", "core.quotePath=false", "-c", "user.name=x", "-c", "user.email=x@localhost", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=True).stdout


def changes_of(folder, commit):
    """Return the paths that a commit changed, by status."""
    found = {"A": set(), "M": set(), "D": set()}
    for line in git(folder, "show", "--format=", "--name-status", "--no-renames", commit).splitlines():
        status, path = line.split("\t")
        found[status].add(path)
    return found


def number_of(path):
    return path.rpartition("-")[2].rpartition("/")[2].partition(".")[0]


class Week:
    """The changes of a week, hour by hour: new titles, edits, withdrawals. Nothing happens at night.

    :ivar pending: numbers of the stories that have changed since they were archived
    """

    def __init__(self, newsroom, seed):
        self.newsroom = newsroom
        self.rng = random.Random(seed)
        self.pending = set()
        self.withdrawn = set()

    def hour(self):
        self.newsroom.clock.advance(timedelta(hours=1))
        if self.newsroom.clock.now().hour % 4 == 2:  # nothing happens
            return
        for section in self.newsroom.sections:
            self.newsroom.publish(section, self.rng.randrange(3))
        ordinary = [one for one in self.newsroom.listed("china") if one not in self.newsroom.cases.values()][3:20]
        retitled, edited, withdrawn = self.rng.sample(ordinary, 3)
        self.newsroom.retitle(retitled)
        self.newsroom.edit(edited)
        self.pending |= {retitled.number, edited.number}
        if self.rng.random() < 0.2:
            self.newsroom.withdraw(withdrawn, listed=self.rng.random() < 0.5)
            self.withdrawn.add(withdrawn.number)


@pytest.mark.parametrize("hours", [14, pytest.param(7 * 24, marks=pytest.mark.full)])
def test_the_history_is_the_weeks(clock, archive, tmp_path, hours):
    needs("git")
    git(archive, "init", "--quiet")
    newsroom = Newsroom(seed=7, clock=clock, stories=90)
    week = Week(newsroom, seed=11)
    commits = []
    with Replica(newsroom) as replica:
        replica.validators = True
        first = crawl("realtime", replica.url, archive, newsroom, settings=COMMIT)
        assert first.returncode == 0, first.stdout
        assert git(archive, "log", "--format=%s").startswith("87 new: ")
        for _ in range(hours):
            week.hour()
            before = git(archive, "rev-parse", "HEAD")
            run = crawl("realtime", replica.url, archive, newsroom, recheck="2d", settings=COMMIT)
            assert run.returncode == 0, run.stdout
            made = git(archive, "rev-list", f"{before.strip()}..HEAD").split()
            assert len(made) <= 1
            assert git(archive, "status", "--porcelain") == ""
            if not made:
                assert "0 new, 0 changed" in run.stdout
                continue
            commits += made
            changes = changes_of(archive, "HEAD")
            changed = {number_of(path) for path in changes["M"]}
            # Only posts whose story has changed are changed, and no note without a reason.
            assert all(path.startswith("_posts/") for path in changes["M"])
            assert changed <= week.pending
            week.pending -= changed
            assert all(path.startswith("_data/owed/") for path in changes["D"])
            subject, _, body = git(archive, "log", "-1", "--format=%B").strip().partition("\n\n")
            new = [path for path in changes["A"] if path.startswith("_posts/")]
            assert body.count("new: ") == len(new)
            assert body.count("changed: ") == len(changes["M"])
            assert not new or f"{len(new)} new" in subject
            assert git(archive, "log", "-1", "--format=%aI").strip() == newsroom.clock.now().astimezone(
                SINGAPORE
            ).isoformat(timespec="seconds")
        last = crawl("realtime", replica.url, archive, newsroom, recheck="9d", settings=COMMIT | {"RECHECK_GROWTH": 0})
        assert last.returncode == 0, last.stdout
        fresh = tmp_path / "fresh"
        fresh.mkdir()
        crawl("realtime", replica.url, fresh, newsroom, pages=100)
    assert commits
    archived = tree(archive)
    for name, data in tree(fresh).items():
        assert name.startswith("_data/") or archived[name] == data
    # Withdrawn stories stay archived.
    assert week.withdrawn <= {number_of(name) for name in archived if name.startswith("_posts/")}


def ordinary(newsroom):
    return [one for one in newsroom.listed("china") if one not in newsroom.cases.values()]


def test_edits_of_a_run_that_never_committed_are_news_and_repairs_are_technical(newsroom, archive):
    needs("git")
    git(archive, "init", "--quiet")
    again = {"RECHECK_GROWTH": 0}
    edited, repaired = ordinary(newsroom)[:2]
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom, sections="china", settings=COMMIT)
        newsroom.edit(edited)
        run = crawl("realtime", replica.url, archive, newsroom, sections="china", recheck="9d", settings=again)
        assert "1 changed" in run.stdout, run.stdout
        posts = {number_of(path.name): path for path in archive.glob("_posts/**/*.md")}
        repair = posts[repaired.number]
        repair.write_text(repair.read_text("utf-8").replace("<p>", "<p class=x>", 1), "utf-8")
        git(archive, "commit", "--quiet", "-m", "damaged", "--", repair)
        assert "1 fixed" in scrapy("verify", archive, "--fix").stdout
        newsroom.publish("china")
        crawl("realtime", replica.url, archive, newsroom, sections="china", settings=COMMIT)
    subjects = git(archive, "log", "--format=%s").splitlines()
    assert subjects[1::-1] == ["Technical: 1 changed", f"1 new, 1 changed: {subjects[0].partition(': ')[2]}"]
    shown = scrapy("history", "-s", f"ARCHIVE_DIR={archive}", "-s", f"CLOCK={newsroom.clock.now().isoformat()}").stdout
    assert re.findall("story.*", shown) == [f"story{edited.path.rpartition('/story')[2]}"]


def test_a_kept_page_that_is_read_again_is_no_edit_of_the_newspaper(newsroom, archive, tmp_path):
    needs("git")
    git(archive, "init", "--quiet")
    with Replica(newsroom) as replica:
        settings = COMMIT | {"KEEP_RAW": tmp_path / "raw"}
        (tmp_path / "raw").mkdir()
        run = crawl("realtime", replica.url, archive, newsroom, sections="china", settings=settings)
        assert run.returncode == 0, run.stdout + run.stderr
        post = sorted(archive.glob("_posts/**/*.md"))[-1]
        post.write_text(post.read_text("utf-8").replace("</div>", "<p>以前留下的广告。</p>\n</div>"), "utf-8")
        git(archive, "commit", "--quiet", "--all", "-m", "an advert")
        given = {"ARCHIVE_DIR": archive, "ARCHIVE_COMMIT": 1, "SITE_URL": replica.url}
        words = [word for name, value in given.items() for word in ("-s", f"{name}={value}")]
        run = scrapy("import", tmp_path / "raw", *words)
    assert "\ncommitted: Technical: 1 changed\n" in run.stdout, run.stdout + run.stderr


def test_notes_alone_are_committed_by_the_first_run_of_the_next_day(newsroom, archive):
    needs("git")
    git(archive, "init", "--quiet")
    with Replica(newsroom) as replica:

        def run(**settings):
            done = crawl("realtime", replica.url, archive, newsroom, sections="china", settings=COMMIT | settings)
            return re.findall("^committed: (.*)", done.stdout, re.MULTILINE)

        run()
        fresh = newsroom.publish("china")[0]
        replica.faults.add(Fault(pattern=fresh.number, status=500))
        assert (run(), run()) == ([], [])
        assert f"_data/owed/{fresh.number}.json" in git(archive, "status", "--porcelain", "--untracked-files=all")
        newsroom.clock.advance(timedelta(days=1))
        (subject,) = run()
        assert "owed" in subject
        assert not subject.startswith("Technical")
        assert run() == []
    assert git(archive, "status", "--porcelain") == ""


def test_a_redesign_changes_no_post_and_names_what_it_missed(newsroom, archive):
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom)
        before = {name: data for name, data in tree(archive).items() if name.startswith("_posts/")}
        fresh = newsroom.publish("china")[0]
        replica.redesign("story")
        story = crawl("realtime", replica.url, archive, newsroom)
        settings = {"RECHECK_GROWTH": 0, "CONCURRENT_REQUESTS": 2}
        rechecked = crawl("realtime", replica.url, archive, newsroom, recheck="2d", settings=settings)
        owed = [name for name in tree(archive) if name.startswith("_data/owed/")]
        replica.redesign("listing")
        listing = crawl("realtime", replica.url, archive, newsroom)
    assert (story.returncode, rechecked.returncode, listing.returncode) == (1, 1, 1)
    # Every page would fail, so the run stops after a few. Only stories that are not archived are owed.
    assert "20 stories in a row failed (GIVE_UP_AFTER)" in rechecked.stdout
    assert len(owed) == 3 + 1
    assert f"{fresh.path}: no known edition (" in story.stdout
    for section in newsroom.sections:
        assert f"failed: section {section}: http" in listing.stdout
        assert f"/realtime/{section}: no known edition" in listing.stdout
    after = {name: data for name, data in tree(archive).items() if name.startswith("_posts/")}
    # The second redesign shows the stories as they were, so the run archives the story that the first one withheld.
    assert [after.pop(name) for name in after.keys() - before.keys() if fresh.number in name]
    assert after == before

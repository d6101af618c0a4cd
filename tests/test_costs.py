"""Numbers that must not grow: requests, files opened and looked at, parses. bench/ measures times."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import datetime, timedelta

import pytest
from hostile.pages import ADDRESS, BUILDERS, page_of
from support.crawling import AT_FULL_SPEED, MOMENT, PROJECT, crawl
from support.editions import story_on
from support.hub import git
from support.programs import needs

from zbcrawler.archive import posts
from zbcrawler.archive.disk import post_path
from zbcrawler.common import markup
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.times import SINGAPORE, Clock
from zbcrawler.editions import Page
from zbcrawler.items import Story
from zbcrawler.replica.past import newsroom_with_past
from zbcrawler.replica.server import Replica

# Run scrapy and count the files below one folder that it looks at, reads and writes.
COUNTING = """
import json, os, sys
below, out = sys.argv[1:3]
counts = {"looked at": 0, "listed": 0, "read": 0, "written": 0}
stat = os.stat
def counting(path, *words, **more):
    counts["looked at"] += str(path).startswith(below)
    return stat(path, *words, **more)
os.stat = counting
def watch(event, words):
    if event in ("os.listdir", "os.scandir") and str(words[0]).startswith(below):
        counts["listed"] += 1
    elif event == "open" and str(words[0]).startswith(below):
        counts["written" if words[2] & (os.O_WRONLY | os.O_RDWR) else "read"] += 1
    elif event in ("os.rename", "os.remove", "os.mkdir") and str(words[0]).startswith(below):
        counts["written"] += 1
sys.addaudithook(watch)
sys.argv = ["scrapy", *sys.argv[3:]]
from scrapy.cmdline import execute
try:
    execute()
finally:
    open(out, "w").write(json.dumps(counts))
"""

# Run scrapy and print the largest memory, in KB.
PEAK = """
import resource, sys
from scrapy.cmdline import execute
try:
    execute(["scrapy", *sys.argv[1:]])
finally:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""


def counted(newsroom, url, archive, out, spider="realtime"):
    """Return what a crawl does in its archive, by kind of access."""
    given = {"SITE_URL": url, "ARCHIVE_DIR": archive, "CLOCK": newsroom.clock.now().isoformat(), **AT_FULL_SPEED}
    return counts_of(
        archive, out, "crawl", spider, *(word for each in given.items() for word in ("-s", "{}={}".format(*each)))
    )


def counts_of(archive, out, *words):
    """Return what a command does in an archive, by kind of access."""
    command = [sys.executable, "-c", COUNTING, archive, out, *words]
    subprocess.run(list(map(str, command)), cwd=PROJECT, check=True, capture_output=True)
    return json.loads(out.read_text())


def add_years(archive, days):
    """Add posts of other days to the archive."""
    post = next((archive / "_posts").rglob("*.md"))
    for number in range(days):
        day = post.parent.parent.parent.parent / f"20{10 + number % 14}/{1 + number % 12:02}/01"
        day.mkdir(parents=True, exist_ok=True)
        shutil.copy(post, day / f"{day.parent.parent.name}-{day.parent.name}-01-{9_000_000 + number}.md")


def test_a_run_without_news_asks_for_listings_and_writes_nothing_however_large_the_archive(newsroom, archive, tmp_path):
    with Replica(newsroom) as replica:
        for _ in range(2):
            assert crawl("realtime", replica.url, archive, newsroom).returncode == 0
        asked = len(replica.requests)
        small = counted(newsroom, replica.url, archive, tmp_path / "small")
        targets = [target for _, target, _ in replica.requests[asked:]]
        add_years(archive, 2000)
        large = counted(newsroom, replica.url, archive, tmp_path / "large")
        (archive / "zbcrawler.toml").write_text('NEWEST_LIMIT = "3d"\n')
        with_settings = counted(newsroom, replica.url, archive, tmp_path / "settings")
    assert targets[:2] == ["/robots.txt", "/realtime/china"]
    assert sorted(targets[2:]) == ["/realtime/singapore", "/realtime/world"]  # two at a time, in either order
    assert large == small
    assert with_settings["read"] == small["read"] + 1
    assert small["written"] == 0
    assert small["read"] < 25  # notes, locks, and the run state twice: it is checked before it is believed
    listed = sum(len(newsroom.listed(name)) for name in newsroom.sections)
    assert small["looked at"] < 10 * listed


@pytest.mark.parametrize("builder", BUILDERS)
def test_a_page_is_parsed_once(builder, monkeypatch):
    parsed = []
    parse = markup.document_fromstring
    monkeypatch.setattr(markup, "document_fromstring", lambda data, **more: parsed.append(data) or parse(data, **more))
    page = Page(ADDRESS, page_of(builder, "标题", "<p>字</p>"))
    story_on(page)
    assert len(parsed) == 1
    # If a page's data is in its script, only the script is read.
    assert (len(parsed[0]) < len(page.text)) == (builder == "react")


def test_a_new_story_writes_its_post_and_nothing_else(newsroom, archive, tmp_path):
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom)
        newsroom.publish("china")
        one = counted(newsroom, replica.url, archive, tmp_path / "one")
        newsroom.publish("china", 3)
        three = counted(newsroom, replica.url, archive, tmp_path / "three")
    # A file, its folder, and its place in the folder. The other writes are the journal's.
    assert (three["written"] - one["written"]) / 2 <= 4


def test_a_backfill_looks_once_at_each_archived_story_however_large_the_archive(archive, tmp_path):
    past = newsroom_with_past(Clock(MOMENT), stories=200, months=6)
    with Replica(past) as replica:
        assert crawl("backfill", replica.url, archive, past).returncode == 0
        asked = len(replica.requests)
        small = counted(past, replica.url, archive, tmp_path / "small", "backfill")
        requests = len(replica.requests) - asked
        add_years(archive, 2000)
        large = counted(past, replica.url, archive, tmp_path / "large", "backfill")
    assert large == small
    assert requests <= 10  # robots.txt, the index and the months
    assert small["written"] == 0
    assert small["read"] < 25
    assert small["looked at"] < 1.3 * len(list((archive / "_posts").rglob("*.md"))[:203])


def test_status_lists_each_folder_once_and_looks_at_one_post_of_each_day(newsroom, archive, tmp_path):
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom)
    add_years(archive, 1000)
    days = list((archive / "_posts").glob("*/*/*"))
    folders = [path for path in (archive / "_posts").rglob("*") if path.is_dir()]
    counts = counts_of(archive, tmp_path / "counts", "status", archive)
    assert counts["listed"] <= len(folders) + 5
    assert counts["looked at"] <= len(days) + 30
    assert counts["read"] < 5
    assert counts["written"] == 0


def test_a_website_reads_the_posts_it_shows_anew_however_many_there_are(newsroom, archive, tmp_path):
    with Replica(newsroom) as replica:
        assert crawl("realtime", replica.url, archive, newsroom).returncode == 0
    folders = {post.parent for post in (archive / "_posts").rglob("*.md")}
    site = tmp_path / "site"
    first = counts_of(archive / "_posts", tmp_path / "first", "site", archive, site)
    posts = len(list((archive / "_posts").rglob("*.md")))
    assert first["read"] <= 2 * posts + 200  # once for the catalogue, once for its page; the rest are feeds
    same = counts_of(archive / "_posts", tmp_path / "same", "site", archive, site)
    assert same["read"] <= 200
    assert same["listed"] <= 3 * len(folders) + 1
    copy = max(folders) / f"{max(folders).parent.parent.name}-{max(folders).parent.name}-{max(folders).name}-9999999.md"
    post = next(max(folders).glob("*.md"))
    copy.write_text(post.read_text("utf-8").replace(post.stem.rpartition("-")[2], "9999999"), "utf-8")
    more = counts_of(archive / "_posts", tmp_path / "more", "site", archive, site)
    assert more["read"] <= same["read"] + 60  # the section's feed has 40 stories
    assert first["written"] == same["written"] == more["written"] == 0


def write_posts(archive, count):
    """Write sound posts, ten a day."""
    for number in range(count):
        time = datetime(2025, 1, 1, 9, tzinfo=SINGAPORE) + timedelta(days=number // 10)
        address = StoryAddress.parse(f"/realtime/china/story{time:%Y%m%d}-{5_000_000 + number}")
        path = archive / post_path(address)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(posts.render(Story(address, "题", time, ["<p>字</p>"], time)), "utf-8")


def test_a_second_verify_reads_each_post_once_and_writes_nothing(archive, tmp_path):
    write_posts(archive, 500)
    first = counts_of(archive, tmp_path / "first", "verify", str(archive))
    second = counts_of(archive, tmp_path / "second", "verify", str(archive))
    assert (first["read"], second["read"], second["written"]) == (500, 500, 0)
    # Each of the 66 folders is listed twice: for the numbers that posts share, and for the posts.
    assert second["listed"] <= 2 * 66
    assert (archive / ".zbcrawler" / "verified.sqlite").stat().st_size < 100 * 500


def test_a_verify_of_changed_files_reads_only_those_however_large_the_archive(archive, tmp_path):
    needs("git")
    write_posts(archive, 500)
    git(archive, "init", "--quiet")
    git(archive, "add", "--all")
    git(archive, "commit", "--quiet", "--message=begun")
    path = next((archive / "_posts").rglob("*.md"))
    path.write_bytes(path.read_bytes().replace("字".encode(), "字字".encode()))
    counts = counts_of(archive, tmp_path / "since", "verify", "--since", "HEAD", str(archive))
    assert (counts["read"], counts["written"]) == (1, 0)
    assert counts["listed"] <= 66


def test_the_memory_of_a_verify_and_of_its_report_does_not_grow_with_the_posts(archive, tmp_path):
    peaks = []
    for count in (1000, 10_000):
        write_posts(archive, count)
        report = tmp_path / "report.html"
        command = [sys.executable, "-c", PEAK, "verify", str(archive), "--report", str(report), "--processes", "1"]
        peaks.append(int(subprocess.run(command, cwd=PROJECT, check=True, capture_output=True).stderr.split()[-1]))
    assert peaks[1] <= 1.2 * peaks[0]
    assert report.stat().st_size < 2_000_000


def test_an_import_looks_at_few_files_for_each_post(newsroom, archive, tmp_path):
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom)
    files = sorted((archive / "_posts").rglob("*.md"))
    counts = {}
    for number in (10, 30):
        new = tmp_path / f"new{number}"
        new.mkdir()
        words = ("import", *files[:number], "--quiet", "-s", f"ARCHIVE_DIR={new}")
        counts[number] = counts_of(new, tmp_path / f"counts{number}", *words)
    for name, most in (("looked at", 25), ("read", 2), ("written", 5)):
        assert (counts[30][name] - counts[10][name]) / 20 <= most, name


def test_the_memory_of_an_export_does_not_grow_with_the_posts(archive, tmp_path):
    peaks = []
    for count in (1000, 10_000):
        write_posts(archive, count)
        command = [sys.executable, "-c", PEAK, "export", str(tmp_path / "news.jsonl"), str(archive)]
        peaks.append(int(subprocess.run(command, cwd=PROJECT, check=True, capture_output=True).stderr.split()[-1]))
    assert peaks[1] <= 1.2 * peaks[0]

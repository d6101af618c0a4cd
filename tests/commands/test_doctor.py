"""``scrapy doctor``, with real pages, disks, clocks and repositories."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
import tempfile
import time
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path

import pytest
from scrapy.settings import BaseSettings
from support.crawling import PROJECT, crawl, hosts_of, scrapy, tree
from support.programs import needs
from support.repositories import git

from zbcrawler.archive.archive import Archive
from zbcrawler.archive.disk import hold_run_lock
from zbcrawler.common.times import Clock
from zbcrawler.replica.faults import Fault
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.server import Replica
from zbcrawler.replica.site import EDITIONS
from zbcrawler.tools.doctor.machine import check_machine

NOTHING = "http://127.0.0.1:9"  # nobody listens there
SECTIONS = ("china", "world", "singapore")


def doctor(site, archive, *words, newsroom=None, **settings):
    """Return the exit code, the lines by subject, and all that is printed."""
    given = {"SITE_URL": site, "DOWNLOAD_DELAY": 0, "AUTOTHROTTLE_ENABLED": 0, **settings}
    if newsroom:
        given["CLOCK"] = newsroom.clock.now().isoformat()
    run = scrapy("doctor", archive, *words, *(word for each in given.items() for word in ("-s", "{}={}".format(*each))))
    assert run.stderr == ""
    assert "Traceback" not in run.stdout
    lines = [re.fullmatch(r"(ok|note|WRONG) +([\w.]+(?: story)?) +(.*)", line) for line in run.stdout.splitlines()]
    return run.returncode, {line[2]: (line[1], line[3]) for line in lines if line}, run.stdout


def machine(archive, **given):
    """Return the lines about the machine and the archive by subject, without a process of their own."""
    checks = check_machine(BaseSettings({"LOCK_LIMIT_HOURS": 12, **given, "ARCHIVE_DIR": str(archive)}))
    return {check.subject: (str(check).split()[0], str(check)[24:]) for check in checks}


def is_wrong(lines):
    return {subject for subject, (verdict, _) in lines.items() if verdict == "WRONG"}


@pytest.fixture
def crawled(newsroom, archive):
    """Return an archive whose last run was good."""
    with Replica(newsroom) as replica:
        assert crawl("realtime", replica.url, archive, newsroom).returncode == 0
    return archive


@pytest.mark.parametrize("edition", [name for name in EDITIONS if name != "mixed"])
def test_all_is_well_with_each_edition_and_nothing_is_written(newsroom, crawled, edition):
    state = (crawled / ".zbcrawler/state.sqlite").read_bytes()
    before = tree(crawled)
    with Replica(newsroom, edition) as replica:
        code, lines, printed = doctor(replica.url, crawled, newsroom=newsroom)
        requests = [target for _, target, _ in replica.requests]
    assert (code, is_wrong(lines)) == (0, set()), printed
    assert lines["schedule"][0] == "note"
    assert printed.endswith("\nnothing is wrong\n")
    for section in SECTIONS:
        assert re.match(rf"{edition} edition, \d+ stories$", lines[section][1])
        assert re.match(rf"{edition} edition; title, time, .*text \(\d+ blocks", lines[f"{section} story"][1])
    assert len(requests) <= 1 + 3 * 3
    assert requests[0] == "/robots.txt"
    assert tree(crawled) == before
    assert (crawled / ".zbcrawler/state.sqlite").read_bytes() == state


def test_an_empty_archive_stays_empty_and_hears_how_to_begin(newsroom, archive):
    with Replica(newsroom) as replica:
        code, lines, _ = doctor(replica.url, archive, newsroom=newsroom)
    assert (code, is_wrong(lines)) == (1, {"schedule"})
    assert lines["schedule"][1].endswith(f"no run yet; scrapy crawl realtime -s ARCHIVE_DIR={archive}")
    assert list(archive.iterdir()) == []


def test_a_redesign_is_named_and_a_story_is_tried_although_the_listing_cannot_be_read(newsroom, crawled):
    with Replica(newsroom) as replica:
        replica.redesign("utility")
        code, lines, _ = doctor(replica.url, crawled, "--sections", "china", newsroom=newsroom)
    assert (code, is_wrong(lines)) == (1, {"china", "china story"})
    for subject in ("china", "china story"):
        assert "no known edition" in lines[subject][1]
        assert "runs try to learn the new pages" in lines[subject][1]


def test_no_answer_is_one_line_about_the_network(crawled):
    for site, what in ((NOTHING, "refused"), ("https://www.zaobao.invalid", "DNS lookup failed")):
        code, lines, printed = doctor(site, crawled)
        assert (code, is_wrong(lines)) == (1, {"network"}), printed
        assert what in lines["network"][1]
        assert lines["network"][1].endswith("Check the network, a firewall and SITE_URL")
        assert "china" not in lines


def test_robots_txt_that_forbids_a_section_or_cannot_be_read(newsroom, crawled):
    with Replica(newsroom) as replica:
        rules = Fault("^/robots", body=b"User-agent: *\nDisallow: /realtime/world\n")
        replica.faults.add(rules)
        code, lines, _ = doctor(replica.url, crawled, newsroom=newsroom)
        assert (code, is_wrong(lines)) == (1, {"world"})
        assert lines["world"][1].endswith("/realtime/world: not fetched: Forbidden by robots.txt; runs obey")
        assert not any(target.startswith("/realtime/world") for _, target, _ in replica.requests)
        replica.faults.clear()
        replica.faults.add(Fault("^/robots", status=503))
        asked = len(replica.requests)
        code, lines, _ = doctor(replica.url, crawled, newsroom=newsroom)
        assert (code, "robots.txt" in is_wrong(lines)) == (1, True)
        assert len(replica.requests) == asked + 1


def test_a_wrong_clock_is_named_and_no_page_is_judged_by_it(archive):
    with Replica(Newsroom(seed=7, clock=Clock(), stories=30)) as replica:
        for off, verdict in ((timedelta(days=3), "WRONG"), (timedelta(seconds=5), "ok")):
            there = format_datetime(datetime.now(timezone.utc) + off, usegmt=True)
            replica.faults.clear()
            replica.faults.add(Fault(headers={"Date": there}))
            _, lines, _ = doctor(replica.url, archive, NEWEST_LIMIT="off")
            assert lines["clock"][0] == verdict
            assert ("china" in lines) == (verdict == "ok")
    assert "differs from the site's by" in lines["clock"][1]


def test_the_redirect_to_the_other_half_is_named_and_followed_once(newsroom, crawled):
    with Replica(newsroom, "react") as there, Replica(newsroom, redirect_to=there.url) as here:
        code, lines, printed = doctor(here.url, crawled, newsroom=newsroom, **hosts_of(there))
        assert code == 0, printed
        assert lines["network"][1] == f"{here.url} answers, and redirects to {there.url}"
        assert lines["china story"][1].startswith("react edition")
        assert sum(not target.startswith("/robots") for _, target, _ in here.requests) == 1


def test_a_site_that_asked_to_be_left_alone_is_not_asked(newsroom, crawled):
    with Replica(newsroom) as replica:
        replica.faults.add(Fault("^/realtime/china$", status=503, headers={"Retry-After": "7200"}))
        crawl("realtime", replica.url, crawled, newsroom)
        asked = len(replica.requests)
        code, lines, _ = doctor(replica.url, crawled, newsroom=newsroom)
        assert len(replica.requests) == asked
    assert code == 1
    assert "asked to be left alone until 2026-01-31 14:00 SGT; runs wait, too" in lines["network"][1]


def test_a_section_that_is_not_there_or_old(newsroom, crawled):
    with Replica(newsroom) as replica:
        _, lines, _ = doctor(replica.url, crawled, "--sections", "china,chinna", newsroom=newsroom)
        assert is_wrong(lines) == {"chinna"}
        assert lines["chinna"][1].endswith("answered 404; is the section's name right?")
        replica.faults.add(Fault("^/realtime/world$", status=302, headers={"Location": "/"}))
        _, lines, _ = doctor(replica.url, crawled, "--sections", "world,china", newsroom=newsroom)
        assert is_wrong(lines) == {"world"}
        assert f"redirects to {replica.url}/, which is another page" in lines["world"][1]
        newsroom.clock.advance(timedelta(days=9))
        _, lines, _ = doctor(replica.url, crawled, "--sections", "china", newsroom=newsroom)
    assert is_wrong(lines) == {"china"}
    assert "older than 48 hours (NEWEST_LIMIT)" in lines["china"][1]


def test_an_archive_that_is_missing_full_or_read_only(newsroom, tmp_path):
    lines = machine(tmp_path / "nowhere")
    assert (
        lines["archive"][1]
        == f"{tmp_path}/nowhere: is not there; scrapy init {tmp_path}/nowhere makes it, or mount its disk"
    )
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", disk], capture_output=True, check=False
    ).returncode:
        pytest.skip("this machine lets nobody mount a disk")
    try:
        lines = machine(disk)
        assert is_wrong(lines) >= {"archive", "disk"}
        assert "cannot be written: No space left on device; correct its owner" in lines["archive"][1]
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        code, lines, _ = doctor(NOTHING, disk)
        assert "cannot be written: Read-only file system" in lines["archive"][1]
        assert code == 1
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)


def test_an_archive_of_another_user_is_a_line_and_no_traceback(crawled):
    if os.geteuid():
        pytest.skip("only root can be another user")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        own = shutil.copytree(crawled, Path(folder, "news"))
        for mode in (0o700, 0o755):
            own.chmod(mode)
            os.seteuid(65534)
            try:
                lines = machine(own)
            finally:
                os.seteuid(0)
            assert re.search("Permission denied.*; correct its owner and permissions", lines["archive"][1])


def test_git_that_is_missing_nameless_or_cannot_reach_its_remote(crawled, tmp_path, monkeypatch):
    needs("git")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    lines = machine(crawled, ARCHIVE_COMMIT=1)
    assert "is not in a usable git repository; git init makes one" in lines["git"][1]
    git(crawled, "init", "--quiet")
    lines = machine(crawled, ARCHIVE_COMMIT=1)
    assert lines["git"] == ("ok", f"runs commit to {crawled}")
    assert lines["identity"][1].startswith("commits are by zbcrawler <zbcrawler@localhost>; git config user.name")
    git(crawled, "config", "user.name", "Mei")
    git(crawled, "config", "user.email", "mei@example.org")
    lines = machine(crawled, ARCHIVE_PUSH=1)
    assert "has no upstream; run git push -u REMOTE HEAD once" in lines["git"][1]
    git(crawled, "remote", "add", "hub", f"{tmp_path}/nowhere.git")
    lines = machine(crawled, ARCHIVE_PUSH=1)
    assert lines["identity"] == ("ok", "commits are by Mei <mei@example.org>")
    assert "nowhere.git' does not appear to be a git repository" in lines["remote"][1]
    assert "remote" in is_wrong(lines)
    subprocess.run(["git", "init", "--quiet", "--bare", tmp_path / "nowhere.git"], check=True)
    assert machine(crawled, ARCHIVE_PUSH=1)["remote"] == ("ok", "answers")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "git is not installed" in machine(crawled, ARCHIVE_COMMIT=1)["git"][1]
    assert machine(crawled)["git"][0] == "ok"


def test_an_archive_in_the_clone_of_the_software_hears_of_init():
    needs("git")
    if not (PROJECT / ".git").exists():
        pytest.skip("the project is in no repository here")
    with tempfile.TemporaryDirectory(dir=PROJECT) as folder:
        lines = machine(folder, ARCHIVE_COMMIT=1)
    assert lines["git"][0] == "WRONG"
    assert "the repository of zbcrawler itself" in lines["git"][1]
    assert lines["git"][1].endswith("docs/how-to/updating.md says how to move")


def test_what_starts_the_runs_and_a_run_that_is_overdue(crawled, tmp_path, monkeypatch):
    programs = tmp_path / "programs"
    programs.mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")

    def schedule_with(crontab):
        (programs / "crontab").write_text(f"#!/bin/sh\ncat <<'EOT'\n{crontab}\nEOT\n")
        (programs / "crontab").chmod(0o755)
        return machine(crawled)["schedule"]

    line = "*/15 * * * * cd /srv/zbcrawler && .venv/bin/scrapy crawl realtime --quiet -s ARCHIVE_DIR="
    for other in (f"# {line}{crawled}", f"{line}{crawled}2", f"0 1 * * * tar c {crawled}"):
        verdict, what = schedule_with(other)
        assert verdict == "note"
        assert what.startswith("no cron line or timer of this archive; the last run was ")
        assert what.endswith(f" ago; scrapy init {crawled} shows how to start runs")
    for own in (f"{line}{crawled}", f"{line}~/{crawled.name}"):
        verdict, what = schedule_with(own)
        assert verdict == "ok"
        assert what.startswith("crontab; the last run was ")
    unit = tmp_path / ".config/systemd/user/news.service"
    unit.parent.mkdir(parents=True)
    unit.write_text(f"[Service]\nExecStart=/srv/zbcrawler/.venv/bin/scrapy crawl realtime -s ARCHIVE_DIR={crawled}\n")
    assert schedule_with("")[1].startswith(f"{unit}; the last run was ")
    unit.unlink()
    two_days_ago = time.time() - 2 * 86_400
    for name in ("realtime.lock", "realtime.run"):
        os.utime(crawled / ".zbcrawler" / name, (two_days_ago, two_days_ago))
    assert schedule_with(f"{line}{crawled}")[1].endswith(
        "the last run was 2 d 0 h ago; a run is overdue; is cron, the timer or the machine off?"
    )
    verdict, what = schedule_with("")
    assert verdict == "WRONG"
    assert what.endswith(f"2 d 0 h ago; scrapy init {crawled} shows how to start runs; a run is overdue")


def test_failed_hanging_and_owed_are_named(newsroom, crawled):
    crawl("realtime", NOTHING, crawled, newsroom)
    assert "realtime" in is_wrong(machine(crawled))
    (crawled / "_data/owed").mkdir(parents=True, exist_ok=True)
    (crawled / "_data/owed/3120268.json").write_text("{")
    assert "1 broken notes" in machine(crawled)["pending"][1]
    with hold_run_lock(Archive(crawled).private_folder(), "realtime"):
        assert "at work since" in machine(crawled)["realtime"][1]
        day_ago = time.time() - 86_400
        os.utime(crawled / ".zbcrawler/realtime.run", (day_ago - 1, day_ago - 1))
        os.utime(crawled / ".zbcrawler/realtime.lock", (day_ago, day_ago))
        assert "does it hang?" in machine(crawled)["realtime"][1]


def test_a_gap_of_a_first_run_needs_no_person(newsroom, archive):
    with Replica(newsroom) as replica:
        assert crawl("realtime", replica.url, archive, newsroom, pages=1).returncode == 0
    assert machine(archive)["pending"] == ("ok", "3 stories owed, gaps in china, singapore, world")


def test_an_installed_package_that_is_too_old(monkeypatch):
    from zbcrawler.tools.doctor import machine

    monkeypatch.setattr(machine, "version", lambda name: "1.0.5" if name == "warcio" else "99")
    check = machine.check_versions()
    assert "warcio 1.0.5, needed 1.7.5" in check.what
    assert check.remedy == "python -m pip install --requirement requirements.txt"


def test_wrong_usage_is_one_line(tmp_path):
    for words, what in (
        ((tmp_path, tmp_path), "name one archive"),
        ((tmp_path, "--sections", "a b"), "sections=a b: write section paths"),
        ((tmp_path, "-s", "SITE_URL=nowhere"), "SITE_URL=nowhere"),
        ((__file__,), "ARCHIVE_DIR="),
        ((tmp_path, "-s", f"KEEP_RAW={tmp_path}/nowhere"), "/nowhere: is not an existing folder"),
    ):
        run = scrapy("doctor", *words)
        assert (run.returncode, run.stdout) == (2, "")
        assert re.fullmatch(r"scrapy doctor: [^\n]+\n", run.stderr)
        assert what in run.stderr


# -- the report of what the site sends


@pytest.mark.parametrize("edition", [name for name in EDITIONS if name != "mixed"])
def test_the_report_has_the_site_s_facts_and_none_of_its_news(newsroom, archive, edition):
    with Replica(newsroom, edition) as replica:
        code, _, printed = doctor(replica.url, archive, "--live", newsroom=newsroom)
        asked = {target for _, target, _ in replica.requests}
        stories = [story for story in newsroom.listed("china") if story.path in asked]
    assert code == 0
    assert stories
    assert str(archive) not in printed
    assert re.search(r"\n\* status: 200 \d×\n\* headers: .*Content-Type \d×", printed)
    assert re.search(rf"^\* edition {edition} \(\w+\), served .* <- ", printed, re.MULTILINE)
    assert "\n1. the half of the site: " in printed
    for story in newsroom.expected():
        assert story.number not in printed
        assert story.title not in printed
    # What is Chinese is ours: the words that the site shows with every story.
    words = {"订户", "赠阅文章", "发布", "更新", "延伸阅读", "推荐购买", "购买此文章"}
    assert set(re.findall(r"[\u4e00-\u9fff]+", printed)) <= words


HOSTILE = """<html class="大桥今早通车"><head><title>{0}</title></head><body>
<div class="card-listing {0}" data-news="{0}"><div class="card The_Harbour_Bridge_opened_this_morning_at_eight">
<div class="content-header"><a href="/realtime/china/story20260131-3120268" aria-label="{0}">{0}</a><div>11:07</div></div>
<div class="content-header"><a href="http://[{0}">{0}</a></div></div><div class="card"><div class="content-header"><a href="/realtime/the-bridge-opened-this-morning-in-the-rain/{0}?{0}={0}">{0}</a></div></div></div>
<大桥今早通车></大桥今早通车><the-harbour-bridge-opened-this-morning>`{0}`</the-harbour-bridge-opened-this-morning>
<astro-island component-url="/{0}.js" props="{{&quot;{0}&quot;:[0,&quot;{0}&quot;]}}"></astro-island>
<h1 id="{0}">{0}</h1><div>发布/2026年1月31日 11:07 {0}</div><p class="{1}">订户</p><div class="articleBody {0}"><p>{0}</p></div>
<script id="seo-article-page" type="application/ld+json">{{"@type": "NewsArticle", "{0}": "{0}", "headline": "{0}"}}</script>
<script>window.__staticRouterHydrationData = {{"loaderData": {{"0-0": {{"context": {{"payload": {{"article":
{{"headline": "{0}", "{0}": 1, "contentAccess": "{0}", "create_time": 1769832000, "body_cn": "<p class='{1}'>{0}</p>"}}}}}}}}}}}}</script>
</body></html>"""


def test_hostile_pages_bring_no_words_into_the_report(newsroom, archive):
    english = "The-Harbour-Bridge-opened-this-morning-at-eight"
    page = HOSTILE.format("海湾大桥今早通车 the harbour bridge opened \x1b[31m", english)
    many = "".join(f'<i class="c{number}"></i>' for number in range(5000))
    headers = {
        "ETag": '"海湾大桥"'.encode().decode("latin-1"),
        "Cache-Control": "the harbour bridge opened",
        "Vary": english,
        english: "1",
    }
    with Replica(newsroom) as replica:
        robots = f"# 海湾大桥\nDisallow: /the harbour bridge\nHarbour: bridge\nDisallow: /{'x' * 500}\nAllow: /\n"
        replica.faults.add(Fault("^/robots", body=gzip.compress(robots.encode()), headers={"Content-Encoding": "gzip"}))
        replica.faults.add(Fault(body=(page + many).encode(), headers=headers))
        _, _, printed = doctor(replica.url, archive, "--live", newsroom=newsroom)
    assert "edition react (D)" in printed
    assert "Allow: /" in printed
    assert not re.search("bridge|海湾|大桥|通车|\x1b", printed, re.IGNORECASE)
    assert max(map(len, printed.splitlines())) < 2000
    assert len(printed) < 20_000


def test_a_page_that_is_too_hard_costs_the_report_only_itself(newsroom, archive):
    with Replica(newsroom) as replica:
        replica.faults.add(Fault("^/realtime/world$", body=b"<html><body>" + 100_000 * b"<div>" + b"</body></html>"))
        code, _, printed = doctor(replica.url, archive, "--live", newsroom=newsroom)
    assert code == 1
    assert "\n## Page: world\n\n* cannot be looked through: PageTooHardError\n" in printed
    assert "\n## Page: singapore story\n" in printed
    assert re.search(r"\n1\. the half of the site: \w+ \d×\n", printed)


def test_the_report_of_a_redesign_has_the_names_of_its_elements(newsroom, archive):
    with Replica(newsroom) as replica:
        replica.redesign("custom-elements")
        code, _, printed = doctor(replica.url, archive, "--live", newsroom=newsroom)
    assert code == 1
    assert "* china: WRONG" in printed
    assert "zb-tile 29×" in printed
    assert "* edition unknown" in printed

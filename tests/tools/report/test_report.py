"""``scrapy verify --report``: a simulated year with gaps, in a real browser."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from support.browsing import Visit, chromium
from support.crawling import scrapy, tree
from support.hub import git
from support.programs import needs
from support.sharing import shared
from support.sites import write

from zbcrawler.archive.archive import Archive
from zbcrawler.archive.note_files import write_note
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.times import SINGAPORE
from zbcrawler.items import Story

NEW_YEAR = datetime(2025, 1, 1, tzinfo=SINGAPORE)
CLOCK = ("-s", "CLOCK=2026-01-02T12:00:00+08:00")
# Section, stories a day, and the days of the year that are missing.
SECTIONS = {"china": (3, range(100, 112)), "world": (2, (*range(100, 110), *range(200, 240)))}
OWED = {
    "address": "https://www.zaobao.com/realtime/china/story20251231-9",
    "section": "china",
    "since": "2026-01-01T08:00:00+08:00",
}


def year():
    number = 5_000_000
    for section, (each, missing) in SECTIONS.items():
        for day in range(365):
            for place in range(each if day not in missing else 0):
                number += 1
                time = NEW_YEAR + timedelta(days=day, hours=7 * place + day % 7)
                address = StoryAddress.parse(f"/realtime/{section}/story{time:%Y%m%d}-{number}")
                yield Story(address, f"第{number}篇", time, [f"<p>{'字' * (50 + number % 900)}</p>"], time)


def report(root, file, *words):
    return scrapy("verify", root, "--report", file, *CLOCK, *words)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return the folder of an archive and its report."""
    return shared(tmp_path_factory, "report", _make)


def _make(folder):
    root = folder / "archive"
    write(root, list(year()))
    archive = Archive(root)
    write_note(archive, archive.notes.owed.path("9"), {**OWED, "reason": "answered 404 <script>"})
    archive.notes.gaps.add("china", 3)
    needs("git")
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message=begun", "--trailer", "Spider: realtime")
    (root / "_posts" / "stray.txt").write_text("x")
    run = report(root, folder / "report.html")
    assert run.returncode == 1  # for the stray
    assert "stray" in run.stdout


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


def rows_of(table):
    return table.locator("tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
    )


def opened(visit, made):
    visit.page.goto(f"file://{made}/report.html")
    visit.page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    return visit.page


def test_the_gaps_are_shown_and_counted(browser, made):
    page = opened(Visit(browser), made)
    figures = dict(re.findall(r"<dt>([^<]*)</dt><dd>([^<]*)</dd>", page.content()))
    stories = list(year())
    assert figures["文章"] == f"{len(stories):,}"
    assert (figures["版块"], figures["首日"], figures["末日"]) == ("2", "2025-01-01", "2025-12-31")
    assert (figures["空档"], figures["待补"], figures["缺失"]) == ("2", "1", "0")
    assert rows_of(page.get_by_role("region", name="空档")) == [
        ["即时·国际", "2025-07-20 至 2025-08-28", "40", "80"],
        ["全部版块", "2025-04-11 至 2025-04-20", "10", "49"],
    ]
    # One square for each day, or a cross for a day in a gap.
    days, crosses = (
        [len(re.findall(rf"M[\d. -]+{stroke}", drawing.inner_html())) for drawing in page.get_by_label("年日历").all()]
        for stroke in ("h", "l")
    )
    assert [*map(sum, zip(days, crosses, strict=True))] == [365, 365, 365]
    assert crosses == [10, 10, 50]
    assert page.get_by_label("2025年每七天篇数").locator(".gap").get_attribute("d").count("M") == 2 + 6


def test_the_numbers_stand_in_tables_too(browser, made):
    page = opened(Visit(browser), made)
    stories = list(year())
    months = Counter(one.date.month for one in stories)
    numbers = rows_of(page.get_by_role("region", name="2025年各月篇数"))
    assert {row[0]: int(row[1]) for row in numbers} == {f"{month}月": months[month] for month in range(1, 13)}
    assert all(int(everywhere) == int(china) + int(world) for _, everywhere, china, world in numbers)
    hours = {hour: int(count) for hour, count in rows_of(page.get_by_role("region", name="各钟点篇数"))}
    assert hours == {f"{hour}时": Counter(one.date.hour for one in stories)[hour] for hour in range(24)}
    lengths = rows_of(page.get_by_role("region", name="各篇幅篇数"))
    assert sum(int(count.replace(",", "")) for _, count in lengths) == len(stories)
    assert lengths[0] == ["0–100", f"{sum(len(one.body[0]) - 7 < 100 for one in stories)}"]
    waits = rows_of(page.get_by_role("region", name="从发布到收录的时间"))
    assert sum(int(count.replace(",", "")) for _, count in waits) == len(stories)
    owed = rows_of(page.locator("table.words"))
    assert owed == [[OWED["address"], "answered 404 <script>", "2026-01-01 08:00"]]
    assert rows_of(page.get_by_role("region", name="检查")) == [
        ["stray", "错误", "1"],
        ["gap", "警告", "1"],
        ["owed", "警告", "1"],
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_holds_all_it_needs_fits_a_phone_and_hinders_nobody(browser, made, theme):
    visit = Visit(browser, 360, theme)
    opened(visit, made)
    assert visit.foreign == []
    assert visit.trouble == []
    assert visit.overflow() == 0
    assert visit.hindrances() == []
    source = (made / "report.html").read_text("utf-8")
    assert not re.search(r"<script|<link[^>]*href=.(?!data:)|src=|@import|url\(", source)


def test_the_same_archive_gives_the_same_page_and_nothing_in_it_changes(made, tmp_path):
    before = tree(made / "archive")
    report(made / "archive", tmp_path / "again.html", "--processes", 2)
    assert (tmp_path / "again.html").read_bytes() == (made / "report.html").read_bytes()
    assert tree(made / "archive") == before


def test_a_crawl_that_has_stopped_is_a_gap_and_what_is_to_come_is_none(archive, tmp_path):
    stories = [story for story in year() if story.date.month < 4]
    address = replace(stories[-1].address, day=date(2031, 3, 31), number="9")
    late = replace(stories[-1], address=address, published=None, date=NEW_YEAR.replace(year=2031, month=3, day=31))
    write(archive, [*stories, late])
    run = report(archive, tmp_path / "report.html")
    assert run.returncode == 0, run.stdout
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "<span>2025-04-01</span> 至 <span>2026-01-01</span>" in page
    assert "2026：无文章" in page
    assert "另有 1 篇的日期在将来" in page
    assert "2031" not in re.sub("<td>[^<]*</td>", "", page).split("<h2>检查")[0]


def test_a_shallow_clone_is_told(made, tmp_path):
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{made / 'archive'}", "shallow")
    report(tmp_path / "shallow", tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "这是浅克隆" in page
    assert "中位数 0 分钟" not in page


def test_an_archive_that_has_just_begun_and_is_in_no_repository(archive, tmp_path):
    (archive / "_posts").mkdir()
    run = report(archive, tmp_path / "report.html")
    assert run.returncode == 0, run.stderr
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "还没有文章" in page
    assert "不在 git 仓库中" in page


def test_what_cannot_be_written_is_told(archive, tmp_path):
    (archive / "_posts").mkdir()
    for words in (
        ["--report", tmp_path / "x" / "report.html"],
        ["--report", tmp_path],
        ["--report", "a.html", "--since", "HEAD"],
    ):
        run = scrapy("verify", archive, *words)
        assert run.returncode == 2
        assert run.stderr.startswith("scrapy verify: --report ")

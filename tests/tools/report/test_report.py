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
    git(root, "commit", "--quiet", "--message=begun")
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


def test_the_gaps_are_shown_and_counted(browser, made):
    page = Visit(browser).page
    page.goto(f"file://{made}/report.html")
    figures = dict(re.findall(r"<dt>([^<]*)</dt><dd>([^<]*)</dd>", page.content()))
    stories = list(year())
    assert figures["stories"] == f"{len(stories):,}"
    assert (figures["sections"], figures["first day"], figures["last day"]) == ("2", "2025-01-01", "2025-12-31")
    assert (figures["gaps"], figures["owed"], figures["gone"], figures["findings"]) == ("4", "1", "0", "1")
    gaps = rows_of(page.locator("table", has=page.get_by_text("stories expected")))
    assert [row[:4] for row in gaps] == [
        ["all sections", "2025-04-11", "2025-04-20", "10"],
        ["realtime/china", "2025-04-11", "2025-04-22", "12"],
        ["realtime/world", "2025-04-11", "2025-04-20", "10"],
        ["realtime/world", "2025-07-20", "2025-08-28", "40"],
    ]
    # One square a day, and a cross on each that is missing.
    calendar = page.get_by_label(re.compile("^Calendar of 2025$"))
    assert calendar.locator("text", has_text="×").count() == 10 + 12 + 10 + 40
    assert calendar.locator("[fill='var(--gap)']").count() == 10 + 12 + 10 + 40
    assert calendar.locator("[fill^='var(--']:not([fill='var(--ground)'])").count() == 3 * 365


def test_the_numbers_stand_in_tables_too(browser, made):
    page = Visit(browser).page
    page.goto(f"file://{made}/report.html")
    stories = list(year())
    numbers = rows_of(page.locator("details details table").first)
    assert len(numbers) == 365
    assert numbers[0] == ["2025-01-01", "5", "3", "2"]
    assert numbers[105] == ["2025-04-16", "0", "0", "0"]
    hours = {
        int(hour): int(count)
        for hour, count in rows_of(page.locator("table", has=page.get_by_text("hour", exact=True)))
    }
    assert hours == {hour: Counter(one.date.hour for one in stories)[hour] for hour in range(24)}
    lengths = rows_of(page.locator("table", has=page.get_by_text("characters", exact=True)))
    assert sum(int(count.replace(",", "")) for _, count in lengths) == len(stories)
    assert lengths[0] == ["<100", f"{sum(len(one.body[0]) - 7 < 100 for one in stories)}"]
    waits = rows_of(page.locator("table", has=page.get_by_text("hours", exact=True)))
    assert sum(int(count.replace(",", "")) for _, count in waits) == len(stories)
    owed = rows_of(page.locator("table.words"))
    assert owed == [[OWED["address"], "answered 404 <script>", OWED["since"]]]
    assert rows_of(page.locator("table").last) == [
        ["stray", "wrong", "1"],
        ["gap", "warning", "1"],
        ["owed", "warning", "1"],
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_holds_all_it_needs_fits_a_phone_and_hinders_nobody(browser, made, theme):
    visit = Visit(browser, 360, theme)
    visit.page.goto(f"file://{made}/report.html")
    visit.page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
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
    assert "<td>realtime/china</td><td>2025-04-01</td><td>2026-01-01</td>" in page
    assert "2026: 0 stories" in page  # a year that is nothing but a gap is shown
    assert "1 more stories are dated in the future" in page
    assert "2031" not in re.sub("<td>[^<]*</td>", "", page).split("Findings")[0]


def test_a_shallow_clone_is_told(made, tmp_path):
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{made / 'archive'}", "shallow")
    report(tmp_path / "shallow", tmp_path / "report.html")
    assert "of the 0 stories that git knows" in (tmp_path / "report.html").read_text("utf-8")


def test_an_archive_that_has_just_begun_and_is_in_no_repository(archive, tmp_path):
    (archive / "_posts").mkdir()
    run = report(archive, tmp_path / "report.html")
    assert run.returncode == 0, run.stderr
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "no story yet" in page
    assert "no git repository" in page


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

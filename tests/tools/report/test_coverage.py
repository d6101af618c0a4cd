"""The report of streams of posts: its size, its memory, its labels, and strange archives."""

from __future__ import annotations

import re
import tracemalloc
from collections import Counter
from datetime import datetime, timedelta
from itertools import islice

import pytest
from support.browsing import Visit, chromium

from zbcrawler.common.times import SINGAPORE
from zbcrawler.tools.report.coverage import EditCounts, PostCounts, ReportedPost, describe_coverage, median
from zbcrawler.tools.report.page import TEMPLATES

NOW = datetime(2026, 1, 31, 12, tzinfo=SINGAPORE)
TEN_YEARS = 3650
SECTIONS = ("realtime/china", "realtime/world", "news/singapore")
HOSTILE = '"><script>alert(1)</script>{{ 7 * 7 }}'


def stream(days, a_day=12, sections=SECTIONS, minutes=9):
    """Yield posts of days up to now; every 97th day has none."""
    for number in range(days * a_day):
        time = NOW - timedelta(days=days) + timedelta(days=number / a_day)
        if time.toordinal() % 97:
            seen = time + timedelta(minutes=minutes * (number % 11))
            yield ReportedPost(time, sections[number % len(sections)], number % 401, time, seen)


def describe(posts, edits=None, now=NOW):
    return describe_coverage(PostCounts.of(posts), edits, [], [], now)


def page_of(values):
    return TEMPLATES.get_template("page.html").render(name="archive", **values)


def edits_of(years):
    return EditCounts({f"{year}-{month:02}": (month * 31, month) for year in years for month in range(1, 13)})


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def ten_years(tmp_path_factory):
    """Return the report of ten years of three sections."""
    path = tmp_path_factory.mktemp("ten") / "report.html"
    path.write_text(page_of(describe(stream(TEN_YEARS), edits_of(range(2016, 2026)))), "utf-8")
    return path


def test_ten_years_of_three_sections_take_less_than_a_quarter_of_a_megabyte(ten_years):
    assert ten_years.stat().st_size < 250_000


def test_memory_does_not_grow_with_the_stories_of_a_day():
    def most(a_day):
        tracemalloc.start()
        describe(stream(100, a_day))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    describe(stream(1))
    assert most(400) < 1.5 * most(40)


@pytest.mark.parametrize(("width", "theme"), [(360, "light"), (360, "dark"), (1200, "light"), (1200, "dark")])
def test_it_fits_each_window_and_hinders_nobody(browser, ten_years, width, theme):
    visit = Visit(browser, width, theme)
    visit.page.goto(ten_years.as_uri())
    assert visit.overflow() == 0
    visit.page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    assert visit.overflow() == 0
    assert visit.trouble == []
    assert visit.hindrances() == []
    column = visit.page.locator(".coverage").bounding_box()["width"]
    plots = [plot.bounding_box()["width"] for plot in visit.page.locator(".plot").all()]
    assert plots == [column] * 4
    drawings = visit.page.get_by_role("img")
    assert all(drawings.evaluate_all("all => all.map(one => one.getAttribute('aria-label').length > 8)"))
    assert drawings.count() == 11 + 11 * 4 + 4  # a strip and four calendars for each year that is touched, four charts


def test_no_axis_has_the_same_label_twice(browser, ten_years):
    page = Visit(browser).page
    page.goto(ten_years.as_uri())
    for each in (*page.locator(".ticks").all(), *page.locator(".plot").all()):
        labels = each.locator("span").all_text_contents()
        assert len(labels) >= 2
        assert len({*labels}) == len(labels)


@pytest.mark.parametrize(("highest", "top"), [(0, 2), (1, 2), (2, 2), (3, 4), (7, 8), (9, 10), (11, 20), (4001, 6000)])
def test_the_lines_of_a_chart_are_whole_numbers(highest, top):
    assert describe(ReportedPost(NOW, "x", 1) for _ in range(highest))["hours"].top == top


def test_labels_below_a_chart_of_many_years_keep_their_distance():
    ticks = describe([], edits_of(range(1990, 2026)))["months"].ticks
    assert len(ticks) == 36
    assert 6 < len(list(filter(None, ticks))) <= 12


def test_empty_years_are_one_line():
    old = (post._replace(time=post.time.replace(year=2016)) for post in stream(20))
    page = page_of(describe([*old, *stream(20)]))
    assert "2017–2025：无文章" in page
    assert len(re.findall("<details id=", page)) == 2


def test_only_waits_that_a_run_can_have_had_are_counted():
    posts = [
        ReportedPost(NOW, "x", 1, NOW, NOW + timedelta(minutes=7)),
        ReportedPost(NOW, "x", 1, NOW, NOW - timedelta(minutes=7)),  # the site's clock, or a date set later
        ReportedPost(NOW, "x", 1, None, NOW),
        ReportedPost(NOW, "x", 1, NOW, None),
    ]
    values = describe(posts, edits_of([2025]))
    assert (values["waited"], values["median_wait"]) == (1, 7)
    assert dict(values["waits"].rows)["5分–10分"] == 1


@pytest.mark.parametrize("number", [0, 1, 2])
def test_an_archive_of_no_story_one_story_and_one_day(number):
    values = describe(islice(stream(1), number), EditCounts({}))
    assert values["stories"] == number
    assert values["gaps"] == []
    assert len(values["years"]) == min(number, 1)
    assert page_of(values).count("<details id=") == min(number, 1)


def test_a_first_day_in_the_year_one_and_a_last_one_in_the_future():
    first, last = (datetime(year, 1, 1, tzinfo=SINGAPORE) for year in (1, 9999))
    page = page_of(describe([ReportedPost(first, "x", 1), *stream(40), ReportedPost(last, "x", 1)]))
    assert "2–2024：无文章" in page
    assert "另有 1 篇的日期在将来" in page
    assert "9999" not in page


def test_hostile_sections_are_text_and_a_thousand_of_them_are_few():
    posts = (ReportedPost(NOW, section, 1) for n in range(1000) for section in (HOSTILE, "全部版块", f"s/{n}{HOSTILE}"))
    page = page_of(describe(posts))
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7 * 7 }}" in page
    assert "其余版块" in page
    assert len(page) < 60_000
    assert "2026年：3,000 篇" in page


def test_the_text_stands_in_a_page_of_another_frame():
    frame = TEMPLATES.from_string("<main>{% include 'coverage.html' %}</main>")
    assert re.match(r'<main>\s*<div class="coverage">', frame.render(describe(stream(30))))


@pytest.mark.parametrize(("values", "middle"), [([], 0), ([3], 3), ([1, 9], 1), ([1, 2, 9], 2), ([5, 5, 5, 1], 5)])
def test_the_median_of_counted_values(values, middle):
    assert median(Counter(values)) == middle

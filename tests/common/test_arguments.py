from datetime import date, timedelta

import pytest
from scrapy.settings import BaseSettings

from zbcrawler.common import arguments
from zbcrawler.common.errors import ArgumentError
from zbcrawler.common.spider_arguments import Argument, read_arguments
from zbcrawler.spiders.backfill import BackfillSpider
from zbcrawler.spiders.realtime import RealtimeSpider
from zbcrawler.spiders.story import StorySpider

DECLARED = {
    "sections": Argument(arguments.sections, "", ""),
    "pages": Argument(arguments.count, "", ""),
    "since": Argument(arguments.day, "", ""),
    "recheck": Argument(arguments.duration, "", ""),
    "url": Argument(arguments.story_links, "", ""),
}


def read(**given):
    return read_arguments(DECLARED, given)


def test_what_is_allowed():
    assert read(sections="china, world,china,sea/x-1") == {"sections": ("china", "world", "sea/x-1")}
    assert read(pages="3", since="2024-02-29") == {"pages": 3, "since": date(2024, 2, 29)}
    assert read(recheck="36h") == {"recheck": timedelta(hours=36)}
    assert read(recheck="2d") == {"recheck": timedelta(days=2)}
    assert read(url="a, b\nc a") == {"url": ("a", "b", "c")}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("sections", ""),
        ("sections", "china,"),
        ("sections", "/china"),
        ("sections", "China"),
        ("sections", "../x"),
        ("sections", "china?page=1"),
        ("sections", "中国"),
        ("pages", "0"),
        ("pages", "-1"),
        ("pages", "x"),
        ("pages", "1.5"),
        ("pages", "１"),
        ("pages", "99999999999999999999"),
        ("since", "2024-02-30"),
        ("since", "yesterday"),
        ("since", "20240201"),
        ("recheck", "2"),
        ("recheck", "0d"),
        ("recheck", "2w"),
        ("url", ","),
    ],
)
def test_what_is_not_is_said_in_one_line(name, text):
    with pytest.raises(ArgumentError) as caught:
        read(**{name: text})
    message = str(caught.value)
    assert message.startswith(f"{name}={text}")
    assert "write " in message
    assert "\n" not in message


def test_a_misspelt_argument_is_not_swallowed():
    with pytest.raises(ArgumentError, match="section: unknown argument; allowed: sections, pages"):
        read(section="china")


def test_an_argument_that_is_left_out_has_its_default():
    declared = {"pages": Argument(arguments.count, "", "3", "10"), "since": Argument(arguments.day, "", "2026-01-31")}
    assert read_arguments(declared, {}) == {"pages": 10}
    assert read_arguments(declared, {"pages": "2"}) == {"pages": 2}


@pytest.mark.parametrize("spider", [BackfillSpider, RealtimeSpider, StorySpider])
def test_each_example_of_the_help_is_allowed(spider):
    for name, argument in spider.ARGUMENTS.items():
        assert name in read_arguments(spider.ARGUMENTS, {name: argument.example})
        spider(**{name: argument.example})


@pytest.mark.parametrize("good", ["https://www.zaobao.com", "http://127.0.0.1:8000/", "http://[::1]:80"])
def test_site(good):
    assert arguments.site_url(BaseSettings({"SITE_URL": good})) == good.rstrip("/")


@pytest.mark.parametrize(
    "bad", ["", "www.zaobao.com", "ftp://x", "https://", "https://x/path", "https://x:y", "https://a:b@x", "http://["]
)
def test_no_site(bad):
    with pytest.raises(ArgumentError, match="SITE_URL="):
        arguments.site_url(BaseSettings({"SITE_URL": bad}))

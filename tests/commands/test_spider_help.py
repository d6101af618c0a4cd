"""``scrapy crawl realtime --help`` shows what -a takes."""

from __future__ import annotations

import re

import pytest
from scrapy import cmdline
from support.crawling import PROJECT

from zbcrawler.common import arguments


@pytest.fixture
def shown(monkeypatch, capsys):
    def show(*words):
        monkeypatch.chdir(PROJECT)
        monkeypatch.setenv("COLUMNS", "120")
        monkeypatch.setattr(arguments, "end_silently_without_reader", lambda: None)  # which is for a whole process
        with pytest.raises(SystemExit) as end:
            cmdline.execute(["scrapy", *words])
        assert end.value.code == 0
        return re.sub(r"\s+", " ", capsys.readouterr().out)

    return show


@pytest.mark.parametrize(
    "words",
    [("crawl", "realtime", "--help"), ("crawl", "--help", "realtime"), ("crawl", "realtime", "-a", "x=1", "-h")],
)
def test_the_help_of_a_spider_shows_its_arguments_with_default_and_example(shown, words):
    text = shown(*words)
    assert "-a pages=3 the most listing pages of a section" in text
    assert "first page without news; default: 10" in text
    assert "arguments of realtime" in text
    assert "arguments of backfill" not in text
    assert "--summary-json FILE" in text


@pytest.mark.parametrize(
    ("words", "example"),
    [
        (("crawl", "backfill", "--help"), "-a until=2023-06 the last month or day"),
        (("crawl", "story", "-h"), "-a url=https://www.zaobao.com/realtime/china/story"),
        (("learn", "--help"), "-a sections=china,finance"),
    ],
)
def test_other_spiders_have_such_a_help_too(shown, words, example):
    assert example in shown(*words)


def test_without_a_spider_the_help_shows_the_arguments_of_all(shown):
    text = shown("crawl", "--help")
    assert all(f"arguments of {name}" in text for name in ("backfill", "realtime", "story"))

"""What was dropped is told, by rule and with the words in it."""

from __future__ import annotations

import json

import pytest
from scrapy.exceptions import NotConfigured
from scrapy.utils.test import get_crawler
from support.old_posts import LINK

from zbcrawler.cleaning import clean
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.markup import parse_fragment
from zbcrawler.extensions.removals import Removals
from zbcrawler.signals import body_cleaned


def removals(*bodies: str, **settings) -> Removals:
    crawler = get_crawler(settings_dict={"REMOVALS": True, **settings})
    extension = Removals.from_crawler(crawler)
    extension.spider_opened()
    for body in bodies:
        removed = clean([parse_fragment(body)]).removed
        crawler.signals.send_catch_log(body_cleaned, address=StoryAddress.parse(LINK), removed=removed)
    return extension


def test_only_where_a_setting_asks():
    with pytest.raises(NotConfigured):
        Removals(get_crawler())


def test_rules_are_counted_with_their_words():
    advert = '<div id="imu"><script>run()</script> <!-- x --><style>p {}</style></div>'
    paywall = '<div class="cta-subscribe">请订阅\n  或登录</div>'
    assert removals(f"<p>甲</p>{advert}{paywall}", paywall, '<p>乙</p><div id="imu"><p>买</p></div>').report() == [
        "dropped: advert 2: “买” 1×, no words 1×",
        "dropped: paywall 2: “请订阅 或登录” 2×",
    ]


def test_many_and_long_words_are_cut_and_counted():
    bodies = [f'<p>甲</p><div id="imu">{number:04}{"字" * 500}</div>' for number in range(1100)]
    told = removals(*bodies)
    assert told.report() == [
        "dropped: advert 1100: "
        + ", ".join(f"“{number:04}{'字' * 36}…” 1×" for number in range(5))
        + ", other words 1095×"
    ]
    assert len(told.rules["advert"]) == 1001  # with all other words


def test_every_element_is_a_line_of_the_file(tmp_path):
    file = tmp_path / "removed.jsonl"
    removals('<p>甲</p><div id="imu">买\n<b>这</b></div>尾', "<p>乙</p>", REMOVED_FILE=str(file))
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    html = '<div id="imu">买\n<b>这</b></div>'
    assert lines == [{"post": LINK, "rule": "advert", "text": "买 这", "html": html}]


def test_the_file_is_there_if_nothing_was_dropped(tmp_path):
    removals("<p>乙</p>", REMOVED_FILE=str(tmp_path / "removed.jsonl"))
    assert (tmp_path / "removed.jsonl").read_bytes() == b""

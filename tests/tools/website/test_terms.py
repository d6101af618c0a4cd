"""What is looked for in a text. That the browser does the same is seen in test_reading.py."""

from __future__ import annotations

import pytest

from zbcrawler.archive.posts import text_of
from zbcrawler.tools.website.search_terms import shard_of, terms


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("南中国海", "南中 中国 国海"),
        ("1000亿美元", "1000 1000亿 亿美 美元"),
        ("ＡＢＣ论坛", "abc abc论 论坛"),
        ("中美，关系", "中美 关系"),
        ("Covid-19 病毒", "covid 19 病毒"),
        ("𠮷野家", "𠮷野 野家"),
        ("海", ""),
        ("", ""),
    ],
)
def test_terms(text, found):
    assert terms(text) == set(found.split())


def test_a_word_of_letters_without_end_is_cut():
    assert terms("x" * 1000) == {"x" * 40}


def test_inline_elements_join_words_and_blocks_part_them():
    lines = ["<p>特<strong>朗</strong>普<br>甲</p>", "<ul><li>乙</li><li>丙&amp;&#123;</li></ul>"]
    assert [line for line in text_of(lines).split("\n") if line] == ["特朗普", "甲", "乙", "丙&{"]


def test_files_are_filled_evenly():
    counts = [0] * 16
    for first in range(0x4E00, 0x4E00 + 100):
        for second in range(0x5000, 0x5000 + 100):
            counts[shard_of(chr(first) + chr(second), 16)] += 1
    assert max(counts) < 1.1 * min(counts)

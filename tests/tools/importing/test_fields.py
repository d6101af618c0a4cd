"""Front matter as people write it."""

from __future__ import annotations

import pytest

from zbcrawler.common.times import to_utc_text
from zbcrawler.tools.importing import reader


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('"甲乙"', "甲乙"),
        ('"甲"乙"丙"', '甲"乙"丙'),
        (r'"甲\"乙\"丙"', '甲"乙"丙'),
        (r'"甲\"乙"丙"', '甲"乙"丙'),
        (r'"甲\\乙"', "甲\\乙"),
        (r'"甲\乙"', r"甲\乙"),
        (r'"\u7532\ud83d\ude00"', "甲😀"),
        (r'"\u7532\U0001F600\xE9"', "甲😀é"),
        (r'"甲\UFFFFFFFF"', r"甲\UFFFFFFFF"),
        ("'甲''乙'", "甲'乙"),
        ("'甲'乙'", "甲'乙"),
        ("'甲\"乙'", '甲"乙'),
        ("甲乙", "甲乙"),
        ("甲: 乙", "甲: 乙"),
        ("甲 # 乙", "甲 # 乙"),
        ('"甲" # 乙', "甲"),
        ('"甲"乙', '"甲"乙'),
        ("{{ 甲 }}", "{{ 甲 }}"),
        ('"', '"'),
        ('""', ""),
        ("", ""),
        (">-\n  甲\n  乙", "甲\n  乙"),
        ('"\\u7532\\\n  \\u4E59"', "甲乙"),
        ("> 甲", "> 甲"),
    ],
)
def test_scalars(written, said):
    assert reader.scalar(written) == said


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2021-06-10T03:59:45.343Z", "2021-06-10T03:59:45.343Z"),
        ("2021-06-10T03:59:45.343999Z", "2021-06-10T03:59:45.343Z"),
        ("2021-06-10T03:59:45.3Z", "2021-06-10T03:59:45.300Z"),
        ("2021-06-10T03:59:45Z", "2021-06-10T03:59:45.000Z"),
        ("2021-06-10 03:59:45 +0800", "2021-06-09T19:59:45.000Z"),
        ("2021-06-10 03:59:45 +08:00", "2021-06-09T19:59:45.000Z"),
        ("2021-06-10t03:59:45+8", "2021-06-09T19:59:45.000Z"),
        ("2021-06-10 03:59:45 -0330", "2021-06-10T07:29:45.000Z"),
        ("2021-06-10 03:59:45", "2021-06-10T03:59:45.000Z"),
        ("2021-6-1 3:59:45 UTC", "2021-06-01T03:59:45.000Z"),
        ("2021-06-10 03:59", "2021-06-10T03:59:00.000Z"),
        ("2021-06-10", "2021-06-10T00:00:00.000Z"),
        ('"2021-06-10T03:59:45.343Z"', "2021-06-10T03:59:45.343Z"),
    ],
)
def test_dates(written, moment):
    assert to_utc_text(reader.read_date(written)) == moment


@pytest.mark.parametrize(
    "written",
    [
        "",
        "null",
        "2021",
        "yesterday",
        "2021-02-30",
        "2021-06-10 25:00:00",
        "0001-01-01",
        "9999-12-31 23:59:59 -2359",
        "2021-06-10 03:59:45 +9999",
        "2021-06-10 03:59:45 早上",
        "10/06/2021",
        "２０２１-06-10",
    ],
)
def test_no_dates(written):
    assert reader.read_date(written) is None


@pytest.mark.parametrize(
    ("text", "values", "rest"),
    [
        ("---\na: 1\nb:2\n---\nc", {"a": "1", "b": "2"}, "c"),
        ("\n--- \na: 1  \n... \nc", {"a": "1"}, "c"),
        ("---\na: 1\n---", {"a": "1"}, ""),
        ("---\na: 1\na: 2\n  3\n---\n", {"a": "1"}, ""),
        ("---\na: >\n  1\n\n  2\nb:\n- 3\n---\n", {"a": ">\n  1", "b": ""}, ""),
        ("---\na: 1\n<p>", {"a": "1"}, ""),
        ("---\n---\n", {}, ""),
    ],
)
def test_front_matter(text, values, rest):
    assert reader.split_front_matter(text) == (values, rest)


@pytest.mark.parametrize("text", ["", "a: 1\n", "# 标题\n---\na: 1\n---\n", "----\na: 1\n----\n"])
def test_no_front_matter(text):
    assert reader.split_front_matter(text) is None

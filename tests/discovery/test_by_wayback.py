"""Answers of a web archive's index."""

import json

import pytest
from scrapy.http import TextResponse

from zbcrawler.common.errors import PageError
from zbcrawler.discovery.by_wayback import read_captures

FIELDS = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]
STORY = "http://www.zaobao.com:80/realtime/china/story20230105-1234567?from=home"


def answer(text):
    return read_captures(TextResponse("https://web.example/cdx", body=text.encode()))


def row(original=STORY, status="200", at="20230106000000"):
    return ["key", at, original, "text/html", status, "ABC", "9"]


def test_pages_of_stories_are_taken():
    others = [row("http://www.zaobao.com/realtime/china"), row(status="301"), row(status="-")]
    found, more = answer(json.dumps([FIELDS, *others, row(), [], ["next key"]]))
    assert [(capture.at, capture.link, capture.digest) for capture in found] == [("20230106000000", STORY, "ABC")]
    assert found[0].address.number == "1234567"
    assert more == "next key"


@pytest.mark.parametrize("text", ["", "\n", "[]", json.dumps([FIELDS])])
def test_nothing_is_an_answer(text):
    assert answer(text) == ([], "")


@pytest.mark.parametrize(
    "text",
    [
        "<html>503</html>",
        '[["timestamp"], ["1", "2"]]',
        json.dumps([FIELDS, row(), [], []]),
        json.dumps([FIELDS, row(at="2023")]),
        json.dumps([FIELDS, row(original=5)]),
        json.dumps([FIELDS, row()])[:-9],
        '{"url": "x"}\n5',
        '{"timestamp": "20230106000000"}',
        "[" * 100_000,
        "[1, 2, 3]",
    ],
)
def test_what_is_none_is_told_with_its_address(text):
    with pytest.raises(PageError, match=r"^https://web\.example/cdx: not an answer of a CDX server"):
        answer(text)

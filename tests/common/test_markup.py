"""What the parser gets, and what is refused before parsing."""

from __future__ import annotations

import pytest

from zbcrawler.common.errors import PageTooHardError
from zbcrawler.common.markup import MOST_ATTRIBUTES, MOST_CHARACTERS, parse_document, parse_fragment


def attributes(count: int) -> str:
    return "<p " + " ".join(f"a{number}={'x' * 90}" for number in range(count)) + ">字</p>"


def test_as_many_attributes_as_any_page_has():
    assert len(parse_fragment(attributes(MOST_ATTRIBUTES))[0].attrib) == MOST_ATTRIBUTES


@pytest.mark.parametrize("before", ["", "<a title='>'>", '<!-- <p a=">', "<script><p </script>", "字" * 99])
def test_more_are_refused_wherever_they_hide(before):
    with pytest.raises(PageTooHardError, match="attributes"):
        parse_document(before + attributes(MOST_ATTRIBUTES + 500).replace("=x", "='>'x") + '"-->' + attributes(2000))


def test_more_characters_than_any_page_has_are_refused():
    assert parse_document("字" * MOST_CHARACTERS).text_content() == "字" * MOST_CHARACTERS
    with pytest.raises(PageTooHardError, match="4000001 characters"):
        parse_document("字" * (MOST_CHARACTERS + 1))


def test_an_empty_page_is_an_empty_element():
    assert parse_document(" \x00").tag == "html"
    assert parse_fragment("").text_content() == ""


def test_what_a_page_ends_too_early_is_not_lost():
    assert parse_fragment("<p>甲</p></body></html><p>乙</p>").text_content() == "甲乙"


def test_nul_and_surrogates_do_not_end_the_text():
    assert parse_fragment("甲\x00乙\ud800丙").text_content() == "甲乙?丙"


def test_nesting_deeper_than_any_pages_loses_nothing():
    assert parse_document("<div>" * 1500 + "深").text_content() == "深"

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zbcrawler.editions import Page, embedded_json


def ld(*texts):
    marks = "".join(f'<script type="application/ld+json">{text}</script>' for text in texts)
    return Page("https://www.zaobao.com/", f"<html><head>{marks}</head><body></body></html>").linked_data


@pytest.mark.parametrize(
    "text",
    [
        '{"@type": "NewsArticle", "headline": "标题"}',
        '{"@type": ["Thing", "NewsArticle"], "headline": "标题"}',
        '[{"@type": "BreadcrumbList"}, {"@type": "ReportageNewsArticle", "headline": "标题"}]',
        '{"@context": "x", "@graph": [{"@type": "WebPage"}, {"@type": "NewsArticle", "headline": "标题"}]}',
        '\n//<![CDATA[\n{"@type": "NewsArticle", "headline": "标题"}\n//]]>\n',
        '{"@type": "NewsArticle", "headline": "标题"};',
        '/*<![CDATA[*/{"@type": "NewsArticle", "headline": "标题"}/*]]>*/',
        '<!--\n{"@type": "NewsArticle", "headline": "标题"}\n//-->',
        '{"@type": "NewsArticle", "description": "第一行\n第二行\t\x01", "headline": "标题"}',
    ],
)
def test_json_ld(text):
    assert ld(text)["headline"] == "标题"


def test_a_broken_script_does_not_spoil_the_others():
    data = ld(
        '{"@type": "NewsArticle", "headline": "破',
        '{"@type": "BreadcrumbList"}',
        '{"@type": "NewsArticle", "headline": "标题"}',
    )
    assert data["headline"] == "标题"


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", "{", '{"@type": "WebPage"}', "[" * 100_000])
def test_no_json_ld(text):
    assert ld(text) == {}


@pytest.mark.parametrize(
    ("script", "value"),
    [
        ('window.data = JSON.parse("{\\"a\\":1}");', {"a": 1}),
        ('data=JSON.parse("{\\"a\\":\\"x\\\\\\");y\\"}");z', {"a": 'x");y'}),
        ('data = JSON.parse("{\\"a\\":\\"\\u003cp>\\/\\x27\\"}")', {"a": "<p>/'"}),
        ('data = JSON.parse(\'{"a":"it\\\'s"}\')', {"a": "it's"}),
        ('data = JSON.parse("{\\"a\\":\\"\\u{1F600}\\ud83d\\ude00\\x41\\\n\\"}")', {"a": "😀😀A"}),
        ('data = {"a": [1, 2]}; more()', {"a": [1, 2]}),
        ("data = JSON.parse(other);", None),
        ('data = JSON.parse("{\\"a\\":', None),
        ("nothing", None),
    ],
)
def test_assigned_values(script, value):
    assert embedded_json.assigned(script, "data") == value


@given(
    st.recursive(
        st.none() | st.booleans() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)
def test_any_json_in_a_string_literal_comes_back(value):
    script = f'var data = JSON.parse({json.dumps(json.dumps(value))});document.write("x");'
    assert embedded_json.assigned(script, "data") == value


def test_blanks_without_end_do_not_hold_it_up():
    blanks = " " * 1_000_000
    assert ld(f'{blanks}{{"@type": "NewsArticle",{blanks}"headline": "标题"}}{blanks}x') == {
        "@type": "NewsArticle",
        "headline": "标题",
    }


def test_paths_break_off_quietly():
    value = {"a": [{"b": 1}]}
    assert embedded_json.value_at(value, "a", 0, "b") == 1
    for path in (("x",), ("a", 5), ("a", "b"), ("a", 0, "b", "c")):
        assert embedded_json.value_at(value, *path) is None

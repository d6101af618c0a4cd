"""The data of a page opened in place: each value has a place in one tree."""

import base64
import json
from urllib.parse import quote

import pytest

from zbcrawler.editions.expanded import ExpandedPage
from zbcrawler.editions.field_sources import shown
from zbcrawler.editions.page import text_of

TEXT = "码头今早开放，首日人流平稳。居民说，等了三年，终于可以从这里看海。"


def page_of(body):
    return ExpandedPage("https://www.zaobao.com/realtime/china/story20260131-1", f"<html><body>{body}</body></html>")


def value(body, place):
    return shown(place).read(page_of(body))


STORY = {"title": TEXT, "created": 1769819400, "kind": "news", "body": f"<p>{TEXT}</p><p>第二段。</p>"}


@pytest.mark.parametrize(
    "script",
    [
        f'<script type="application/json" id="s">{json.dumps(STORY)}</script>',
        f"<script>window.__STATE__ = {json.dumps(STORY, ensure_ascii=False)};</script>",
        f"<script>load(JSON.parse({json.dumps(json.dumps(STORY))}))</script>",
        f"<script>var s = {{title: '{TEXT}', created: 1769819400, kind: `news`, body: '{STORY['body']}'}};</script>",
        f"<script>self.__f.push([1,{json.dumps('1:' + json.dumps(STORY)[:40])}]);"
        f"self.__f.push([1,{json.dumps(json.dumps(STORY)[40:])}])</script>",
        f"<script>s=atob('{base64.b64encode(json.dumps(STORY).encode()).decode()}')</script>",
        f"<script>s=decodeURIComponent('{quote(json.dumps(STORY))}')</script>",
        f'<div data-page="{json.dumps(STORY).replace(chr(34), "&quot;")}"></div>',
    ],
    ids=["json", "assigned", "parsed", "javascript", "stream", "base64", "percent", "attribute"],
)
def test_the_data_of_a_page_has_places(script):
    assert value(script, '[key="title"]') == TEXT
    assert value(script, "data[kind] @created") == "1769819400"
    assert [text_of(one) for one in page_of(script).all('[key="body"] > p')] == [TEXT, "第二段。"]


def test_html_in_an_attribute_is_opened():
    body = f"<p>{TEXT}</p>" * 3
    assert len(page_of(f'<div data-html="{body.replace("<", "&lt;")}"></div>').all("div p")) == 3


def test_a_page_that_is_json_is_a_tree():
    page = ExpandedPage("https://www.zaobao.com/x", json.dumps({"rows": [{"title": TEXT}, {"title": "二"}]}))
    assert [text_of(one) for one in page.all('[key="rows"] > data > [key="title"]')] == [TEXT, "二"]


def test_lines_of_a_text_stay_lines():
    data = json.dumps({"text": TEXT + chr(10) * 2 + "第二段。"})
    page = page_of(f'<script type="application/json">{data}</script>')
    assert len(page.all('[key="text"] > br')) == 2


def test_a_headline_that_looks_like_html_is_read_as_written():
    assert (
        value(f'<script type="application/json">{json.dumps({"title": f"<b>{TEXT}</b>"})}</script>', "[key=title]")
        == f"<b>{TEXT}</b>"
    )


@pytest.mark.parametrize(
    "script",
    [
        "{" * 100_000,
        "[" * 100_000,
        "a=" * 100_000,
        "a={" * 50_000,
        "f('" * 50_000,
        "a='" + "\\" * 100_000,
        "字" + "a" * 1_000_000 + "=[",
    ],
    ids=["braces", "brackets", "names", "objects", "calls", "backslashes", "long-name"],
)
def test_hostile_scripts_are_left_alone(script):
    assert page_of(f"<script>字字字{script}</script>").all("data") == []


def test_no_more_elements_are_made_than_a_page_may_have():
    rows = json.dumps({"字": [[["字"]] * 10] * 20_000})
    assert len(page_of(f'<script type="application/json">{rows}</script>').all("data")) <= 60_000

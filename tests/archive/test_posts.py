"""The layout of a post, byte for byte, and back."""

from __future__ import annotations

import io
import re
from datetime import datetime, timezone

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from support.cleaned import clean_html

from zbcrawler.archive import posts
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import PostError
from zbcrawler.common.text import one_line
from zbcrawler.common.times import SINGAPORE
from zbcrawler.exporters import PostExporter
from zbcrawler.items import Story

ADDRESS = StoryAddress.parse("/realtime/china/story20210610-1154260")
TIME = datetime(2021, 6, 10, 8, 30, tzinfo=SINGAPORE)

# The example of the layout's own description, character by character.
EXAMPLE = """\
---
layout: post
title: "标题 “引号”与 \\"quotes\\""
date: 2021-06-10T00:30:00.000Z
author: 联合早报
from: https://www.zaobao.com/realtime/china/story20210610-1154260
tags: [ 联合早报 ]
categories: [ 联合早报 ]
---
<!--1623285000000-->
[标题 “引号”与 "quotes"](https://www.zaobao.com/realtime/china/story20210610-1154260)
------

<div>
<p>第一段。</p>
<figure><img src="https://static.zaobao.com/s3fs-public/a.jpg" alt="图说"><figcaption>图说。（路透社）</figcaption></figure>
<h3>小标题</h3>
<p>第二段。</p>
</div>
"""


def story(title="标题", body=("<p>第一段。</p>",), published=TIME, date=None):
    return Story(ADDRESS, title, published, list(body), date or published or TIME)


def exported(item):
    file = io.BytesIO()
    PostExporter(file).export_item(item)
    return file.getvalue().decode("utf-8")


def front_matter(text):
    return yaml.safe_load(re.match(r"---\n(.*?\n)---\n", text, re.DOTALL)[1])


def test_example_of_the_layout_comes_out_byte_for_byte():
    read = posts.read(EXAMPLE)
    assert read.title == '标题 “引号”与 "quotes"'
    assert (read.published, read.date, read.address) == (TIME, TIME, ADDRESS)
    assert len(read.body) == 4
    assert exported(read) == EXAMPLE


def test_a_story_without_a_time():
    text = exported(story(published=None))
    assert "\n<!--NaN-->\n" in text
    assert posts.read(text).published is None


def test_markdown_in_a_heading_is_text():
    text = exported(story(title=r"a\b`c*d_e[f]<g>#h!i|j~k{l}&m"))
    heading = text.splitlines()[10]
    assert heading.startswith(r"[a\\b\`c\*d\_e\[f\]\<g\>\#h\!i\|j\~k&#123;l&#125;&amp;m](https://")


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "---\n---\n",
        EXAMPLE.replace("layout: post", "layout: page"),
        EXAMPLE.replace('\\"quotes\\"', '"quotes"'),
        EXAMPLE.replace("story20210610-1154260", "page"),
        EXAMPLE.replace("2021-06-10T00:30:00.000Z", "2021-06-10T99:30:00.000Z"),
        EXAMPLE.replace("1623285000000", "yesterday"),
        EXAMPLE.replace("1623285000000", "9" * 30),
        EXAMPLE[:-8],
        EXAMPLE + "more\n",
        EXAMPLE.replace("\n", "\r\n"),
    ],
)
def test_what_is_no_post_is_not_read_as_one(broken):
    with pytest.raises(PostError, match=r"a\.md"):
        posts.read(broken, "a.md")


def test_title_of_a_post():
    assert posts.read_title(EXAMPLE) == '标题 “引号”与 "quotes"'
    assert posts.read_title("title: plain") is None
    assert posts.read_title("") is None


TITLES = st.text(
    st.one_of(
        st.sampled_from("\"'\\:#-*_[](){}<>|!&%@`~>? \t\n\r\u3000\u00a0\u2028\u0085\x00\x1b早报😀\u200d\ufeff"),
        st.characters(),
    ),
    max_size=60,
)


@given(TITLES)
def test_no_title_breaks_the_front_matter_the_heading_or_the_markdown(raw):
    title = one_line(raw)
    item = story(title=title)
    text = exported(item)
    assert front_matter(text)["title"] == title
    assert list(front_matter(text)) == ["layout", "title", "date", "author", "from", "tags", "categories"]
    assert posts.read(text) == item
    assert text.encode("utf-8")
    lines = text.split("\n")
    assert lines[8] == "---"
    assert [number for number, line in enumerate(lines) if line.startswith("---")] == [0, 8, 11]
    # What stands between the brackets holds nothing that Markdown, HTML or Liquid would act on.
    heading = lines[10].removesuffix(f"]({ADDRESS.url})").removeprefix("[")
    bare = re.sub(r"\\[\\`*_\[\]<>#!|~]|&amp;|&#123;|&#125;", "", heading)
    assert not re.search(r"[\\`*_\[\]<>#!|~{}&]", bare)
    assert "{{" not in lines[10]


BODIES = st.lists(
    st.sampled_from(
        [
            "<p>",
            "</p>",
            "<b>",
            "</b>",
            "<br>",
            "<div>",
            "</div>",
            "<ul><li>",
            "</li></ul>",
            "<table><tr><td>",
            "</table>",
            '<img src="/s3/files/a.jpg" alt="',
            '">',
            "<figure>",
            "<figcaption>",
            "</figure>",
            "<pre>",
            "</pre>",
            "<h3>",
            "</h3>",
            "<blockquote>",
            "</blockquote>",
            '<a href="',
            "javascript:x",
            "/node/1",
            "<script>",
            "</script>",
            "<!--",
            "-->",
            "---",
            "{{ x }}",
            "{% raw %}",
            "&nbsp;",
            "&lt;",
            "&",
            "<",
            "\n",
            "　",
            "\u200b",
            "延伸阅读",
            "早报",
            "文字",
            "\x00",
            "</",
        ]
    )
    | st.text(max_size=5),
    max_size=40,
).map("".join)


@given(BODIES)
def test_no_body_breaks_a_post(html):
    body = clean_html(html)
    item = story(body=body)
    text = exported(item)
    assert posts.read(text) == item
    assert "{" not in "".join(body)
    assert "}" not in "".join(body)
    assert not [line for line in body if not line.startswith("<") or not line.endswith(">") or "\n" in line]
    assert clean_html("\n".join(body)) == body
    assert text.endswith("\n</div>\n")


def test_times_are_written_in_utc_with_milliseconds():
    moment = datetime(2021, 6, 9, 23, 59, 59, 999999, tzinfo=timezone.utc)
    assert "\ndate: 2021-06-09T23:59:59.999Z\n" in exported(story(date=moment))

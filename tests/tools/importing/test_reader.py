"""One post of somebody's archive, in all the forms it may have."""

from __future__ import annotations

from datetime import date, datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.old_posts import BODY, CLEAN, DATE, LINK, TIME, TITLE, old_post

from zbcrawler.archive import posts
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import PostError
from zbcrawler.common.times import to_utc_text
from zbcrawler.tools.importing import reader

ADDRESS = StoryAddress.parse(LINK)
OTHER_DAY = "<!--1623254399000-->"  # a second before the day began in Singapore


def cleaned(text: str | bytes):
    data = text.encode() if isinstance(text, str) else text
    assert reader.recognise(data[: reader.HEAD]) == ADDRESS
    return reader.read(data, "old.md").cleaned()


VARIANTS = {
    "as it was": old_post(),
    "our own": old_post(extra="", body="<div>\n<p>第一段。</p>\n<p>第二段。</p>\n</div>\n"),
    "no heading": old_post(heading=""),
    "a ruler without heading": old_post(heading="").replace(f"{TIME}\n", f"{TIME}\n------\n"),
    "a heading without ruler": old_post().replace("\n------", ""),
    "a heading of Markdown": old_post(heading=f"## [{TITLE}]({LINK})"),
    "a heading with brackets": old_post(heading=f"[{TITLE}](图)[1]({LINK})"),
    "no from": old_post(link="", heading=f"[{TITLE}]({LINK})"),
    "an empty from": old_post(link="''", heading=f"[{TITLE}]({LINK})"),
    "another link above the ruler": old_post(heading=f"[{TITLE}](https://t.example/x)"),
    "from with a query": old_post(link=f"{LINK}?utm_source=x # 来源"),
    "from in quotes": old_post(link=f'"{LINK}"'),
    "the other domain": old_post(link=LINK.replace("https://www.zaobao.com", "http://zaobao.com.sg")),
    "CRLF": old_post().replace("\n", "\r\n"),
    "CR": old_post().replace("\n", "\r"),
    "BOM": "\ufeff" + old_post(),
    "blanks at line ends": old_post().replace("\n", " \t\n"),
    "blank lines": "\n\n" + old_post().replace("---\n<!--", "---\n\n<!--") + "\n\n\n",
    "no div": old_post(body="<p>第一段。</p>\n<p>第二段。</p>"),
    "a div on the line": old_post(body="<div><p>第一段。</p><p>第二段。</p></div>"),
    "no end of the div": old_post(body="<div>\n<p>第一段。</p><p>第二段。</p>"),
    "an end of a div only": old_post(body="<p>第一段。</p><p>第二段。</p></div>"),
    "many lines": old_post(body="<div>\n\n<p>\n第一段。\n</p>\n\n<p>第二段。</p>\n</div>"),
    "a second comment": old_post(comment=f"{TIME}\n<!-- more -->"),
    "a title of many lines": old_post(title=f">-\n  {TITLE}", heading=""),
    "no title": old_post(title="", heading=f"[{TITLE}]({LINK})"),
    "front matter over the head's end": old_post(extra="x: " + "字" * 10_000 + "\n"),
}


@pytest.mark.parametrize("text", VARIANTS.values(), ids=VARIANTS)
def test_variants_say_the_same(text):
    story = cleaned(text)
    assert (story.title.strip(), to_utc_text(story.date), story.body) == (TITLE, DATE, CLEAN)
    assert (story.imported, story.section, story.edition) == (True, "import", "")
    assert story.published == datetime(2021, 6, 10, 0, 30, tzinfo=timezone.utc)


def test_the_result_is_a_post_as_we_write_it():
    story = cleaned(old_post())
    text = posts.render(story)
    assert posts.read(text) == story
    assert posts.render(cleaned(text)) == text


@pytest.mark.parametrize(
    ("comment", "when", "kept"),
    [
        (TIME, DATE, True),
        (TIME.replace("000-->", "-->"), DATE, True),  # seconds
        (TIME, "2021-06-10T00:30:00Z", True),
        (TIME, "2021-06-10T00:29:59.999Z", False),
        (OTHER_DAY, DATE, False),
        (TIME, "", False),
        ("<!--NaN-->", DATE, False),
        ("<!---->", DATE, False),
        ("", DATE, False),
        (f"<!--{'9' * 5000}-->", DATE, False),
        ("<!--１６２３-->", DATE, False),
    ],
)
def test_the_comment_is_kept_if_it_can_be_true(comment, when, kept):
    assert (cleaned(old_post(comment=comment, date=when)).published is not None) is kept


@pytest.mark.parametrize("when", ["", "soon"])
def test_a_date_that_cannot_be_read_is_none(when):
    assert cleaned(old_post(date=when)).date is None


def test_the_comment_is_judged_by_the_day_of_the_address_it_is_archived_under():
    post = reader.read(old_post().encode(), "old.md")
    assert post.story(StoryAddress(ADDRESS.section, date(2021, 6, 9), ADDRESS.number)).published is None


def test_our_optional_keys_are_kept_and_others_are_not():
    ours = (
        'section: "china"\nbyline: "王"\nkeywords: [ "甲", "乙" ]\nupdated: 2021-06-10T05:00:00.000Z\npaywall: true\n'
    )
    story = cleaned(old_post(extra=f"{ours}image: /a.jpg\nedition: x\ncomments: True\n"))
    text = posts.render(story)
    assert f"categories: [ 联合早报 ]\n{ours}---\n" in text
    assert story.truncated


@pytest.mark.parametrize("line", ["keywords: " + "[" * 100_000, "keywords: 5", "updated: 0001-01-01T00:00:00.000Z"])
def test_optional_keys_that_are_not_ours_do_no_harm(line):
    assert not cleaned(old_post(extra=f"{line}\n")).optional_keys


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (old_post(link="https://www.example.org/realtime/china/story20210610-1154260"), "other source"),
        (old_post(link="https://interactive.zaobao.com/story20210610-1154260"), "other source"),
        (old_post(link="BBC"), "other source"),
        (old_post(link="http://[x"), "other source"),
        (old_post(link="https://www.zaobao.com/node/1439954"), "no story address"),
        (old_post(link="https://www.zaobao.com/realtime/china/story20210631-1154260"), "no story address"),
        (old_post(link="", heading=""), "no story address"),
        ("# 说明\n", "not a post"),
        ("", "not a post"),
        (b"\x89PNG\r\n\x1a\n\x00", "not a post"),
    ],
)
def test_what_is_left_alone(text, why):
    assert reader.recognise(text.encode() if isinstance(text, str) else text) == why


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (old_post().encode("gb18030"), "old.md: not UTF-8 "),
        (old_post().encode("utf-16"), "old.md: not UTF-8 "),
        (old_post().encode()[:200], "old.md: body: missing"),
        (old_post(body="").encode(), "old.md: body: missing"),
        (old_post(body="<div>\n</div>").encode(), "old.md: body: has no text"),
        (old_post(body='<div id="dfp-ad-1">广告</div>').encode(), "old.md: body: has no text"),
        (old_post(body="<b>" * 5000 + "字").encode(), "old.md: body: the body is nested too deeply"),
        (old_post(title='"\u200b"').encode(), "old.md: title: missing"),
        (old_post(title="", heading="").encode(), "old.md: title: missing"),
        (old_post().encode() + b" " * reader.LARGEST, "old.md: body: over 16 MB"),
    ],
)
def test_a_post_that_cannot_be_read_names_file_and_field(data, said):
    assert reader.recognise(data[: reader.HEAD]) == ADDRESS
    with pytest.raises(PostError, match=f"^{said}"):
        reader.read(data, "old.md").cleaned()


def test_a_file_that_became_something_else():
    with pytest.raises(PostError, match="the file has changed"):
        reader.read(b"", "old.md")


MARKS = "---\n \n <!-- --> [ ]( ) \" ' \\ : <div> </div> <p> \r \x00 \ufeff title: date: from: &#0; {{ | keywords:["
SPICE = st.sampled_from([*MARKS.split(" "), "\\ud83d", "\u2028", " ", LINK, "9" * 5000])


@given(st.data())
def test_a_mutated_post_raises_nothing_but_our_errors(data):
    text = data.draw(st.sampled_from([old_post(), old_post(heading=""), old_post(link=""), old_post(comment="")]))
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(text)))
        end = start + data.draw(st.integers(0, 30))
        text = text[:start] + data.draw(SPICE | st.text(max_size=10)) + text[end:]
    raw = bytearray(text.encode("utf-8", "surrogatepass"))
    for _ in range(data.draw(st.integers(0, 2))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    address = reader.recognise(bytes(raw[: reader.HEAD]))
    try:
        story = reader.read(bytes(raw), "old.md").cleaned()
    except PostError:
        return
    assert story.address == address
    if story.date:
        assert posts.render(story).endswith("\n</div>\n")


def test_nothing_of_the_body_is_lost_where_the_heading_is_no_heading():
    story = cleaned(old_post(heading="", body="[甲](https://t.example/)\n<p>乙</p>" + BODY))
    assert "甲" in "".join(story.body)


def test_an_optional_key_with_something_invisible_in_it_is_left_out():
    text = old_post().replace("\n---\n", '\nbyline: "记者\u200b张三"\nkeywords: [ "甲" ]\n---\n', 1)
    keys = reader.read(text.encode(), "x.md").keys
    assert len(keys) == 1
    assert keys[0].startswith("keywords:")

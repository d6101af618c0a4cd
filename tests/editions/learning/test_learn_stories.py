"""What a few dozen invented stories teach and prove: edits are no fault, a difference with a system is one."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from zbcrawler.cleaning import clean
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.times import SINGAPORE
from zbcrawler.editions import Page
from zbcrawler.editions.learning.stories import Lesson, choose, halves, learn_stories
from zbcrawler.editions.learnt import LearntEdition
from zbcrawler.items import Story

PLACES = "码头 渡轮 灯塔 公园 图书馆 市集 海堤 车站 学校 花园 邮局 剧院 医院 桥梁 田野 山路".split()
FIRST = datetime(2026, 1, 5, 8, 30, tzinfo=SINGAPORE)
PICTURE = "https://static.zaobao.com/s3fs-public/2026-01/photo_{}.jpg"


def paragraphs(number):
    here, there = PLACES[number % 16], PLACES[number * 7 % 16]
    return [
        f"第{number}天，{here}旁的居民谈到{there}时说，第{line * number + 3}次来到这里，风景依旧。"
        for line in range(1, 6)
    ]


def story(number):
    address = StoryAddress.parse(
        f"https://www.zaobao.com/realtime/china/story202601{number % 20 + 10}-{3120000 + number}"
    )
    words = paragraphs(number)
    body = [f"<p>{words[0]}</p>", *[f"<p>{one}</p>" for one in words[1:]]]
    if number % 3 == 0:
        body[2:2] = [
            f'<figure><img src="{PICTURE.format(number)}" alt=""><figcaption>{caption(number)}</figcaption></figure>'
        ]
    if number % 4 == 0:
        body.append(f"<blockquote><p>引语之{number}，来自{PLACES[number % 16]}。</p></blockquote>")
    return Story(address, f"{PLACES[number % 16]}第{number}号新闻今早公布", FIRST + timedelta(hours=number), body)


def caption(number):
    return f"{PLACES[number % 16]}的第{number}张照片。（居民提供）"


def page_of(one, body, title=None, shows_caption=True):
    lines = "".join(body).replace("<p>", '<p class="line">')
    if not shows_caption:
        lines = lines.replace("><figcaption>", ' data-told="').replace("</figcaption></figure>", '"></figure>')
        lines = lines.replace(' alt="" data-told', " data-told")
    time = one.published.isoformat()
    text = f'<div class="story-text">{lines}</div><ul class="more"><li>别的新闻</li></ul>'
    head = f'<h1 class="head">{title or one.title}</h1><time datetime="{time}">今早</time>'
    return Page(one.address.url, f"<html><body><main>{head}{text}</main></body></html>")


def lessons(change=lambda number, body: body, count=40, **more):
    found = choose([story(number) for number in range(1, count + 1)], count)
    return [
        Lesson(page_of(one, change(int(one.address.number) - 3120000, list(one.body)), **more), one) for one in found
    ]


def learnt(given):
    result = learn_stories(given)
    assert result.declaration, result.says
    return LearntEdition({"name": "learnt", "story": result.declaration})


def lines_of(edition, one, body, **more):
    reading = edition.story(page_of(one, body, **more), one.address)
    return clean(reading.raw, "", reading.noise).lines, reading.truncated


def test_stories_that_did_not_teach_are_read_line_by_line():
    edition = learnt(lessons())
    for number in range(60, 80):
        assert lines_of(edition, story(number), story(number).body) == (story(number).body, False)


def test_three_edited_stories_in_ten_are_no_fault():
    def edited(number, body):
        if number % 10 == 1:
            body.append(f"<p>记者后来补充了第{number * 13}条消息。</p>")
        if number % 10 == 4:
            body[1] = body[1].replace("风景依旧", f"风景已改变{number}次")
        if number % 10 == 7:
            del body[3]
        return body

    learnt(lessons(edited))


def test_some_retitled_stories_are_no_fault():
    given = lessons()
    new = [Lesson(page_of(one.story, one.story.body, f"更新：{one.story.title}"), one.story) for one in given[::9]]
    learnt([*new, *(one for one in given if one.story not in [two.story for two in new])])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda number, body: body[:-1] if number % 5 == 0 else body, "the last block is lost"),
        (lambda number, body: [one for one in body if "blockquote" not in one], "blockquote"),
        (lambda number, body: [*body[:2], body[2] + body[3], *body[4:]] if number % 2 else body, ""),
        (lambda number, body: paragraphs_of_another(number), "the archived words stand on"),
    ],
    ids=["last-block", "quotes", "nothing-wrong", "other-stories"],
)
def test_a_difference_with_a_system_is_refused(change, says):
    result = learn_stories(lessons(change))
    assert bool(result.declaration) == (not says)
    assert says in result.says


def paragraphs_of_another(number):
    return [f"<p>{one}</p>" for one in paragraphs(number + 500)]


def test_an_advert_in_changing_words_is_dropped_by_its_place():
    def with_advert(number, body):
        return [*body[:2], f'<div class="offer">第{number}号优惠，欢迎选购。</div>', *body[2:]]

    edition = learnt(lessons(with_advert))
    one = story(70)
    assert lines_of(edition, one, with_advert(99, one.body))[0] == one.body


def test_a_constant_sentence_in_a_plain_paragraph_is_dropped_by_its_words():
    edition = learnt(lessons(lambda number, body: [*body, "<p>下载应用程序，畅读新闻。</p>"]))
    one = story(70)
    assert lines_of(edition, one, [*one.body, "<p>下载应用程序，畅读新闻。</p>"])[0] == one.body


def test_a_mark_of_cut_stories_is_learnt():
    def cut(number, body):
        return [body[0], '<div class="gate">订户请登录</div>'] if number % 5 == 0 else body

    edition = learnt(lessons(cut, count=50))
    one = story(70)
    assert lines_of(edition, one, cut(70, one.body)) == ([one.body[0]], True)
    assert lines_of(edition, one, one.body) == (one.body, False)


def test_teasers_without_a_mark_are_refused():
    assert not learn_stories(lessons(lambda number, body: body[:1] if number % 5 == 0 else body, count=50)).declaration


def test_captions_in_an_attribute_are_read():
    edition = learnt(lessons(shows_caption=False))
    one = story(69)
    assert lines_of(edition, one, one.body, shows_caption=False)[0] == one.body


def test_stories_with_a_picture_above_the_text_teach_and_judge():
    plain = ["<p>正文的第一段。</p>", "<p>正文的第二段。</p>"]
    above = ['<img src="https://static.zaobao.com/s3fs-public/1.jpg" alt="">', *plain]
    stories = [replace(story(number), body=plain if number % 10 else above) for number in range(1, 61)]
    chosen = choose(stories, 20)
    with_picture = [[chosen[number].body == above for number in half].count(True) for half in halves(chosen)]
    assert with_picture == [3, 3]


def test_too_few_stories_prove_nothing():
    result = learn_stories(lessons(count=19))
    assert (result.declaration, "20 at least" in result.says) == (None, True)


def test_the_same_pages_teach_the_same():
    assert learn_stories(lessons()).declaration == learn_stories(lessons()).declaration

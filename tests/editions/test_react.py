"""What a React page shows outside its text: the marker of a cut story, a standfirst, pictures, times."""

from __future__ import annotations

import json

import pytest
from support.editions import edition_of, story_on

from zbcrawler.cleaning import clean
from zbcrawler.editions import Page
from zbcrawler.replica.content import Standfirst
from zbcrawler.replica.site import Site

ADDRESS = "https://www.zaobao.com.sg/news/china/story20250314-6000001"
TEXT = "<p>渡口上午开放。</p><p>船票照旧。</p>"
GIFT = '<div role="dialog"><p>订户专享 赠阅文章</p><p>早报VIP会员每月可赠阅 5 篇订户专享文章。</p></div>'
ANNOUNCEMENT = (
    "<div><p>订户专享 赠阅文章</p><p>早报新添“赠阅文章”功能！凡早报VIP会员，每月可赠送 5 篇订户专享文章。</p>"
    "<button>了解更多</button><button>知道了</button></div>"
)
MARKERS = {
    "two spans": "<div><span>订户</span><span>赠阅文章</span></div>",
    "two divs": "<div>\n  <div> 订户 </div>\n  <div>\n赠阅文章</div></div>",
    "a button": '<span>订户</span><button class="cursor-pointer"><svg><title>礼</title></svg>赠阅文章</button>',
    "one element": "<div>订户 赠阅文章</div>",
    "one element with a mark": "<p>订户 · 赠阅文章</p>",
    "one element with a comment": "<div>订户<!-- -->赠阅文章</div>",
    "a link": '<div><a href="/subscribe">订户</a>&nbsp;<a href="/gift">赠阅文章</a></div>',
    "no element": "订户 赠阅文章",
    "deep": "<div><div><p><b>订户</b></p></div><section><div><button><em>赠阅文章</em></button></div></section></div>",
    "an attribute with a tag": '<i title="a>b" class=\'x\'>订户</i><i title="<3">赠阅文章</i>'.replace("<3", "3"),
    "with the announcement": "<div><span>订户</span><span>赠阅文章</span></div>" + ANNOUNCEMENT,
    "behind a line": "<div>特稿</div><div>订户</div><div>赠阅文章</div>",
}


def page(
    above: str = "",
    text: str = TEXT,
    data: dict | None = None,
    title: str = "渡口开放",
    below: str = "",
    before: str = "",
) -> Page:
    script = ""
    if data is not None:
        payload = {"loaderData": {"0-0": {"context": {"payload": {"article": data}}}}}
        literal = json.dumps(json.dumps(payload, ensure_ascii=False), ensure_ascii=False).replace("</", "<\\/")
        script = f"<script>window.__staticRouterHydrationData = JSON.parse({literal});</script>"
    return Page(
        ADDRESS,
        f'<html><head><script id="seo-article-page" type="application/ld+json"></script></head><body>{before}'
        f'<article class="max-w-full"><h1>{title}</h1>{above}<div class="articleBody">{text}</div>{below}</article>'
        f"{GIFT}{script}</body></html>",
    )


def read(page: Page):
    return story_on(page)


def lines(page: Page) -> list[str]:
    reading = read(page)
    return clean(reading.raw, page.origin, reading.noise).lines


def both(above: str = "", text: str = TEXT, **more) -> list[Page]:
    """Return the page that shows a story, and the same page with the story as data."""
    return [page(above, text, **more), page(above, text, data={"headline": "渡口开放", "body_cn": text}, **more)]


@pytest.mark.parametrize("name", MARKERS)
def test_a_story_with_the_marker_is_cut_and_the_marker_is_no_text(name):
    for cut in both(MARKERS[name]):
        story = read(cut)
        assert story.truncated
        assert lines(cut) == ["<p>渡口上午开放。</p>", "<p>船票照旧。</p>"]


@pytest.mark.parametrize(
    "above",
    [
        "",
        ANNOUNCEMENT,
        "<p>订户赠阅文章的做法受欢迎。</p>",
        '<p>订户<a href="/x">赠阅文章</a>的做法受欢迎。</p>',
        "<div>订户</div><div>可以赠阅文章。</div>",
        "<div>赠阅文章</div><div>订户</div>",
    ],
)
@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        "<p>订户</p><p>赠阅文章</p><p>这两个词是新功能的名称。</p>",
        "<p>报社说，订户、赠阅文章都有所增加。</p>",
        "<h3>订户 赠阅文章</h3><p>甲。</p>",
    ],
)
def test_a_story_about_subscribers_is_whole(above, text):
    tags = '<div><a href="/keywords/ding-hu">订户</a><a href="/keywords/zeng-yue">赠阅文章</a></div>'
    marker = MARKERS["two spans"]
    for whole in both(above, text, below=tags, before=f"<div>{marker}</div><article><p>{marker}</p></article>"):
        assert not read(whole).truncated


def test_a_whole_story_in_data_is_not_parsed():
    above = '<button class="w-full"><img src="/a.jpg" alt="图说（资料照）"></button><div>图说 （资料照）</div>'
    data = {
        "headline": "甲",
        "create_time": 1741921620,
        "body_cn": TEXT,
        "images": [{"url": "/a.jpg", "caption": "图说（资料照）"}],
    }
    whole = page(above, data=data)
    assert not read(whole).truncated
    assert "tree" not in vars(whole)
    cut = page(above + MARKERS["one element"], data=data)
    assert read(cut).truncated


def test_no_whole_story_of_the_replica_is_parsed_and_every_cut_one_is_known(newsroom):
    site = Site(newsroom, "react")
    stories = newsroom.expected()
    for story in stories[::7]:
        newsroom.lock(story)
    for story in stories:
        shown = Page(story.url, site.answer(story.path).body.decode())
        assert read(shown).truncated is story.cut
        above = story.cut or isinstance(story.content.blocks[0], Standfirst)
        if story.traits.hydration and "created" in story.traits.times and not above:
            assert "tree" not in vars(shown), story.path


def test_a_standfirst_stands_above_the_lead_picture_however_the_story_comes():
    hero = '<div><button class="w-full"><img src="https://x.sphdigital.com.sg/image/zaobao/1?o=zbimg" alt="渡口。 （档案）"></button>'
    above = f"{MARKERS['two divs']}{ANNOUNCEMENT}<div>文／陆明舟</div><h2>渡口有三条不成文的规矩。</h2>{hero}<div>渡口。 （档案）</div></div>"
    images = [{"url": "https://x.sphdigital.com.sg/image/zaobao/1?o=zbimg", "caption": "渡口。 （档案）"}]
    expected = [
        "<p>渡口有三条不成文的规矩。</p>",
        '<figure><img src="https://x.sphdigital.com.sg/image/zaobao/1?o=zbimg" alt="">'
        "<figcaption>渡口。 （档案）</figcaption></figure>",
        "<p>渡口上午开放。</p>",
        "<p>船票照旧。</p>",
    ]
    assert lines(page(above)) == expected
    assert lines(page(above, data={"headline": "甲", "body_cn": TEXT, "images": images})) == expected
    known = "<p>渡口有三条不成文的规矩。</p>" + TEXT
    assert lines(page(above, data={"headline": "甲", "body_cn": known, "images": images}))[1:] == [
        "<p>渡口有三条不成文的规矩。</p>",
        *expected[2:],
    ]


def test_a_headline_that_is_shown_twice_is_no_standfirst():
    for shown in both('<h1 class="lg:hidden">渡口何时开放？</h1><div>渡口何时开放？</div>', title="渡口何时开放？"):
        assert lines(shown) == ["<p>渡口上午开放。</p>", "<p>船票照旧。</p>"]


def test_a_lead_picture_without_alt_has_no_caption():
    above = '<button class="w-full"><img src="/image/a.jpg"></button>'
    assert lines(page(above))[0] == '<figure><img src="https://www.zaobao.com/image/a.jpg" alt=""></figure>'


def test_a_picture_with_and_without_its_query_or_in_the_small_size_is_one_picture():
    address = "https://cassette.sphdigital.com.sg/image/{}/0123456789abcdef"
    above = f'<button class="w-full"><img src="{address.format("zaobao")}?o=zbimg&amp;oloc=se" alt="渡口"></button><div>渡口</div>'
    text = f'<p>甲。</p><img src="{address.format("zaobao")}"><img src="{address.format("zaobao-sm")}"><p>乙。</p>'
    assert [line[:3] for line in lines(page(above, text))] == ["<fi", "<p>", "<p>"]


@pytest.mark.parametrize(
    "title", ["上联开放<br>下联照旧", "上联开放\n下联照旧", "<span>上联开放</span><br/>\n<span>下联照旧</span>"]
)
def test_a_line_break_in_the_headline_is_a_blank(title):
    assert read(page(title=title)).title == "上联开放 下联照旧"


@pytest.mark.parametrize(
    "shown",
    [
        "<div>发布/2025年3月14日 11:07</div><div>更新/2025年3月14日 13:20</div>",
        "<div>发布/2025年3月14日 11:07 更新/2025年3月14日 13:20</div>",
        "<div>更新/2025年3月14日 13:20</div><div>发布/2025年3月14日 11:07</div>",
        "<div><span>发布/</span><span>2025年3月14日 11:07</span> <span>更新/</span><span>2025年3月14日 13:20</span></div>",
    ],
)
def test_the_time_of_an_update_stands_beside_that_of_publication(shown):
    edited = page(before=shown, above=shown)
    assert f"{read(edited).published:%H:%M}" == "11:07"
    updated = edition_of(edited).details(edited)["updated"]
    assert (f"{updated.value:%H:%M}", updated.where) == ("13:20", "更新/…")
    assert lines(edited) == ["<p>渡口上午开放。</p>", "<p>船票照旧。</p>"]


def test_a_page_that_was_not_edited_has_no_time_of_an_update():
    fresh = page("<p>更新/昨天</p>", "<p>更新/2025年3月14日 13:20</p>", before="<div>发布/2025年3月14日 11:07</div>")
    assert edition_of(fresh).details(fresh)["updated"].value is None

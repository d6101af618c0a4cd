"""Subscribers' stories, in the form of each era (site-layouts 8)."""

import pytest

from zbcrawler.replica.site import Site

from .reading import EDITIONS, body_of, squeezed, tree, words_of

MARK = {
    "drupal7": "此文章为早报订户专享内容",
    "drupal": "请订阅或登录，以继续阅读全文！",
    "react": None,
    "mainland": "请订阅或登录，以继续阅读全文",
    "astro": "此文章为付费文章，会员请访问网站阅读。",
}


@pytest.fixture(params=EDITIONS)
def site(request, newsroom):
    return Site(newsroom, request.param)


def text_of(site, story):
    return squeezed(body_of(tree(site, story.path), site.edition).text_content())


def test_a_premium_story_has_its_first_paragraphs_and_the_mark_of_its_era(site, newsroom):
    story = newsroom.cases["premium"]
    text = text_of(site, story)
    lines = story.expected_lines(site.edition)
    assert len(lines) == 3
    assert all(words in text for line in lines for words in words_of(line))
    for edition, mark in MARK.items():
        if mark and edition == site.edition:
            assert mark in text
    if site.edition == "react":
        assert "阅读全文" not in text


def test_the_boxes_that_are_known(newsroom):
    path = newsroom.cases["premium"].path
    box = tree(Site(newsroom, "drupal"), path).cssselect(".article-microtransaction > .cta-subscribe")
    assert len(box) == 1
    assert tree(Site(newsroom, "drupal"), path).cssselect(".article-content-rawhtml > style")
    assert len(tree(Site(newsroom, "mainland"), path).cssselect(".article-body > .paywall-message[data-s]")) == 1


def test_a_cut_react_page_has_its_mark_behind_the_headline_and_a_whole_one_does_not(newsroom):
    site = Site(newsroom, "react")
    stories = [story for story in newsroom.expected() if story.archivable]
    for story in stories[:9]:
        newsroom.lock(story)
    behind = [squeezed("".join(tree(site, one.path).xpath("//article//h1/following::text()"))) for one in stories]
    assert all(words.startswith("订户赠阅文章") for words in behind[:9])
    whole = [words for words, story in zip(behind, stories, strict=True) if not story.cut]
    assert len(whole) > 50
    assert not [words for words in whole if "订户赠阅文章" in words]


@pytest.mark.parametrize("raw", [False, True])
def test_a_story_can_be_locked_and_unlocked(site, newsroom, raw):
    story = newsroom.cases["long_read"]
    if raw:
        story = newsroom.add(
            "china", 1, story.published.date(), "题", story.published, raw_body="开头<p>甲</p><p>乙</p>尾"
        )
    whole = site.answer(story.path).body
    text = text_of(site, story)
    newsroom.lock(story)
    teaser = text_of(site, story)
    mark = MARK[site.edition]
    assert raw or len(teaser) < len(text)
    assert (mark in teaser) if mark else ("阅读全文" not in teaser)
    lines = story.expected_lines(site.edition)
    assert lines is None if raw else len(lines) == 12
    assert ("甲" in teaser and "乙" not in teaser) if raw else words_of(lines[-1])[0] in teaser
    newsroom.unlock(story)
    assert site.answer(story.path).body == whole

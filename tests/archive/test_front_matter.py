"""Optional keys: written in their order, read back the same, kept where a page has nothing for them."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from scrapy.settings import Settings

from zbcrawler.archive import posts
from zbcrawler.archive.posts import front_matter_keys
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import ArgumentError
from zbcrawler.common.text import one_line
from zbcrawler.items import Story

TIME = datetime(2021, 6, 10, 0, 30, tzinfo=timezone.utc)


def story(**fields):
    address = StoryAddress.parse("/realtime/china/story20210610-1154260")
    return Story(address, "标题", TIME, ["<p>字</p>"], TIME, **fields)


FULL = {
    "byline": '林若海、"白"',
    "keywords": ("东屿", "海: # ["),
    "updated": datetime(2021, 6, 10, 3, 0, 59, tzinfo=timezone.utc),
    "image": "https://static.zaobao.com/s3fs-public/a.jpg",
    "edition": "react",
    "truncated": True,
}


def test_the_lines_of_all_keys():
    text = posts.render(story(**FULL, optional_keys=frozenset(posts.KEYS)))
    assert text.split("categories: [ 联合早报 ]\n")[1].split("---")[0].splitlines() == [
        'section: "china"',
        'byline: "林若海、\\"白\\""',
        'keywords: [ "东屿", "海: # [" ]',
        "updated: 2021-06-10T03:00:59.000Z",
        'image: "https://static.zaobao.com/s3fs-public/a.jpg"',
        'edition: "react"',
        "paywall: true",
    ]
    data = yaml.safe_load(text.split("---\n")[1])
    assert data["keywords"] == ["东屿", "海: # ["]
    assert data["updated"] == FULL["updated"]
    assert data["paywall"] is True


def test_without_the_setting_and_without_values_there_is_no_line():
    assert posts.render(story(**FULL)) == posts.render(story())
    text = posts.render(story(optional_keys=frozenset(posts.KEYS)))
    assert text.split("categories: [ 联合早报 ]\n")[1].startswith('section: "china"\n---')


@given(
    st.builds(
        dict,
        byline=st.text(max_size=9).map(one_line),
        keywords=st.lists(st.text(min_size=1, max_size=9).map(one_line).filter(bool), max_size=3).map(tuple),
        updated=st.none() | st.just(TIME),
        image=st.sampled_from(["", FULL["image"]]),
        truncated=st.booleans(),
        optional_keys=st.frozensets(st.sampled_from(sorted(posts.KEYS))),
    )
)
def test_a_post_is_read_back_as_it_was_written(fields):
    text = posts.render(story(**fields))
    assert posts.render(posts.read(text)) == text
    yaml.safe_load(text.split("---\n")[1])


def test_a_new_version_keeps_what_only_the_old_one_has():
    new = story(byline="新")
    posts.complete(new, story(**FULL, optional_keys=frozenset({"byline", "keywords"})))
    assert (new.byline, new.keywords, new.optional_keys) == ("新", FULL["keywords"], {"byline", "keywords"})


@pytest.mark.parametrize(
    ("given", "keys"), [("", set()), ("edition, byline", {"edition", "byline"}), (["image"], {"image"})]
)
def test_the_setting(given, keys):
    assert front_matter_keys(Settings({"FRONT_MATTER_KEYS": given})) == keys


def test_an_unknown_key_is_named():
    with pytest.raises(ArgumentError, match="FRONT_MATTER_KEYS=title: title is not one of section, byline"):
        front_matter_keys(Settings({"FRONT_MATTER_KEYS": "title"}))

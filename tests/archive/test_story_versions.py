"""Which differences between two versions of a story are news."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from zbcrawler.archive import story_versions
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.items import Story

TIME = datetime(2021, 6, 10, 0, 30, tzinfo=timezone.utc)
CAPTION = "<figcaption>图说</figcaption>"


def story(body=("<p>字</p>",), title="标题", published=TIME):
    return Story(StoryAddress.parse("/realtime/china/story20210610-1154260"), title, published, list(body))


def picture(address, caption=CAPTION):
    return story([f'<figure><img src="{address}" alt="">{caption}</figure>', "<p>字</p>"])


@pytest.mark.parametrize(
    "other",
    [
        "https://static.zaobao.com/s3fs-public/styles/article_large_full/public/2021-05/x.jpg?other&amp;itok=2",
        "https://static.zaobao.com/s3fs-public/styles/inline_medium/public/2021-05/x.jpg",
        "https://www.zaobao.com.sg/s3/files/2021-05/x.jpg",
        "https://cassette.sphdigital.com.sg/image/zaobao/0123abc?f=webp&amp;o=zbimg",
        "https://dss0.zbstatic5.com/image/y.jpg",
    ],
)
def test_the_host_size_and_query_of_a_picture_are_no_news(other):
    one = picture("https://static.zaobao.com/s3fs-public/styles/article_large_full/public/2021-05/x.jpg?itok=1")
    assert story_versions.same_news(one, picture(other))
    assert story_versions.same_news(picture(other), one)


@pytest.mark.parametrize(
    "other",
    [
        picture("https://static.zaobao.com/s3fs-public/2021-05/y.jpg"),
        picture("https://dss0.zbstatic5.com/image/x.jpg", "<figcaption>另一图说</figcaption>"),
        picture("../../../../pictures/ab/abc.jpg"),
        story(),
        story(title="另一标题"),
        story(published=TIME + timedelta(minutes=1)),
        story(["<p>别的字</p>"]),
    ],
)
def test_what_is_news(other):
    assert not story_versions.same_news(picture("https://static.zaobao.com/s3fs-public/2021-05/x.jpg"), other)


SECONDS = timedelta(seconds=35)
MIDNIGHT = datetime(2021, 6, 10, tzinfo=timezone(timedelta(hours=8)))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (TIME, TIME, True),
        (TIME, TIME.astimezone(timezone(timedelta(hours=8))), True),
        (TIME, TIME + SECONDS, True),
        (TIME + SECONDS, TIME + SECONDS + SECONDS / 2, False),
        (TIME, TIME + timedelta(minutes=1), False),
        (MIDNIGHT, MIDNIGHT + timedelta(hours=19, minutes=38), True),
        (MIDNIGHT, MIDNIGHT + timedelta(days=1), False),
        (None, None, True),
        (None, TIME, False),
    ],
)
def test_times_are_compared_as_far_as_the_coarser_tells(one, other, same):
    assert story_versions.same_time(one, other) is same
    assert story_versions.same_time(other, one) is same

from datetime import date, timedelta

import pytest

from zbcrawler.common import arguments
from zbcrawler.common.errors import ArgumentError

READERS = {
    "sections": arguments.sections,
    "pages": arguments.count,
    "since": arguments.day,
    "recheck": arguments.duration,
    "url": arguments.story_links,
}


def read(**given):
    return arguments.read_arguments(READERS, given)


def test_what_is_allowed():
    assert read(sections="china, world,china,sea/x-1") == {"sections": ("china", "world", "sea/x-1")}
    assert read(pages="3", since="2024-02-29") == {"pages": 3, "since": date(2024, 2, 29)}
    assert read(recheck="36h") == {"recheck": timedelta(hours=36)}
    assert read(recheck="2d") == {"recheck": timedelta(days=2)}
    assert read(url="a, b\nc a") == {"url": ("a", "b", "c")}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("sections", ""),
        ("sections", "china,"),
        ("sections", "/china"),
        ("sections", "China"),
        ("sections", "../x"),
        ("sections", "china?page=1"),
        ("sections", "中国"),
        ("pages", "0"),
        ("pages", "-1"),
        ("pages", "x"),
        ("pages", "1.5"),
        ("pages", "１"),
        ("pages", "99999999999999999999"),
        ("since", "2024-02-30"),
        ("since", "yesterday"),
        ("since", "20240201"),
        ("recheck", "2"),
        ("recheck", "0d"),
        ("recheck", "2w"),
        ("url", ","),
    ],
)
def test_what_is_not_is_said_in_one_line(name, text):
    with pytest.raises(ArgumentError) as caught:
        read(**{name: text})
    message = str(caught.value)
    assert message.startswith(f"{name}={text}")
    assert "write " in message
    assert "\n" not in message


def test_a_misspelt_argument_is_not_swallowed():
    with pytest.raises(ArgumentError, match="section: unknown argument; allowed: sections, pages"):
        read(section="china")


@pytest.mark.parametrize("good", ["https://www.zaobao.com", "http://127.0.0.1:8000/", "http://[::1]:80"])
def test_site(good):
    assert arguments.site_url({"SITE_URL": good}) == good.rstrip("/")


@pytest.mark.parametrize(
    "bad", ["", "www.zaobao.com", "ftp://x", "https://", "https://x/path", "https://x:y", "https://a:b@x", "http://["]
)
def test_no_site(bad):
    with pytest.raises(ArgumentError, match="SITE_URL="):
        arguments.site_url({"SITE_URL": bad})

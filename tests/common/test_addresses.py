from datetime import date

import pytest

from zbcrawler.common.addresses import StoryAddress, kind_of

PATH = "/realtime/china/story20210610-1154260"


@pytest.mark.parametrize(
    "link",
    [
        PATH,
        f"https://www.zaobao.com{PATH}",
        f"https://www.zaobao.com.sg{PATH}",
        f"http://zaobao.com{PATH}",
        f"//WWW.zaobao.com{PATH}",
        f"{PATH}?ref=sidebar-realtime",
        f"{PATH}?utm_source=x#top",
        f"{PATH}/",
        f"  {PATH}\n",
    ],
)
def test_one_story_under_many_links(link):
    address = StoryAddress.parse(link)
    assert address == StoryAddress("realtime/china", date(2021, 6, 10), "1154260")
    assert address.url == "https://www.zaobao.com" + PATH
    assert address.section == "realtime/china"


@pytest.mark.parametrize(
    "link",
    [
        "/entertainment/story20240101-1",
        "/special/report/politic/sgelection/story20250222-5915622",
        "/news/china/story20260927-974515800000",
        "/forum/zaodian/p.g-w_x/story20200229-12",
    ],
)
def test_any_first_path_part(link):
    assert StoryAddress.parse(link).path == link


@pytest.mark.parametrize(
    "link",
    [
        "",
        "/node/1439954",
        "/realtime/china",
        "/realtime/china/story20160131",
        "/realtime/china/story20210610-",
        "/realtime/china/story20219999-1154260",
        "/realtime/china/story20210229-1154260",
        "/realtime/china/story20210610-1154260/comments",
        "/realtime/china/story20210610-１１５",
        "https://interactive.zaobao.com" + PATH,
        "https://www.zaobao.com.evil.example" + PATH,
        "https://www.zaobao.com:8080" + PATH,
        "javascript:" + PATH,
        "mailto:x@zaobao.com",
        "http://[" + PATH,
        "/realtime/../story20210610-1154260\n---",
    ],
)
def test_other_links_are_no_stories(link):
    assert StoryAddress.parse(link) is None


def test_own_host_stands_for_the_site():
    link = "http://127.0.0.1:8000" + PATH
    assert StoryAddress.parse(link) is None
    assert StoryAddress.parse(link, frozenset({"127.0.0.1:8000"})).url == "https://www.zaobao.com" + PATH


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/node/1439954", "node"),
        ("/zvideos/news/story-1", "video"),
        ("/podcast/x", "podcast"),
        ("/specials/the-audio-brief/20250222", "audio brief"),
        ("/interactive-graphics/x", "interactive page"),
        ("/", None),
        ("/login?to=/realtime/china", None),
    ],
)
def test_what_else_a_link_leads_to(path, kind):
    assert kind_of("https://www.zaobao.com.sg" + path) == kind
    assert kind_of("https://interactive.zaobao.com.sg" + path) == "other host"


def test_a_broken_link_has_a_kind_too():
    assert kind_of("http://[") == "broken link"

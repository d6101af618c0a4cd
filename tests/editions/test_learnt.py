"""Editions that are data: what a file may declare, and how pages are read with the declaration."""

import pytest
import yaml
from support.editions import ADDRESS

from zbcrawler.cleaning import clean
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import EditionFileError, LandmarkMissingError, UnknownEditionError
from zbcrawler.common.times import shown
from zbcrawler.editions import Editions, Page, read_declared
from zbcrawler.editions.learnt import LearntEdition

URL = "https://www.zaobao.com/realtime/china/story20260131-3120268"
STORY = {"landmarks": ["main.news"], "title": ["h1"], "published": [{"at": "time @datetime"}], "body": ["div.text"]}
HEAD = '<main class="news"><h1>码头开放</h1><time datetime="2026-01-31T08:30:00+08:00"></time>'


def edition(**more):
    return LearntEdition({"name": "learnt-1", "story": STORY | more})


def lines(body, **more):
    reading = edition(**more).story(Page(URL, f"<html><body>{HEAD}{body}</main></body></html>"), ADDRESS)
    return clean(reading.raw, "", reading.noise).lines


def test_title_time_and_text_are_read():
    reading = edition().story(
        Page(URL, f'<html><body>{HEAD}<div class="text"><p>一</p></div></main></body></html>'), ADDRESS
    )
    assert (reading.title, shown(reading.published)) == ("码头开放", "2026-01-31 08:30 SGT")
    assert reading.places == {"title": "h1", "published": "time @datetime", "body": "div.text"}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("31/01/2026 08:30", "day month year hour minute"),
        ("January 31, 2026, 8:30 AM", "month day year hour minute"),
        ("2026.1.31 上午 8:30 阅读 2 分钟", "year month day hour minute -"),
    ],
)
def test_a_time_may_have_any_order_of_numbers(text, parts):
    body = f'<div class="when">{text}</div><div class="text"><p>一</p></div>'
    one = edition(published=[{"at": "div.when", "parts": parts}])
    assert (
        shown(one.story(Page(URL, f"<html><body>{HEAD}{body}</body></html>"), ADDRESS).published)
        == "2026-01-31 08:30 SGT"
    )


def test_several_containers_are_read_in_the_order_of_the_page():
    body = '<div class="text"><p>一</p></div><div class="ad">广告</div><div class="text"><p>二</p></div>'
    assert lines(body) == ["<p>一</p>", "<p>二</p>"]


def test_pictures_above_the_text_come_first():
    body = '<div class="text"><p>一</p></div><div class="hero" data-pic="https://a.example/1.jpg"><i>图说</i></div>'
    forms = {"div.hero @data-pic": "img", "div.hero i": "figcaption"}
    figure = '<figure><img src="https://a.example/1.jpg" alt=""><figcaption>图说</figcaption></figure>'
    assert lines(body, lead=["div.hero"], forms=forms) == [figure, "<p>一</p>"]


def test_elements_stand_for_others():
    body = '<div class="text"><x-p>一</x-p><x-quote><x-p>二</x-p></x-quote><x-pic src="https://a.example/1.jpg"></x-pic></div>'
    forms = {"x-p": "p", "x-quote": "blockquote", "x-pic @src": "img"}
    figure = '<figure><img src="https://a.example/1.jpg" alt=""></figure>'
    assert lines(body, forms=forms) == ["<p>一</p>", "<blockquote><p>二</p></blockquote>", figure]


@pytest.mark.parametrize(
    ("breaks", "expected"),
    [(1, ["<p>一</p>", "<p>二</p>", "<p>三</p>"]), (2, ["<p>一<br>二</p>", "<p>三</p>"])],
)
def test_breaks_end_paragraphs(breaks, expected):
    assert lines('<div class="text">一<br>二<br><br>三</div>', breaks=breaks) == expected


@pytest.mark.parametrize("numbers", [("2", "3", "1"), ("p-20", "p-30", "p-10"), ("order: 2", "order:3", "order:1")])
def test_shuffled_paragraphs_are_put_in_order(numbers):
    body = "".join(f'<p style="{number}">{text}</p>' for number, text in zip(numbers, "二三一", strict=True))
    assert lines(f'<div class="text">{body}</div>', order="style") == ["<p>一</p>", "<p>二</p>", "<p>三</p>"]


@pytest.mark.parametrize(
    "rule",
    [
        {"css": "p.promo"},
        {"sentence": "立即下载，畅读新闻。"},
        {"begins": "立即下载"},
    ],
)
def test_noise_is_dropped(rule):
    body = '<div class="text"><p>一</p><p class="promo">立即下载，畅读新闻。</p></div>'
    assert lines(body, noise=[rule | {"reason": "x"}]) == ["<p>一</p>"]


def test_a_line_that_is_nothing_but_a_link_to_a_story_is_dropped():
    link = '<a href="/realtime/china/story20260130-1">别的</a>'
    body = f'<div class="text"><p>一，见{link}。</p><p>{link}</p></div>'
    assert len(lines(body, noise=[{"links": "yes", "reason": "x"}])) == 1


def test_a_rule_may_say_that_the_text_is_cut():
    body = '<div class="text"><p>一</p><div class="gate">请订阅</div></div>'
    one = edition(noise=[{"css": "div.gate", "reason": "x", "cuts": True}])
    assert one.story(Page(URL, f"<html><body>{HEAD}{body}</body></html>"), ADDRESS).truncated


def test_an_unknown_kind_of_block_is_refused():
    kinds = {"x-block[kind] @kind": ["text"]}
    assert lines('<div class="text"><x-block kind="text">一</x-block></div>', kinds=kinds) == ["<p>一</p>"]
    with pytest.raises(LandmarkMissingError, match="not poll"):
        lines('<div class="text"><x-block kind="poll">一</x-block></div>', kinds=kinds)


def test_a_page_goes_to_a_learnt_edition_only_instead_of_the_editions_that_recognised_its_teachers():
    react = Page(
        URL,
        f'<html><body><div id="seo-article-page">{HEAD}<div class="text"><p>一</p></div></main></div></body></html>',
    )
    unknown = Page(URL, f'<html><body>{HEAD}<div class="text"><p>一</p></div></main></body></html>')
    for replaces, here, there in (
        ([""], "react", "learnt-1"),
        (["react"], "learnt-1", None),
        (["", "react"], "learnt-1", "learnt-1"),
    ):
        editions = Editions((edition(replaces=replaces),))
        assert editions.edition_of(react).name == here
        if there:
            assert editions.edition_of(unknown).name == there
        else:
            with pytest.raises(UnknownEditionError):
                editions.edition_of(unknown)


def test_a_story_read_by_a_learnt_edition_bears_its_name_and_half():
    editions = Editions((LearntEdition({"name": "learnt-1", "half": "mainland", "story": STORY}),))
    page = Page(URL, f'<html><body>{HEAD}<div class="text"><p>一</p></div></main></body></html>')
    story = editions.read_story(page, StoryAddress.parse(URL), "china", with_details=False)
    assert (story.edition, story.half) == ("learnt-1", "mainland")


@pytest.mark.parametrize(
    "declared",
    [
        {},
        {"name": "x"},
        {"name": "x", "story": {}},
        {"name": "x", "story": {"title": ["h1"]}},
        {"name": "x", "story": STORY | {"body": []}},
        {"name": "x", "story": STORY | {"body": ["div["]}},
        {"name": "x", "story": STORY | {"published": ["time"]}},
        {"name": "x", "story": STORY | {"noise": [{"css": "p"}]}},
        {"name": "x", "story": "text"},
    ],
)
def test_a_wrong_declaration_is_refused(declared):
    with pytest.raises(EditionFileError):
        LearntEdition(declared)


@pytest.mark.parametrize("text", ["", "[]", "name: other\n", "a: [b", "\x00", "name: learnt-1\nstory: 1\n"])
def test_a_broken_file_is_named_with_the_remedy(tmp_path, text):
    (tmp_path / "learnt-1.yml").write_text(text)
    with pytest.raises(EditionFileError, match=r"learnt-1\.yml: cannot be used: .*--forget learnt-1"):
        read_declared(tmp_path)


def test_the_newest_file_comes_first(tmp_path):
    assert read_declared(tmp_path / "none") == ()
    for name in ("learnt-20260101-aa", "learnt-20260301-aa"):
        (tmp_path / f"{name}.yml").write_text(yaml.safe_dump({"name": name, "story": STORY}))
    assert [one.name for one in read_declared(tmp_path)] == ["learnt-20260301-aa", "learnt-20260101-aa"]

from datetime import date, datetime, timedelta

import pytest

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.times import SINGAPORE, Clock
from zbcrawler.replica import Newsroom, cases, text
from zbcrawler.replica.site import EDITIONS, Site

from .conftest import NOW


@pytest.mark.parametrize("edition", EDITIONS)
def test_same_seed_gives_the_same_bytes(edition):
    def pages(seed):
        newsroom = Newsroom(seed, Clock.parse(NOW), stories=60)
        site = Site(newsroom, edition)
        listings = ["/realtime/china", "/realtime/china?page=1", "/sitemap.xml", "/s3fs-public/a.jpg"]
        targets = [story.path for story in newsroom.expected()] + listings
        return [(target, site.answer(target).body) for target in targets]

    assert pages(1) == pages(1)
    assert pages(1) != pages(2)


def test_titles_look_like_the_sites():
    titles = [text.headline(text.generator(1, str(number))) for number in range(500)]
    assert all(7 <= len(title) <= 33 for title in titles)
    for mark in ("“", "《", '"', "：", ": ", "{{", "---", "#", "*", "[", "|", "\\", "<b>", "\u200d", "  ", "【"):
        assert any(mark in title for title in titles), mark


def test_stories_are_spread_over_sections_and_time(newsroom, clock):
    assert [len(newsroom.listed(section)) for section in newsroom.sections] == [100, 100, 100]
    gone = {"gone_404", "gone_410", "audio_brief"}
    assert len(newsroom.expected()) == 300 - len(gone)
    assert not {newsroom.cases[name] for name in gone} & set(newsroom.expected())
    ages = [clock.now() - story.published for story in newsroom.listed("china")]
    assert ages == sorted(ages)
    assert ages[0] < timedelta(hours=1)
    assert ages[50] < timedelta(days=1) < ages[99]


def test_numbers_are_unique_and_not_in_listing_order(newsroom):
    numbers = [int(story.number) for story in newsroom.listed("china")]
    assert len(set(numbers)) == 100
    assert numbers != sorted(numbers, reverse=True)
    assert {len(str(number)) for number in numbers} == {7}


def test_addresses_are_those_of_stories(newsroom):
    for story in [*newsroom.expected(), *newsroom.decoys]:
        address = StoryAddress.parse(story.path)
        assert address
        assert address.number == story.number
        assert address.url == story.url
        off = address.day - story.published.date()
        assert off == timedelta(days=1 if story is newsroom.cases["day_off"] else 0)
        assert story.published.tzinfo is SINGAPORE
        assert story.published.second == 0


def test_every_case_is_there_once(newsroom):
    assert set(newsroom.cases) == {case.name for case in cases.ALL}
    assert {story.section for story in newsroom.cases.values()} == set(newsroom.sections)


def test_truth_holds_no_markup_that_a_post_must_not_hold(newsroom):
    for story in newsroom.expected():
        lines = story.expected_lines()
        assert lines
        for line in lines:
            assert line.startswith("<")
            assert line.endswith(">")
            assert "\n" not in line
            assert not set("{}\u200b\ufeff\u00a0") & set(line)
            assert "iframe" not in line
            assert "延伸阅读" not in line
            assert "subscribe.sph" not in line


def test_a_published_story_heads_the_listing_and_time_brings_others(newsroom, clock):
    clock.advance(timedelta(minutes=5))
    (new,) = newsroom.publish("world")
    later = newsroom.add(
        "world", 9_000_001, date(2026, 1, 31), "稍后", clock.now() + timedelta(hours=1), raw_body="<p>一</p>"
    )
    assert newsroom.listed("world")[0] is new
    assert new in newsroom.expected()
    assert later not in newsroom.listed("world")
    assert later.expected_lines() is None
    clock.advance(timedelta(hours=1))
    assert newsroom.listed("world")[0] is later


def test_retitle_edit_and_withdraw(newsroom):
    story = newsroom.listed("china")[0]
    title, lines, path, published = story.title, story.expected_lines(), story.path, story.published
    newsroom.edit(story)
    assert story.title == title
    assert len(story.expected_lines()) == len(lines) + 1
    newsroom.retitle(story)
    assert story.title != title
    assert len(story.expected_lines()) == len(lines) + 3
    assert (story.path, story.published) == (path, published)
    newsroom.withdraw(story)
    assert story in newsroom.listed("china")
    assert story not in newsroom.expected()
    newsroom.withdraw(story, listed=False)
    assert story not in newsroom.listed("china")


def test_two_headlines_are_known_by_edition(newsroom):
    story = newsroom.cases["two_headlines"]
    assert story.expected_title == story.expected_title_in("drupal") == story.title
    assert (
        story.expected_title_in("astro") == story.expected_title_in("mainland") == story.mainland_title != story.title
    )
    others = [one for one in newsroom.expected() if one.mainland_title and one is not story]
    assert 2 < len(others) < 30
    newsroom.retitle(story)
    assert story.expected_title not in {story.expected_title_in("astro"), story.expected_title_in("mainland")}


def test_most_lines_are_the_same_in_every_edition(newsroom):
    differing = [
        story
        for story in newsroom.expected()
        if len(
            {tuple(story.expected_lines(edition)) for edition in ("drupal7", "drupal", "react", "mainland", "astro")}
        )
        > 1
    ]
    assert differing == [newsroom.cases["lead_cassette"]]
    here, there = (differing[0].expected_lines(edition)[0] for edition in ("react", "astro"))
    assert "https://cassette.sphdigital.com.sg/image/zaobao/" in here
    assert "https://static.zaobao.com/s3fs-public/articles/" in there


def test_lock_and_unlock(newsroom):
    story = newsroom.cases["eight_paragraphs"]
    whole = story.expected_lines()
    newsroom.lock(story)
    assert story.expected_lines() == whole[:2]
    newsroom.unlock(story)
    assert story.expected_lines() == whole
    newsroom.lock(newsroom.cases["one_paragraph"])
    assert len(newsroom.cases["one_paragraph"].expected_lines()) == 1


def test_a_number_is_found_under_any_first_part_but_only_under_its_day(newsroom):
    story = newsroom.listed("china")[0]
    assert newsroom.find(story.path.replace("/realtime/china/", "/news/world/")) is story
    assert newsroom.find(story.path.replace("story2026", "story2025")) is None


def test_bodies_come_from_a_folder(tmp_path, clock):
    (tmp_path / "a.md").write_text("---\nlayout: post\n---\n[t](u)\n------\n\n<div>\n<p>甲<div>乙</div></p>\n</div>\n")
    (tmp_path / "b.json").write_text('{"items": [{"content": "<p>丙</p>"}]}')
    (tmp_path / "c.md").write_text("no post")
    newsroom = Newsroom(1, clock, stories=60, bodies=tmp_path)
    assert {story.raw_body for story in newsroom.expected()} == {"<p>甲<div>乙</div></p>", "<p>丙</p>"}
    assert all(story.expected_lines() is None for story in newsroom.expected())
    assert Site(newsroom, "react").answer(newsroom.expected()[0].path).status == 200


def test_wrong_arguments_are_refused(tmp_path, clock):
    with pytest.raises(ValueError, match="holds no post"):
        Newsroom(1, clock, bodies=tmp_path)
    with pytest.raises(ValueError, match="sections"):
        Newsroom(1, clock, sections=())
    with pytest.raises(ValueError, match="drupal, react"):
        Site(Newsroom(1, clock, stories=3), "gopher")


def test_machine_clock_serves_too():
    newsroom = Newsroom(1, Clock(), stories=9)
    assert len(newsroom.expected()) == len(
        [one for one in newsroom.expected() if one.published < datetime.now(SINGAPORE)]
    )

"""The pipelines one by one, on stories made by hand."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from itemadapter import ItemAdapter
from scrapy.exceptions import DropItem
from scrapy.utils.test import get_crawler
from support.crawling import MOMENT, tree
from support.editions import HALF_OF

from zbcrawler.archive.archive import Archive
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import Outcome
from zbcrawler.common.markup import parse_fragment
from zbcrawler.common.times import start_of
from zbcrawler.items import Story
from zbcrawler.pipelines.prepare_story import PrepareStoryPipeline
from zbcrawler.pipelines.write_post import WritePostPipeline
from zbcrawler.signals import story_settled

ADDRESS = StoryAddress.parse("/realtime/china/story20260131-1154260")


@pytest.fixture
def crawler(tmp_path):
    crawler = get_crawler(settings_dict={"CLOCK": MOMENT.isoformat(), "ARCHIVE_DIR": str(tmp_path)})
    crawler.spider = SimpleNamespace(journals=False, owes=False)
    return crawler


@pytest.fixture
def outcomes(crawler):
    seen = []

    def settled(outcome):
        seen.append(outcome)

    crawler.signals.connect(settled, signal=story_settled, weak=False)
    return seen


def story(**fields):
    given = {"title": "标题", "published": MOMENT, "body": ["<p>字</p>"], "date": MOMENT, "edition": "react"}
    given |= fields
    return Story(ADDRESS, half=HALF_OF.get(given["edition"], ""), **given)


def test_a_story_is_an_item_for_scrapy():
    assert ItemAdapter(story())["title"] == "标题"


def test_cleaning_sets_the_body_and_counts(crawler):
    raw = [parse_fragment('<p>甲</p><div id="imu">x</div><div class="cta-subscribe">y</div>')]
    item = PrepareStoryPipeline.from_crawler(crawler).process_item(story(raw=raw, title=" 两\u200b段  标题\n"))
    assert (item.body, item.title, item.raw, item.truncated) == (["<p>甲</p>"], "两段 标题", [], True)
    assert crawler.stats.get_value("zbcrawler/dropped/advert") == 1
    assert crawler.stats.get_value("zbcrawler/dropped/paywall") == 1
    assert crawler.stats.get_value("zbcrawler/edition/react") == 1


def test_a_body_that_cannot_be_cleaned_is_dropped_with_its_address(crawler):
    raw = [parse_fragment("<div>" * 3000 + "深")]
    with pytest.raises(DropItem, match=ADDRESS.url):
        PrepareStoryPipeline.from_crawler(crawler).process_item(story(raw=raw))


@pytest.mark.parametrize(
    ("published", "date"),
    [
        (MOMENT - timedelta(hours=1), MOMENT - timedelta(hours=1)),
        (MOMENT + timedelta(hours=8), MOMENT),  # a clock that is fast
        (None, start_of(ADDRESS.day)),
    ],
)
def test_dates(crawler, published, date):
    item = PrepareStoryPipeline.from_crawler(crawler).process_item(
        story(published=published, raw=[parse_fragment("<p>字</p>")])
    )
    assert item.date == date
    assert item.published == published


def test_a_story_of_tomorrow_without_a_time_is_dated_now(crawler):
    tomorrow = StoryAddress.parse("/realtime/china/story20260201-1")
    item = PrepareStoryPipeline.from_crawler(crawler).process_item(
        Story(tomorrow, "标题", raw=[parse_fragment("<p>字</p>")])
    )
    assert item.date == MOMENT


@pytest.mark.parametrize(
    ("fields", "missing"),
    [({"title": ""}, "title"), ({"raw": []}, "body"), ({"raw": [parse_fragment("<hr>")]}, "body")],
)
def test_what_lacks_something_is_dropped_and_counted(crawler, fields, missing):
    with pytest.raises(DropItem, match=f"{ADDRESS.url}: the react page has no {missing}"):
        PrepareStoryPipeline.from_crawler(crawler).process_item(
            story(**{"raw": [parse_fragment("<p>字</p>")]} | fields)
        )
    assert crawler.stats.get_value(f"zbcrawler/missing/{missing}/react") == 1


def test_a_gallery_without_words_is_a_story(crawler):
    gallery = story(raw=[parse_fragment('<figure><img src="https://example.org/a.jpg" alt=""></figure>')])
    assert PrepareStoryPipeline.from_crawler(crawler).process_item(gallery) is gallery


def test_writing_new_same_and_changed_stories(crawler, outcomes, tmp_path):
    write = WritePostPipeline.from_crawler(crawler)
    path = Archive(tmp_path).path_of(ADDRESS)
    write.process_item(story())
    first = path.read_bytes()
    write.process_item(story(date=MOMENT + timedelta(hours=1)))
    assert path.read_bytes() == first
    write.process_item(story(title="别的标题", date=MOMENT + timedelta(hours=1)))
    assert outcomes == [Outcome.NEW, Outcome.UNCHANGED, Outcome.CHANGED]
    # The site's own time is the same, so the date stays.
    assert first.split(b"\n")[3] == path.read_bytes().split(b"\n")[3]


def test_another_address_of_the_number_is_no_second_file(crawler, outcomes, tmp_path):
    write = WritePostPipeline.from_crawler(crawler)
    write.process_item(story())
    other = story(title="新标题")
    other.address = StoryAddress.parse("/news/china/story20260130-1154260")
    write.process_item(other)
    posts = list(tmp_path.rglob("*.md"))
    assert [path.name for path in posts] == ["2026-01-31-1154260.md"]
    assert Archive(tmp_path).read(posts[0]).address == ADDRESS
    assert outcomes == [Outcome.NEW, Outcome.CHANGED]


def test_a_time_that_a_later_page_does_not_give_is_kept(crawler, tmp_path):
    write = WritePostPipeline.from_crawler(crawler)
    write.process_item(story())
    write.process_item(story(title="新标题", published=None, date=start_of(ADDRESS.day)))
    assert Archive(tmp_path).read(Archive(tmp_path).path_of(ADDRESS)).published == MOMENT


@pytest.mark.parametrize("body", [["<p>一二三</p>"], ["<p>别的</p>"]])
def test_a_cut_text_does_not_replace_the_whole(crawler, outcomes, tmp_path, body):
    write = WritePostPipeline.from_crawler(crawler)
    path = Archive(tmp_path).path_of(ADDRESS)
    write.process_item(story(body=["<p>一二三</p>", "<p>四五六</p>"]))
    before = path.read_bytes()
    write.process_item(story(body=body))
    write.process_item(story(body=body, truncated=True))
    assert path.read_bytes() == before
    assert outcomes == [Outcome.NEW, Outcome.DOUBTFUL, Outcome.UNCHANGED]


def test_a_new_headline_over_a_cut_text_is_taken_and_the_text_kept(crawler, outcomes, tmp_path):
    write = WritePostPipeline.from_crawler(crawler)
    path = Archive(tmp_path).path_of(ADDRESS)
    write.process_item(story(body=["<p>一二三</p>", "<p>四五六</p>"]))
    write.process_item(story(body=["<p>一二三</p>"], truncated=True, title="新标题"))
    assert outcomes == [Outcome.NEW, Outcome.CHANGED]
    post = Archive(tmp_path).read(path)
    assert (post.title, post.body) == ("新标题", ["<p>一二三</p>", "<p>四五六</p>"])


def test_a_cut_text_is_archived_if_there_is_nothing_better_and_replaced_by_the_whole(crawler, outcomes, tmp_path):
    write = WritePostPipeline.from_crawler(crawler)
    path = Archive(tmp_path).path_of(ADDRESS)
    write.process_item(story(body=["<p>一二三</p>"], truncated=True))
    assert crawler.stats.get_value("zbcrawler/truncated/react") == 1
    write.process_item(story(body=["<p>一二三</p>", "<p>四五六</p>"]))
    assert outcomes == [Outcome.NEW, Outcome.CHANGED]
    assert len(Archive(tmp_path).read(path).body) == 2


PICTURE = '<figure><img src="https://dss0.zbstatic5.com/image/a.jpg" alt=""></figure>'


@pytest.mark.parametrize(("first", "then"), [("react", "astro"), ("astro", "react"), ("mainland", "drupal")])
def test_another_site_alone_rewrites_nothing(crawler, outcomes, tmp_path, first, then):
    write = WritePostPipeline.from_crawler(crawler)
    path = Archive(tmp_path).path_of(ADDRESS)
    write.process_item(story(edition=first))
    before = path.read_bytes()
    for edition in (then, first, then):
        here = edition == first
        body = ["<p>字</p>"] if here else [PICTURE, "<p>字</p>"]
        write.process_item(story(edition=edition, title="标题" if here else "另一标题", body=body))
    assert path.read_bytes() == before
    assert outcomes == [Outcome.NEW] + [Outcome.UNCHANGED] * 3


def test_a_fuller_text_of_another_site_is_taken_under_the_headline_that_was(crawler, outcomes, tmp_path):
    write = WritePostPipeline.from_crawler(crawler)
    path = Archive(tmp_path).path_of(ADDRESS)
    write.process_item(story(edition="react"))
    write.process_item(story(edition="astro", title="另一标题", body=["<p>字</p>", "<p>更多字</p>"]))
    assert outcomes == [Outcome.NEW, Outcome.CHANGED]
    post = Archive(tmp_path).read(path)
    assert (post.title, post.body) == ("标题", ["<p>字</p>", "<p>更多字</p>"])
    write.process_item(story(edition="react", title="新标题", body=["<p>字</p>", "<p>更多字</p>"]))
    assert Archive(tmp_path).read(path).title == "新标题"


def test_editions_of_one_site_may_change_a_headline(crawler, outcomes):
    write = WritePostPipeline.from_crawler(crawler)
    write.process_item(story(edition="drupal"))
    write.process_item(story(edition="react", title="新标题"))
    assert outcomes == [Outcome.NEW, Outcome.CHANGED]


def test_seconds_that_only_one_edition_tells_rewrite_nothing(crawler, outcomes):
    write = WritePostPipeline.from_crawler(crawler)
    write.process_item(story())
    write.process_item(story(published=MOMENT + timedelta(seconds=35), date=MOMENT + timedelta(seconds=35)))
    write.process_item(story(published=MOMENT + timedelta(minutes=1), date=MOMENT + timedelta(minutes=1)))
    assert outcomes == [Outcome.NEW, Outcome.UNCHANGED, Outcome.CHANGED]


def test_an_imported_version_only_replaces_a_cut_one(crawler, outcomes, tmp_path):
    write = WritePostPipeline.from_crawler(crawler)
    path = Archive(tmp_path).path_of(ADDRESS)
    whole = ["<p>一二三</p>", "<p>四五六</p>"]
    write.process_item(story(body=["<p>一二三</p>"]))
    write.process_item(story(imported=True, edition="", body=whole))
    before = path.read_bytes()
    write.process_item(story(imported=True, edition="", body=whole))
    write.process_item(story(imported=True, edition="", body=whole, title="别的标题"))
    write.process_item(story(imported=True, edition="", body=["<p>一二三</p>"]))
    assert path.read_bytes() == before
    assert outcomes == [Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED, Outcome.SKIPPED, Outcome.SKIPPED]


def test_a_dry_run_tells_the_same_and_writes_nothing(outcomes, crawler, tmp_path):
    write = WritePostPipeline.from_crawler(crawler)
    write.process_item(story())
    before = tree(tmp_path)
    dry = WritePostPipeline.from_crawler(crawler)
    dry.archive.dry_run = True
    dry.process_item(story(title="新标题"))
    other = story(edition="astro")
    other.address = StoryAddress.parse("/news/china/story20260131-99")
    dry.process_item(other)
    assert outcomes == [Outcome.NEW, Outcome.CHANGED, Outcome.NEW]
    assert tree(tmp_path) == before


def test_a_post_that_someone_broke_is_not_overwritten(crawler, tmp_path):
    path = Archive(tmp_path).path_of(ADDRESS)
    path.parent.mkdir(parents=True)
    path.write_text("title: mine\n")
    with pytest.raises(DropItem, match="not a post as zbcrawler writes it"):
        WritePostPipeline.from_crawler(crawler).process_item(story())
    assert path.read_text() == "title: mine\n"

"""Kept pictures: their names, their hosts, and what the pipeline asks for."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace

import pytest
from scrapy.exceptions import DropItem
from scrapy.http import Response
from scrapy.utils.test import get_crawler
from support.crawling import MOMENT, tree
from support.editions import HALF_OF

from zbcrawler.archive import pictures
from zbcrawler.archive.archive import Archive
from zbcrawler.archive.disk import link_from_post
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import ArgumentError
from zbcrawler.items import Story
from zbcrawler.pipelines.keep_pictures import KeepPicturesPipeline
from zbcrawler.pipelines.write_post import WritePostPipeline
from zbcrawler.replica.images import image_at
from zbcrawler.signals import run_note, run_problem

ADDRESS = StoryAddress.parse("/realtime/china/story20260131-1154260")
STORE = "https://static.zaobao.com/s3fs-public"
ONE, TWO = f"{STORE}/2026-01/one.jpg?itok=1", f"{STORE}/2026-01/two.png"
HASHED = "https://cassette.sphdigital.com.sg/image/zaobao/0a1b?f=webp&o=zbimg"
DATA = {ONE: image_at("/s3fs-public/2026-01/one.jpg")[0], TWO: image_at("/s3fs-public/2026-01/two.png")[0]}
LINKS = {address: link_from_post(pictures.file_of(data)) for address, data in DATA.items()}

# -- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "extension"),
    [
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "jpg"),
        (b"\x89PNG\r\n\x1a\n\0", "png"),
        (b"GIF87a..", "gif"),
        (b"GIF89a..", "gif"),
        (b"RIFF\n\0\0\0WEBPVP8 ", "webp"),
        (b"\0\0\0\x20ftypavif\0\0\0\0avifmif1", "avif"),
        (b"\0\0\0\x1cftypavis\0\0\0\0", "avif"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf", "avif"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", ""),
        (b"\0\0\0\x18ftypisom\0\0\0\0isomxavi", ""),
        (b"RIFF\n\0\0\0WAVEfmt ", ""),
        (b'<svg xmlns="http://www.w3.org/2000/svg">', ""),
        (b"<!DOCTYPE html>", ""),
        (b" \xff\xd8\xff", ""),
        (b"%PDF-1.7", ""),
        (b"BM", ""),
        (b"", ""),
    ],
)
def test_a_picture_is_known_by_its_first_bytes(data, extension):
    assert pictures.extension_of(data) == extension


def test_a_file_is_named_by_what_is_in_it():
    file = pictures.file_of(b"GIF89a one")
    assert file == pictures.file_of(b"GIF89a one") != pictures.file_of(b"GIF89a two")
    folder, shard, name = file.split("/")
    assert folder == "pictures"
    assert name.startswith(shard)
    assert len(shard) == 2
    assert len(name) == 40 + len(".gif")


def test_a_post_finds_it(tmp_path):
    archive = Archive(tmp_path)
    file = pictures.file_of(b"GIF89a one")
    archive.write(tmp_path / file, b"GIF89a one")
    post = archive.path_of(ADDRESS)
    post.parent.mkdir(parents=True)
    assert (post.parent / link_from_post(file)).read_bytes() == b"GIF89a one"


def test_sources_are_read_and_replaced_as_posts_write_them():
    body = [
        '<figure><img src="https://x/a?b=1&amp;c=&#123;&quot;&#125;" alt="src=&quot;no&quot;"></figure>',
        '<p>src="no" <strong>x</strong></p>',
        '<table><tr><td><img src="https://x/b" alt=""><img src="https://x/c" alt=""></td></tr></table>',
    ]
    first = 'https://x/a?b=1&c={"}'
    assert pictures.sources(body) == [first, "https://x/b", "https://x/c"]
    there = pictures.with_sources(body, {first: "../a.jpg", "https://x/c": "../c.jpg"})
    assert pictures.sources(there) == ["../a.jpg", "https://x/b", "../c.jpg"]
    assert pictures.with_sources(there, {"../a.jpg": first, "../c.jpg": "https://x/c"}) == body


# -- hosts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        ONE,
        HASHED,
        "https://www.zaobao.com/a.jpg",
        "http://www.zaobao.com.sg/s3/files/a.jpg",
        "https://dss0.zbstatic5.com/image/a.jpg",
        "http://127.0.0.1:8000/a.jpg",
    ],
)
def test_what_may_be_fetched(address):
    assert pictures.is_on_site(address, frozenset({"127.0.0.1:8000"}))


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/a.jpg",
        "https://static.zaobao.com.example.org/a.jpg",
        "https://evilzaobao.com/a.jpg",
        "https://static.zaobao.com@example.org/a.jpg",
        "https://example.org@static.zaobao.com/a.jpg",
        "https://static.zaobao.com:22/a.jpg",
        "http://127.0.0.1/a.jpg",
        "http://127.0.0.1:8001/a.jpg",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/a.jpg",
        "http://localhost/a.jpg",
        "ftp://static.zaobao.com/a.jpg",
        "file:///etc/passwd",
        LINKS[ONE],
    ],
)
def test_what_may_not(address):
    assert not pictures.is_on_site(address, frozenset({"127.0.0.1:8000", ""}))


@pytest.mark.parametrize(
    ("address", "place"),
    [
        (ONE, "http://store:1/s3fs-public/2026-01/one.jpg?itok=1"),
        ("http://static.zaobao.com//x/a.jpg", "http://store:1//x/a.jpg"),
        ("https://www.zaobao.com/a.jpg#b", "http://site:2/a.jpg"),
        (HASHED, HASHED),
        ("https://www.zaobao.com.sg/a.jpg", "https://www.zaobao.com.sg/a.jpg"),
    ],
)
def test_where_a_picture_is_asked_for(address, place):
    assert pictures.request_address(address, "http://site:2", "http://store:1") == place


# -- the pipeline --------------------------------------------------------------------------------


class Network:
    """Stands for Scrapy's engine: answers with pictures, or as it is told."""

    def __init__(self):
        self.asked = []
        self.answers = {}

    async def download_async(self, request):
        self.asked.append(request)
        answer = self.answers.get(request.url, DATA.get(request.url, 404))
        if isinstance(answer, Exception):
            raise answer
        status, body = (answer, b"") if isinstance(answer, int) else (200, answer)
        return Response(request.url, status=status, body=body, request=request)


class Run:
    """A run with the last two pipelines."""

    def __init__(self, folder, **settings):
        given = {"ARCHIVE_DIR": str(folder), "PICTURE_SITE": "https://static.zaobao.com", "KEEP_PICTURES": True}
        self.crawler = get_crawler(settings_dict={**given, **settings})
        self.crawler.spider = SimpleNamespace(
            own_hosts=frozenset(), site="https://www.zaobao.com", journals=False, owes=False
        )
        self.crawler.engine = self.network = Network()
        self.told = []
        for signal in (run_note, run_problem):
            self.crawler.signals.connect(self._tell, signal=signal)
        self.keep = KeepPicturesPipeline.from_crawler(self.crawler)
        self.write = WritePostPipeline.from_crawler(self.crawler)

    def _tell(self, where, what):
        self.told.append(f"{where}: {what}")

    def take(self, item):
        """Send a story through; gives the addresses that were asked for."""
        before = len(self.network.asked)
        self.write.process_item(asyncio.run(self.keep.process_item(item)))
        return [request.url for request in self.network.asked[before:]]

    def count(self, what):
        return self.crawler.stats.get_value(f"zbcrawler/pictures/{what}", 0)


def figure(address, caption="图说"):
    return pictures.with_sources(
        [f'<figure><img src="x" alt=""><figcaption>{caption}</figcaption></figure>'], {"x": address}
    )[0]


def story(*sources, address=ADDRESS, **fields):
    given = {"title": "标题", "published": MOMENT, "date": MOMENT, "edition": "react"}
    body = [*map(figure, sources), "<p>字一二三四</p>"]
    given |= {"body": body, **fields}
    return Story(address, half=HALF_OF.get(given["edition"], ""), **given)


def links_of(folder, address=ADDRESS):
    archive = Archive(folder)
    return pictures.sources(archive.read(archive.find(address)).body)


def test_kept_linked_noted_and_not_asked_for_again(tmp_path):
    run = Run(tmp_path)
    assert run.take(story(ONE, TWO)) == [ONE, TWO]
    assert links_of(tmp_path) == [LINKS[ONE], LINKS[TWO]]
    before = tree(tmp_path)
    note = json.loads(before["_data/pictures/1154260.json"])
    assert note["address"] == ADDRESS.url
    assert note["pictures"] == {one: pictures.file_of(data) for one, data in DATA.items()}
    assert {before[file] for file in note["pictures"].values()} == set(DATA.values())
    again = Run(tmp_path)
    assert again.take(story(f"{STORE}/styles/large/public/2026-01/one.jpg?itok=2", TWO)) == []
    assert tree(tmp_path) == before
    assert (run.count("kept"), run.count("known"), run.count("failed")) == (2, 0, 0)
    assert (again.count("kept"), again.count("known"), again.count("failed")) == (0, 2, 0)


def test_what_is_sent(tmp_path):
    run = Run(tmp_path, PICTURE_MAXSIZE=1000)
    run.take(story(ONE))
    (request,) = run.network.asked
    assert request.headers["Referer"] == b"https://www.zaobao.com/"
    assert request.meta["download_maxsize"] == 1000
    assert request.meta["allow_offsite"]
    assert request.meta["dont_redirect"]
    assert "dont_obey_robotstxt" not in request.meta


def test_off_it_asks_for_nothing_and_leaves_no_folder(tmp_path):
    run = Run(tmp_path / "archive", KEEP_PICTURES=False)
    assert not (tmp_path / "archive").exists()
    assert run.take(story(ONE)) == []
    assert links_of(tmp_path / "archive") == [ONE]
    assert {path.partition("/")[0] for path in tree(tmp_path / "archive")} == {"_posts"}


def test_turned_off_later_the_links_stay(tmp_path):
    Run(tmp_path).take(story(ONE))
    before = tree(tmp_path)
    off = Run(tmp_path, KEEP_PICTURES=False)
    assert off.take(story(ONE)) == []
    assert tree(tmp_path) == before
    assert off.take(story(ONE, TWO, title="新标题")) == []
    assert links_of(tmp_path) == [LINKS[ONE], TWO]


def test_turned_on_later_what_is_fetched_again_is_kept(tmp_path):
    Run(tmp_path, KEEP_PICTURES=False).take(story(ONE))
    assert Run(tmp_path).take(story(ONE)) == [ONE]
    assert links_of(tmp_path) == [LINKS[ONE]]
    assert Run(tmp_path).take(story(ONE)) == []


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (404, "answered 404"),
        (301, "answered 301"),
        (206, "answered 206"),
        (b"<html>", "is not a picture of a format that is kept"),
        (b"", "is not a picture of a format that is kept"),
        (ValueError("broken"), "no answer: broken"),
        (ValueError(), "no answer: ValueError"),
    ],
)
def test_a_failed_picture_stays_linked_and_is_tried_again(tmp_path, answer, reason, caplog):
    run = Run(tmp_path)
    run.network.answers[ONE] = answer
    run.take(story(ONE, TWO))
    run.keep.close_spider()
    assert links_of(tmp_path) == [ONE, LINKS[TWO]]
    assert run.told == [f"pictures: 1 could not be kept and stay linked, the first: {ONE}: {reason}"]
    assert (run.count("kept"), run.count("failed")) == (1, 1)
    assert not [record for record in caplog.records if record.levelname in ("WARNING", "ERROR", "CRITICAL")]
    again = Run(tmp_path)
    assert again.take(story(ONE, TWO)) == [ONE]
    assert links_of(tmp_path) == [LINKS[ONE], LINKS[TWO]]
    assert Run(tmp_path).take(story(ONE, TWO)) == []


def test_a_picture_that_fails_for_good_rewrites_nothing(tmp_path):
    for attempt in range(2):
        run = Run(tmp_path)
        run.network.answers[ONE] = 404
        assert run.take(story(ONE)) == [ONE]
        if attempt == 0:
            before = tree(tmp_path)
    assert tree(tmp_path) == before


def test_two_stories_with_a_picture_that_fails_ask_once_and_both_are_counted(tmp_path):
    run = Run(tmp_path)
    run.network.answers[ONE] = 404
    other = StoryAddress.parse("/realtime/china/story20260131-99")
    assert run.take(story(ONE)) == [ONE]
    assert run.take(story(ONE, address=other)) == []
    run.keep.close_spider()
    assert run.told == [f"pictures: 2 could not be kept and stay linked, the first: {ONE}: answered 404"]


def test_a_host_that_does_not_answer_is_not_waited_for_all_day(tmp_path):
    run = Run(tmp_path)
    addresses = [f"{STORE}/{number}.jpg" for number in range(5)]
    run.network.answers = dict.fromkeys(addresses, TimeoutError("took too long")) | {addresses[1]: 404}
    asked = []
    for number, address in enumerate([*addresses, ONE, TWO], 1):
        asked += run.take(story(address, address=StoryAddress.parse(f"/realtime/china/story20260131-{number}")))
    assert asked == addresses
    assert run.keep.failures[-1] == f"{TWO}: not requested: static.zaobao.com does not answer"
    assert run.count("failed") == 7
    assert Run(tmp_path).take(story(ONE)) == [ONE]


def test_the_same_picture_of_two_stories_is_one_file(tmp_path):
    run = Run(tmp_path)
    other = StoryAddress.parse("/realtime/china/story20260131-99")
    run.network.answers[HASHED] = DATA[ONE]
    run.take(story(ONE))
    run.take(story(HASHED, address=other))
    assert links_of(tmp_path) == links_of(tmp_path, other) == [LINKS[ONE]]
    assert len([path for path in tree(tmp_path) if path.startswith("pictures/")]) == 1
    assert len([path for path in tree(tmp_path) if path.startswith("_data/pictures/")]) == 2


def test_other_hosts_stay_linked_and_are_not_asked(tmp_path):
    run = Run(tmp_path)
    foreign = ["https://example.org/a.jpg", "http://169.254.169.254/a.jpg"]
    assert run.take(story(*foreign)) == []
    assert links_of(tmp_path) == foreign
    assert (run.count("failed"), run.told) == (0, [])


def test_another_picture_takes_its_place_and_the_old_one_is_not_forgotten(tmp_path):
    Run(tmp_path).take(story(ONE))
    assert Run(tmp_path).take(story(TWO)) == [TWO]
    assert links_of(tmp_path) == [LINKS[TWO]]
    assert set(json.loads(tree(tmp_path)["_data/pictures/1154260.json"])["pictures"]) == {ONE, TWO}
    assert Run(tmp_path).take(story(ONE)) == []
    assert links_of(tmp_path) == [LINKS[ONE]]


def test_another_edition_with_other_addresses_rewrites_nothing(tmp_path):
    Run(tmp_path).take(story(ONE, edition="drupal"))
    before = tree(tmp_path)
    assert Run(tmp_path).take(story(HASHED)) == []
    assert tree(tmp_path) == before


def test_another_site_whose_version_is_not_written_costs_nothing(tmp_path):
    Run(tmp_path).take(story(ONE))
    before = tree(tmp_path)
    assert Run(tmp_path).take(story("https://dss0.zbstatic5.com/image/x.jpg", edition="astro", title="另一标题")) == []
    assert tree(tmp_path) == before


@pytest.mark.parametrize("truncated", [True, False])
def test_a_cut_version_costs_nothing(tmp_path, truncated):
    Run(tmp_path).take(story(ONE, body=[figure(ONE), "<p>字一二三四五六七八九十</p>"]))
    before = tree(tmp_path)
    run = Run(tmp_path)
    fields = {"truncated": True} if truncated else {"body": [figure(TWO), "<p>别的</p>"]}
    assert run.take(story(TWO, **fields)) == []
    assert run.network.asked == []
    assert tree(tmp_path) == before


def test_a_new_headline_over_a_cut_text_keeps_the_pictures_that_are_there(tmp_path):
    Run(tmp_path).take(story(ONE, body=[figure(ONE), "<p>字一二三四五六七八九十</p>"]))
    assert Run(tmp_path).take(story(TWO, truncated=True, title="新标题")) == []
    assert links_of(tmp_path) == [LINKS[ONE]]


def test_an_imported_story_asks_for_nothing_and_keeps_what_is_known(tmp_path):
    Run(tmp_path).take(story(ONE))
    before = tree(tmp_path)
    assert Run(tmp_path).take(story(ONE, imported=True, edition="")) == []
    assert tree(tmp_path) == before
    other = StoryAddress.parse("/realtime/china/story20260131-99")
    assert Run(tmp_path).take(story(TWO, imported=True, edition="", address=other)) == []
    assert links_of(tmp_path, other) == [TWO]


def test_a_file_that_someone_took_away_is_fetched_again_or_linked_on_the_site(tmp_path):
    Run(tmp_path).take(story(ONE))
    before = tree(tmp_path)
    (tmp_path / pictures.file_of(DATA[ONE])).unlink()
    assert Run(tmp_path).take(story(ONE)) == [ONE]
    assert tree(tmp_path) == before
    (tmp_path / pictures.file_of(DATA[ONE])).unlink()
    assert Run(tmp_path, KEEP_PICTURES=False).take(story(ONE)) == []
    assert links_of(tmp_path) == [ONE]


def test_a_dry_run_writes_nothing(tmp_path):
    run = Run(tmp_path / "archive", DRY_RUN=True)
    run.take(story(ONE))
    assert run.count("kept") == 1
    assert not (tmp_path / "archive").exists()


def test_a_disk_that_takes_no_picture_needs_a_person(tmp_path):
    (tmp_path / "pictures").write_text("in the way")
    run = Run(tmp_path)
    run.take(story(ONE))
    assert links_of(tmp_path) == [ONE]
    assert len(run.told) == 1
    assert run.told[0].startswith(f"pictures: {ONE}: could not be written: ")
    assert str(tmp_path / "pictures") in run.told[0]


def test_a_note_that_someone_broke_is_not_overwritten(tmp_path):
    Run(tmp_path).take(story(ONE))
    note = tmp_path / "_data" / "pictures" / "1154260.json"
    note.write_text("<<<<<<< HEAD")
    with pytest.raises(DropItem, match="not a note of zbcrawler"):
        Run(tmp_path).take(story(ONE))
    assert note.read_text() == "<<<<<<< HEAD"


def test_an_archive_whose_name_looks_like_a_scheme(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Run("s3:archive").take(story(ONE))
    assert links_of(tmp_path / "s3:archive") == [LINKS[ONE]]


@pytest.mark.parametrize("text", ["", "static.zaobao.com", "https://static.zaobao.com/x"])
def test_a_wrong_place_for_pictures_is_said(tmp_path, text):
    with pytest.raises(ArgumentError, match="PICTURE_SITE="):
        Run(tmp_path, PICTURE_SITE=text)

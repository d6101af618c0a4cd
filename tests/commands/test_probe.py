"""``scrapy probe``, as a person who follows a redesign uses it."""

from __future__ import annotations

import json
import re
import shutil

import pytest
from support.crawling import MOMENT, PROJECT, scrapy
from support.pages import FIXTURES

from zbcrawler.replica.server import Replica
from zbcrawler.tools import saved_pages

GALLERY = FIXTURES / "drupal" / "gallery-of-two.html"


@pytest.mark.quick
def test_a_saved_story_is_told_field_by_field():
    run = scrapy("probe", GALLERY)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "edition    drupal (C), served 2020-07 to 2024-06-11    <- .article-content-rawhtml" in run.stdout
    assert '<- script[type="application/json"] articleDetails.created' in run.stdout
    assert "dropped    advert: section#imu" in run.stdout
    assert run.stdout.rstrip().endswith(GALLERY.with_suffix(".md").read_text("utf-8").rstrip())
    assert run.stderr == ""


@pytest.mark.parametrize("edition", ["react", "drupal"])
def test_live_pages(newsroom, edition):
    story = newsroom.listed("china")[0]
    with Replica(newsroom, edition) as replica:
        clock = ("-s", f"CLOCK={MOMENT.isoformat()}")
        page = scrapy("probe", replica.url + story.path, *clock)
        listing = scrapy("probe", replica.url + "/realtime/china", *clock)
        missing = scrapy("probe", replica.url + "/realtime/china/story20260131-1", *clock)
    assert page.returncode == 0, page.stdout + page.stderr
    assert story.expected_title in page.stdout
    assert page.stdout.rstrip().endswith("</div>")
    assert listing.returncode == 0, listing.stdout + listing.stderr
    assert "listing    24 entries" in listing.stdout
    assert story.path in listing.stdout
    assert missing.returncode == 1
    assert "answered 404" in missing.stdout


def test_an_unknown_page_says_what_it_resembles_and_what_it_lacks(tmp_path):
    page = GALLERY.read_text("utf-8").replace("article-content-rawhtml", "zb-prose").replace("<h1>", "<h2>")
    saved = tmp_path / "redesigned.html"
    saved.write_text(page.replace("articleDetails", "storyDetails"), "utf-8")
    run = scrapy("probe", saved)
    assert run.returncode == 1
    assert "resembles  most drupal (C)" in run.stdout
    assert "lacks      .article-content-rawhtml" in run.stdout
    assert "failed: https://www.zaobao.com.sg/realtime/china/story20210610-1154328: no known edition" in run.stdout


def test_a_landmark_that_moved_is_named(tmp_path):
    saved = tmp_path / "moved.html"
    saved.write_text(
        '<link rel="canonical" href="https://www.zaobao.com/realtime/china/story20260131-5"><div class="card-listing"><div class="card"></div></div>',
        "utf-8",
    )
    run = scrapy("probe", saved)
    assert run.returncode == 1
    assert "the react edition should have" in run.stdout
    assert "story20260131-5" in run.stdout


def test_a_saved_page_that_does_not_tell_where_it_was(tmp_path):
    saved = tmp_path / "nowhere.html"
    page = GALLERY.read_text("utf-8").partition("\n")[2]
    saved.write_text(re.sub(r'<link rel="(?:canonical|alternate)".*?>|<meta property="og:url".*?>', "", page), "utf-8")
    run = scrapy("probe", saved, "--save", "nowhere")
    assert run.returncode == 1
    assert "give --address URL" in run.stdout
    address = "https://www.zaobao.com/realtime/china/story20210610-1154328"
    assert scrapy("probe", saved, "--address", address).returncode == 0


def test_a_page_of_a_build_that_was_given_up_before():
    run = scrapy("probe", GALLERY, "--address", "https://www.zaobao.com/realtime/china/story20260131-5")
    assert "the address is of 2026-01-31, when this edition was no longer served" in run.stdout
    assert "no longer served" not in scrapy("probe", GALLERY).stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "name one page"),
        (("/no/such/file",), "neither an address"),
        ((GALLERY, "--save", "No Name"), "--save No Name"),
        ((GALLERY, "--address", "nonsense"), "--address nonsense"),
        ((GALLERY, "--save", "a", "b"), "name one page"),
    ],
)
def test_wrong_usage(words, said):
    run = scrapy("probe", *words)
    assert run.returncode == 2
    assert said in run.stderr
    assert run.stdout == ""


def test_saving_makes_the_pair_that_the_tests_read(newsroom, tmp_path):
    # Run in a copy of the project, so that the checkout does not change.
    for name in ("zbcrawler", "scrapy.cfg"):
        source = PROJECT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    story = newsroom.listed("china")[0]
    with Replica(newsroom, "react") as replica:
        clock = ("-s", f"CLOCK={MOMENT.isoformat()}")
        page = scrapy("probe", replica.url + story.path, "--save", "one", *clock, cwd=tmp_path)
        again = scrapy("probe", replica.url + story.path, "--save", "one", *clock, cwd=tmp_path)
        listing = scrapy("probe", replica.url + "/realtime/china", "--save", "first-page", *clock, cwd=tmp_path)
    assert page.returncode == 0, page.stdout + page.stderr
    pair = tmp_path / "tests" / "fixtures" / "react" / "one.html"
    assert pair.read_text("utf-8").startswith(f"<!-- https://www.zaobao.com{story.path} 2026-01-31T")
    assert pair.with_suffix(".md").read_text("utf-8") in page.stdout + "\n"
    assert again.returncode == 2
    assert "exists already" in again.stderr
    assert listing.returncode == 0
    entries = json.loads((tmp_path / "tests" / "listings" / "react" / "first-page.json").read_text("utf-8"))["entries"]
    assert next(row[1] for row in entries if "/story" in row[1]) == story.path


def test_fixtures_lie_beside_the_tests():
    assert saved_pages.TESTS == PROJECT / "tests"

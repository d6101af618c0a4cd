"""All builds at once, and a build that changes while it is served."""

import json

import pytest

from zbcrawler.replica import Replica
from zbcrawler.replica.site import Site

from .reading import BODY, BUILDS, tree

LISTING_MARK = {"mainland": "#more-container", "drupal7": ".post-detail", "react": ".card-listing"}


@pytest.fixture
def site(newsroom):
    return Site(newsroom, "mixed")


def test_every_build_has_its_part_of_the_stories(site, newsroom):
    parts = {build: [one for one in newsroom.expected() if site.edition_of(one) == build] for build in BUILDS}
    assert all(len(part) > 40 for part in parts.values())
    for build, part in parts.items():
        for story in part[:10]:
            page = tree(site, story.path)
            assert page.cssselect(BODY[build])
            assert page.findtext(".//h1") == story.title_in(build)
            assert site.answer(story.path).body == Site(newsroom, build).answer(story.path).body


def test_every_section_is_listed_in_a_build_of_its_own(site, newsroom):
    builds = [site.listing_edition_of(section) for section in newsroom.sections]
    assert builds == ["mainland", "drupal7", "react"]
    for section, build in zip(newsroom.sections, builds, strict=True):
        assert tree(site, f"/realtime/{section}").cssselect(LISTING_MARK[build])
    assert site.answer("/more/sitemap/3?pageNo=3&pageSize=9").status == 200
    assert site.answer("/more/sitemap/5?pageNo=3&pageSize=9").status == 404
    assert site.answer("/_plat/api/v2/page-content/realtime/singapore?page=1").status == 200
    assert site.answer("/_plat/api/v2/page-content/realtime/china?page=1").status == 404
    assert set(site.expected()) == set(newsroom.expected())


def test_a_single_build_is_every_storys(newsroom):
    site = Site(newsroom, "astro")
    assert {site.edition_of(story) for story in newsroom.expected()} == {"astro"}


def test_a_running_replica_can_change_its_build(newsroom):
    story = newsroom.listed("china")[0]
    with Replica(newsroom, "drupal") as replica:
        before = replica.answer(story.path)[0].body
        replica.edition = "react"
        assert replica.edition == replica.edition_of(story) == "react"
        assert b"articleBody" in replica.answer(story.path)[0].body != before
        assert b"card-listing" in replica.answer("/realtime/china")[0].body
        rows = json.loads(replica.answer("/_plat/api/v2/page-content/realtime/china?page=1")[0].body)
        assert rows["response"]["articles"]
        replica.edition = "drupal"
        assert replica.answer(story.path)[0].body == before
        with pytest.raises(ValueError, match="drupal, react"):
            replica.edition = "gopher"
        assert replica.expected() == replica.expected() != []

"""All editions at once, and a change of edition while the replica runs."""

import json

import pytest

from zbcrawler.replica import Replica
from zbcrawler.replica.site import Site

from .reading import BODY, EDITIONS, squeezed, tree

LISTING_MARK = {"mainland": "#more-container", "drupal7": ".post-detail", "react": ".card-listing"}


@pytest.fixture
def site(newsroom):
    return Site(newsroom, "mixed")


def test_every_build_has_its_part_of_the_stories(site, newsroom):
    parts = {edition: [one for one in newsroom.expected() if site.edition_of(one) == edition] for edition in EDITIONS}
    assert all(len(part) > 40 for part in parts.values())
    for edition, part in parts.items():
        for story in part[:10]:
            page = tree(site, story.path)
            assert page.cssselect(BODY[edition])
            assert squeezed(page.findtext(".//h1")) == squeezed(story.title_in(edition))
            assert site.answer(story.path).body == Site(newsroom, edition).answer(story.path).body


def test_every_section_is_listed_in_a_build_of_its_own(site, newsroom):
    editions = [site.listing_edition_of(section) for section in newsroom.sections]
    assert editions == ["mainland", "drupal7", "react"]
    for section, edition in zip(newsroom.sections, editions, strict=True):
        assert tree(site, f"/realtime/{section}").cssselect(LISTING_MARK[edition])
    assert site.answer("/more/sitemap/3?pageNo=3&pageSize=9").status == 200
    assert site.answer("/more/sitemap/5?pageNo=3&pageSize=9").status == 404
    assert site.answer("/_plat/api/v2/page-content/realtime/singapore?page=1").status == 200
    assert site.answer("/_plat/api/v2/page-content/realtime/china?page=1").status == 404
    assert set(site.expected()) == set(newsroom.expected())


def test_a_single_build_is_every_storys(newsroom):
    site = Site(newsroom, "astro")
    assert {site.edition_of(story) for story in newsroom.expected()} == {"astro"}


def test_a_running_replica_can_change_its_edition(newsroom):
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

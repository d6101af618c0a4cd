"""The two hosts, for clients of several countries (site-layouts 1.4)."""

import http.client
from urllib.parse import urlsplit

import pytest
from support.crawling import PATIENCE

from zbcrawler.replica import Domains, Replica

LISTING = "/realtime/china"


def get(replica, target=LISTING):
    connection = http.client.HTTPConnection(urlsplit(replica.url).netloc, timeout=PATIENCE)
    try:
        connection.request("GET", target)
        answer = connection.getresponse()
        return answer.status, answer.headers.get("Location"), answer.read()
    finally:
        connection.close()


def test_a_foreign_client_gets_to_the_same_path_of_the_other_host(newsroom):
    with Domains(newsroom, country="SG") as domains:
        status, location, _ = get(domains.com, LISTING + "?page=1")
        assert (status, location) == (301, f"{domains.sg.url}{LISTING}?page=1")
        assert b"card-listing" in get(domains.sg)[2]
        assert domains.com.url != domains.sg.url


@pytest.mark.parametrize("country", ["CN", "HK", "hk"])
def test_inside_the_mainland_host_serves_its_own_edition(newsroom, country):
    with Domains(newsroom, singapore="drupal", mainland="mainland", country=country) as domains:
        assert b"list-block" in get(domains.com)[2]
        assert b"article-type-link" in get(domains.sg)[2]
        story = newsroom.cases["two_headlines"]
        assert story.mainland_title.encode() in get(domains.com, story.path)[2]
        assert story.mainland_title.encode() not in get(domains.sg, story.path)[2]


def test_a_client_can_travel(newsroom):
    with Domains(newsroom, mainland="astro") as domains:
        assert (domains.country, get(domains.com)[0]) == ("SG", 301)
        domains.country = "CN"
        assert get(domains.com)[0] == 200
        domains.country = "JP"
        assert get(domains.com)[0] == 301
        assert [status for _, _, status in domains.com.requests] == [301, 200, 301]


def test_the_country_can_be_set_before_the_start_and_a_start_can_fail(newsroom):
    domains = Domains(newsroom)
    domains.country = "CN"
    with domains:
        assert get(domains.com)[0] == 200
    with Replica(newsroom) as other:
        taken = urlsplit(other.url).port
        failing = Domains(newsroom, ports=(taken, 0))
        with pytest.raises(OSError, match="in use"):
            failing.start()
        with pytest.raises(RuntimeError):
            _ = failing.sg.url


def test_unknown_editions_are_refused(newsroom):
    with pytest.raises(ValueError, match="drupal, react"):
        Domains(newsroom, mainland="gopher")

"""Answers that lead a run away from the site: no request follows, and a foreign host never becomes the site's own."""

from __future__ import annotations

from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from scrapy import Request
from support.crawling import crawl, hosts_of, tree
from support.parts import crawl_in

from zbcrawler.common.errors import LeavesTheSiteError
from zbcrawler.downloading.middlewares import StayOnSiteMiddleware
from zbcrawler.replica.faults import Fault
from zbcrawler.replica.server import Replica

SITE = "https://www.zaobao.com"


def posts_in(folder):
    return [name for name in tree(folder) if name.startswith("_posts/")]


def leads_to(there, path):
    return {"Location": there.url + path}


@pytest.fixture
def foreign(newsroom):
    """Serve a copy of the site at an address that is not the site's."""
    with Replica(newsroom, "react") as replica:
        yield replica


def test_a_listing_that_redirects_elsewhere_is_a_problem_and_is_not_followed(newsroom, archive, foreign):
    with Replica(newsroom, redirect_to=foreign.url) as replica:
        replica.faults.add(Fault(pattern="robots", body=b""))
        run = crawl("realtime", replica.url, archive, newsroom)
        assert run.returncode == 1
        china = "/realtime/china"
        line = f"section china: {replica.url}{china}: redirects to {foreign.url}{china}, which is not on the site"
        assert f"failed: {line}; if its host belongs to the site, add it to SITE_HOSTS" in run.stdout
        assert foreign.requests == []
        assert posts_in(archive) == []


def test_one_listing_that_redirects_elsewhere_does_not_take_the_others_along(newsroom, archive, foreign):
    with Replica(newsroom, "react") as replica:
        fault = Fault(pattern="^/realtime/china$", status=302, headers=leads_to(foreign, "/realtime/china"))
        replica.faults.add(fault)
        run = crawl("realtime", replica.url, archive, newsroom)
        assert (run.returncode, foreign.requests) == (1, [])
        assert run.stdout.count("\nfailed: ") == 1
        assert posts_in(archive)


def test_further_pages_of_a_listing_are_not_read_elsewhere(newsroom, archive, foreign):
    with Replica(newsroom, "react") as replica:
        headers = leads_to(foreign, "/_plat/api/v2/page-content/realtime/china?page=1")
        replica.faults.add(Fault(pattern=r"page-content/realtime/china\?page=1", status=302, headers=headers))
        run = crawl("realtime", replica.url, archive, newsroom)
        assert (run.returncode, foreign.requests) == (1, [])
        assert "which is not on the site" in run.stdout


@pytest.mark.parametrize("path", ["/sitemap.xml", "/sitemaps/sitemap-202601.xml"])
def test_sitemaps_are_not_read_elsewhere(newsroom, archive, foreign, path):
    with Replica(newsroom, "react") as replica:
        replica.faults.add(Fault(pattern=f"^{path}$", status=302, headers=leads_to(foreign, path)))
        run = crawl("backfill", replica.url, archive, newsroom, since="2026-01", until="2026-01")
        assert (run.returncode, foreign.requests) == (1, [])
        assert f"sitemaps: {replica.url}{path}: redirects to {foreign.url}{path}, which is not on" in run.stdout


@pytest.mark.parametrize("path", ["/robots.txt", "/login"])
def test_rules_for_robots_that_lie_elsewhere_allow_nothing(newsroom, archive, foreign, path):
    with Replica(newsroom, "react") as replica:
        replica.faults.add(Fault(pattern="^/robots.txt$", status=301, headers=leads_to(foreign, path)))
        run = crawl("realtime", replica.url, archive, newsroom)
        asked = [target for _, target, _ in replica.requests]
        assert (run.returncode, foreign.requests) == (1, [])
        assert f"failed: robots.txt: {replica.url}/robots.txt: redirects to {foreign.url}{path}, which is" in run.stdout
        assert asked == ["/robots.txt"]


def test_a_single_story_does_not_lead_elsewhere(newsroom, archive, foreign):
    one, two = newsroom.listed("world")[5:7]
    with Replica(newsroom, "react") as replica:
        replica.faults.add(Fault(pattern=one.number, status=302, headers=leads_to(foreign, one.path)))
        run = crawl("story", replica.url, archive, newsroom, url=f"{one.url},{two.url}")
        assert [target for _, target, _ in replica.requests if two.number in target]
        assert foreign.requests == []
        assert "1 new" in run.stdout
        assert "1 owed" in run.stdout


def test_a_host_that_a_setting_names_belongs_to_the_site(newsroom, archive, foreign):
    with Replica(newsroom, redirect_to=foreign.url) as replica:
        run = crawl("realtime", replica.url, archive, newsroom, settings=hosts_of(foreign))
        assert len(replica.requests) == 2
        assert run.returncode == 0, run.stdout
        assert posts_in(archive)


def test_a_wrong_setting_is_refused_before_anything_is_asked(newsroom, archive):
    settings = {"SITE_HOSTS": "http://mirror.example/"}
    run = crawl("realtime", "http://127.0.0.1:9", archive, newsroom, settings=settings)
    assert run.returncode == 2
    assert "SITE_HOSTS=http://mirror.example/: write hosts between commas" in run.stderr


def middleware(site=SITE, **settings):
    crawl_context, _ = crawl_in("archive", SITE_URL=site, **settings)
    part = StayOnSiteMiddleware.__new__(StayOnSiteMiddleware)
    part.crawler = SimpleNamespace(spider=SimpleNamespace(own_hosts=crawl_context.site.hosts))
    part.allowed = set()
    return part


OWN = [
    f"{SITE}/realtime/china",
    "http://zaobao.com/x",
    "https://www.zaobao.com.sg/x",
    "HTTPS://WWW.ZAOBAO.COM.SG/x",
]
FOREIGN = [
    "http://evil.example/realtime/china",
    "https://www.zaobao.com@evil.example/",
    "https://evil.example@www.zaobao.com/",
    "https://www.zaobao.com:8080/",
    "https://www.zaobao.com./",
    "https://www.zaobao.com.evil.example/",
    "https://evilzaobao.com/",
    "https://www.zaoba\N{CYRILLIC SMALL LETTER O}.com/",
    "http://127.0.0.1/",
    "http://[::1]/",
    "http://169.254.169.254/latest/meta-data/",
    "https://evil.example\\@www.zaobao.com/",
    "https://interactive.zaobao.com/x",
]


@pytest.mark.parametrize("address", OWN)
def test_the_newspapers_hosts_are_the_site(address):
    assert middleware().process_request(Request(address)) is None


@pytest.mark.parametrize("address", FOREIGN)
def test_other_hosts_are_not_the_site_however_they_are_written(address):
    request = Request(address, meta={"redirect_urls": [f"{SITE}/realtime/china"]})
    with pytest.raises(LeavesTheSiteError, match="china: redirects to"):
        middleware().process_request(request)


def test_another_port_of_this_machine_is_another_host():
    part = middleware("http://127.0.0.1:8000", SITE_HOSTS="127.0.0.1:8001")
    for port in (8000, 8001):
        part.process_request(Request(f"http://127.0.0.1:{port}/"))
    for wrong in ("http://127.0.0.1:8002/", "http://127.0.0.1/", "http://localhost:8000/"):
        with pytest.raises(LeavesTheSiteError):
            part.process_request(Request(wrong))


def test_a_web_archive_does_not_lead_elsewhere_either():
    part, meta = middleware(), {"allow_offsite": True, "dont_obey_robotstxt": True}
    first = "https://web.archive.org/web/20260131000000id_/https://www.zaobao.com/x"
    part.process_request(Request(first, meta=meta))
    part.process_request(Request(f"{first}?again", meta=meta | {"redirect_urls": [first]}))
    with pytest.raises(LeavesTheSiteError):
        part.process_request(Request("http://10.0.0.1/", meta=meta | {"redirect_urls": [first]}))


def test_a_run_stays_only_on_the_sites_hosts_and_never_gives_up_https():
    site = crawl_in("archive", SITE_URL=SITE)[0].site
    for where in ("https://evil.example", "http://www.zaobao.com.sg"):
        site.learn(SimpleNamespace(url=f"{where}/realtime/china", meta={}))
        assert site.url == SITE
    site.learn(SimpleNamespace(url="https://www.zaobao.com.sg/realtime/china", meta={}))
    assert urlsplit(site.url).netloc == "www.zaobao.com.sg"
    assert "evil.example" not in site.hosts

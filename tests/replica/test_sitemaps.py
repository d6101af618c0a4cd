"""The sitemaps (site-layouts 11)."""

import re
from datetime import datetime

from lxml import etree

NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
HOST = "https://www.zaobao.com.sg"


def read(get, path):
    status, headers, body = get(path)
    assert (status, headers["Content-Type"]) == (200, "application/xml")
    return etree.fromstring(body)


def test_the_index_names_months_of_which_one_is_not_there(replica, get):
    months = read(get, "/sitemap.xml").xpath("s:sitemap/s:loc/text()", namespaces=NAMES)
    assert all(re.fullmatch(HOST + r"/sitemaps/sitemap-\d{6}\.xml", month) for month in months)
    statuses = [get(month.removeprefix(HOST))[0] for month in months]
    assert statuses == [404] + [200] * (len(months) - 1)
    assert statuses.count(200) >= 2
    assert get("/sitemaps/sitemap-201512.xml")[0] == 404


def test_the_months_hold_every_story_and_one_of_the_future(replica, get, newsroom, clock):
    entries = {}
    for month in read(get, "/sitemap.xml").xpath("s:sitemap/s:loc/text()", namespaces=NAMES)[1:]:
        for url in read(get, month.removeprefix(HOST)).xpath("s:url", namespaces=NAMES):
            address = url.findtext("s:loc", namespaces=NAMES)
            entries[address.removeprefix(HOST)] = (month[-10:-4], url.findtext("s:lastmod", namespaces=NAMES))
    for story in [*newsroom.expected(), *newsroom.decoys]:
        assert entries[story.path] == (f"{story.published:%Y%m}", story.published.isoformat())
    trees = {path.split("/")[1] for path in entries}
    assert trees >= {"realtime", "news", "entertainment", "forum"}
    future = [path for path, (_, at) in entries.items() if at and datetime.fromisoformat(at) > clock.now()]
    assert len(future) == 1
    assert entries["/about-us"][1] is None
    assert get(future[0])[0] == 200
    assert newsroom.find(future[0]) not in newsroom.expected()

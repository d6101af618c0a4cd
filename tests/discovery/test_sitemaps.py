"""Reading sitemaps: both forms, packed or not, damaged, and what is none."""

import gzip
from datetime import date, datetime

import pytest
from scrapy.http import Response

from zbcrawler.common.errors import PageError
from zbcrawler.common.times import SINGAPORE
from zbcrawler.discovery.by_sitemaps import month_of, read_sitemap

ADDRESS = "https://www.zaobao.com.sg/sitemaps/sitemap-202502.xml"
STORY = "https://www.zaobao.com.sg/realtime/china/story20250222-5915622"
ENTRY = f"<url><loc>{STORY}</loc><lastmod>2025-02-22T11:07:00+08:00</lastmod></url>"
OPENING = '<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
AT = datetime(2025, 2, 22, 11, 7, tzinfo=SINGAPORE)


def read(body, url=ADDRESS):
    return read_sitemap(Response(url, body=body if isinstance(body, bytes) else body.encode()))


@pytest.mark.parametrize(
    "entry",
    [
        ENTRY,
        ENTRY.replace(STORY, f"<![CDATA[{STORY}]]>"),
        ENTRY.replace(STORY, f"\n  {STORY}\n"),
        ENTRY.replace("<lastmod>", '<image:image xmlns:image="i"><image:loc>x</image:loc></image:image><lastmod>'),
        f"<!-- one -->{ENTRY}",
    ],
    ids=["plain", "CDATA", "white space", "a picture", "a comment"],
)
def test_an_entry_is_its_address_and_when_it_was_changed(entry):
    assert read(f"{OPENING}{entry}</urlset>").entries == [(STORY, AT)]


def test_without_a_namespace_or_a_time_it_is_read_as_well():
    sitemap = read(f"<urlset><url><loc>{STORY}</loc></url><url><loc></loc></url><url/></urlset>")
    assert (sitemap.is_index, sitemap.entries, sitemap.damage) == (False, [(STORY, None)], "")


def test_an_index_and_what_is_packed():
    body = f"<sitemapindex><sitemap><loc>{ADDRESS}.gz</loc></sitemap></sitemapindex>"
    for data in (body.encode(), gzip.compress(body.encode())):
        assert read(data).is_index
        assert read(data).entries == [(f"{ADDRESS}.gz", None)]


@pytest.mark.parametrize("packed", [False, True])
def test_what_ends_too_early_is_read_as_far_as_it_goes_and_told(packed):
    entries = "".join(ENTRY.replace("5915622", str(5915622 + n)) for n in range(200))
    whole = (OPENING + entries).encode()
    for cut in (20, 30, 60, 70, 90):
        sitemap = read(gzip.compress(whole)[:-cut] if packed else whole[:-cut])
        assert "line" in sitemap.damage
        assert len(sitemap.entries) in range(10 if packed else 190, 200)
        # Half an address would be another story's.
        assert all(len(entry[0]) == len(STORY) for entry in sitemap.entries)


def test_a_stray_character_costs_no_story_and_is_told():
    other = ENTRY.replace("5915622", "5915623")
    stray = ENTRY.replace("</loc>", "?x=1&y=2</loc>").replace("5915622", "5915624")
    sitemap = read(f"{OPENING}{ENTRY}{stray}{other}</urlset>\n")
    assert [entry[0][len(STORY) - 7 :][:7] for entry in sitemap.entries] == ["5915622", "5915624", "5915623"]
    assert sitemap.damage
    assert read(f"\n {OPENING}{ENTRY}</urlset>") == read(f"{OPENING}{ENTRY}</urlset>")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body><h1>404</h1></body></html>",
        b"{}",
        b"\x1f\x8b\x08\x00broken",
        gzip.compress(b"<urlset>" + b" " * 80_000_000),
        b"<rss><channel/></rss>",
        b"<urlset>" + b"&x;" * 2_000_001 + b"</urlset>",
    ],
    ids=["nothing", "a page", "JSON", "broken gzip", "a bomb", "a feed", "references"],
)
def test_what_is_no_sitemap_is_told_with_its_address(body):
    with pytest.raises(PageError, match=ADDRESS):
        read(body)


def test_entities_are_neither_fetched_nor_multiplied(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("a secret")
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    document = f'<!DOCTYPE urlset [<!ENTITY l0 "ha">{laughs}<!ENTITY f SYSTEM "{secret.as_uri()}">]>'
    sitemap = read(f"{document}<urlset>{ENTRY}<url><loc>&f;&l11;</loc></url>{ENTRY}</urlset>")
    assert sitemap.damage or sitemap.entries == [(STORY, AT)] * 2
    assert all(entry == (STORY, AT) for entry in sitemap.entries)


def test_the_month_is_in_the_address():
    assert month_of(ADDRESS) == date(2025, 2, 1)
    assert month_of(f"{ADDRESS}.gz") == date(2025, 2, 1)
    for other in ("/sitemaps/sitemap-0.xml", "/sitemaps/sitemap-202513.xml", "/sitemap.xml"):
        assert month_of(other) is None

"""A title of any length and with any characters passes through crawl, verify, its repair and import unchanged."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
from support.crawling import crawl, scrapy, tree

from zbcrawler.archive import posts
from zbcrawler.archive.archive import Archive
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.text import one_line
from zbcrawler.common.times import SINGAPORE
from zbcrawler.items import Story
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.server import Replica
from zbcrawler.tools.importing import reader
from zbcrawler.tools.verifying.verify import Verification

TIME = datetime(2026, 1, 31, 8, 30, tzinfo=SINGAPORE)
LENGTHS = [1, 2, 3, 7, 20, 60, 127, 128, 200, 600, 990, 1000, 1010, 1024, 2000, 20_000, 65_536, 100_000]
# What YAML, JSON, Markdown, HTML, Liquid, regular expressions and line ends may stumble over.
PIECES = (
    "\" ' “ ” \\ \\n \\\" : ': # --- ... - ? ! % @ ~ = | > < & * _ ` [ ] ( ) ]( { } {{ }} {% %} {% raw %} {{ x }} <div> </div> "
    "<!-- --> </title> <script> &amp; &lt; &#123; 1. title: date: from: ------ null yes 0x1f 2026-01-31 标题 很长的 ， 。 a W 😀 "
    "👨‍👩‍👧 \ufe0f \u0301 \u0378 \ue000 \U000e0001 \u202e \u2066 \u200b \u200d \u00ad \ud800 \udfff \x00 \x07 \x1b \x7f \ufeff \ufffe "
    "\U0010ffff"
).split(" ")
PIECES += ["\n", "\r", "\r\n", "\t", " ", ": ", " #", "\u3000", "\u00a0", "\u2028", "\u2029", "\x85", "\x0b"]
OF_ONE_KIND = ["长", "a", "a b ", '"', "\\", "{", "[", "](", "<", "😀", "a: ", "`", "&", "<!--", "---"]


def a_title(rng, length):
    pieces, size = [], 0
    while size < length:
        pieces.append(rng.choice(PIECES))
        size += len(pieces[-1]) or 1
    return one_line("".join(pieces)[:length]) or "题"


def titles(seed):
    rng = random.Random(seed)
    for length in LENGTHS:
        for _ in range(4 if length <= 1024 else 1):
            yield a_title(rng, length)
    for kind in OF_ONE_KIND:
        yield one_line((kind * 30_000)[:30_000])


def write(archive, found):
    """Write a post for each title; return the titles by path."""
    written = {}
    for number, title in enumerate(found, 1):
        address = StoryAddress.parse(f"/realtime/china/story20260131-{number}")
        path = archive.path_of(address)
        archive.write(path, posts.render(Story(address, title, TIME, ["<p>字。</p>"], TIME)).encode())
        written[path.relative_to(archive.root).as_posix()] = title
    return written


@pytest.mark.parametrize("seed", range(2))
def test_verify_finds_nothing_in_posts_with_any_title_and_repairs_nothing(tmp_path, seed):
    written = write(Archive(tmp_path), titles(seed))
    before = tree(tmp_path)
    for fix in (False, True, True):
        results = Verification(tmp_path, TIME + timedelta(days=2), fix=fix).run()
        assert not any(results)
        assert tree(tmp_path) == before
    for path, title in written.items():
        assert posts.read(before[path].decode()).title == title
        # An import needs only the first part of a file to recognise it.
        assert not isinstance(reader.recognise(before[path][: reader.HEAD]), str)
        assert reader.read(before[path], path).title == title


@pytest.mark.parametrize("seed", range(2))
def test_a_repair_of_a_post_with_any_title_keeps_the_title_and_is_the_last(tmp_path, seed):
    written = write(Archive(tmp_path), titles(seed))
    whole = tree(tmp_path)
    for path in written:
        text = whole[path].decode()
        heading = next(line for line in text.split("\n") if line.startswith("["))
        # A heading without escapes, and noise in the body.
        plain = f"[{written[path][:50].replace('<', '')}]{heading[heading.rindex('](') + 1 :]}"
        spoiled = text.replace(heading, plain).replace("</div>\n", '<div class="bff-google-ad">广告</div>\n</div>\n')
        (tmp_path / path).write_bytes(spoiled.encode())
    for _ in range(2):
        list(Verification(tmp_path, TIME + timedelta(days=2), fix=True).run())
        assert tree(tmp_path) == whole


@pytest.mark.parametrize("edition", ["react", "mainland", "astro", "drupal", "drupal7"])
def test_any_title_passes_through_crawl_verify_and_import(clock, archive, tmp_path, edition):
    newsroom = Newsroom(seed=7, clock=clock, stories=3)
    rng = random.Random(edition)
    # The replica writes titles into scripts as they are, and <!-- <script> there would hide the end of the script.
    found = [one_line(a_title(rng, length).replace("<!--", "")) for length in (5, 60, 600, 990, 1010, 5_000, 100_000)]
    stories = [
        newsroom.add("china", 7_000_000 + place, TIME.date(), title, TIME, raw_body="<p>这是第一段。</p>")
        for place, title in enumerate(found)
    ]
    with Replica(newsroom, edition) as replica:
        run = crawl("realtime", replica.url, archive, newsroom)
        again = crawl("realtime", replica.url, archive, newsroom)
    assert (run.returncode, again.returncode) == (0, 0), run.stdout + again.stdout
    assert " 0 new, 0 changed" in again.stdout
    folder = Archive(archive)
    for story in stories:
        path = folder.find(StoryAddress.parse(story.path))
        assert path, story.path
        assert folder.read(path).title == story.title
    before = {name: data for name, data in tree(archive).items() if name.startswith("_posts/")}
    for words in ([], ["--fix"], ["--fix"]):
        verified = scrapy("verify", archive, "-s", f"CLOCK={newsroom.clock.now().isoformat()}", *words)
        assert (verified.returncode, verified.stdout.count("wrong (")) == (0, 0), verified.stdout[:2000]
    copy = tmp_path / "copy"
    copy.mkdir()
    taken = scrapy("import", archive / "_posts", "-s", f"ARCHIVE_DIR={copy}")
    assert taken.returncode == 0, taken.stdout[:2000]
    assert {name: data for name, data in tree(copy).items() if name.startswith("_posts/")} == before
    assert {name: data for name, data in tree(archive).items() if name.startswith("_posts/")} == before

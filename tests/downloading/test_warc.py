"""Pages kept as they came: real crawls, whose WARC files other tools accept and from which the same archive is made."""

from __future__ import annotations

import gzip
import random
import subprocess
import sys
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import brotli
import pytest
from backports import zstd
from scrapy import Request
from scrapy.http import Response
from support.crawling import MOMENT, crawl, scrapy, tree
from support.programs import needs
from support.webarchive import read, web_archive
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from zbcrawler.downloading.warc import RawFolder
from zbcrawler.replica.faults import Fault
from zbcrawler.replica.server import Replica
from zbcrawler.tools.importing.files import captures, response_of

WARCIO = Path(sys.executable).with_name("warcio")
OTHER_DAY = "2026-06-01T00:00:00+08:00"


@pytest.fixture
def raw(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    return folder


def posts_of(folder):
    return {name: data for name, data in tree(folder).items() if name.startswith("_posts/")}


def files_of(raw):
    return sorted(raw.glob("*.warc.gz"))


def records_of(raw):
    """Type and headers of each record, in all files."""
    found = []
    for path in files_of(raw):
        with path.open("rb") as file:
            found += [(record.rec_type, dict(record.rec_headers.headers)) for record in ArchiveIterator(file)]
    return found


def check(raw):
    """Return the findings of ``warcio check``."""
    command = [str(WARCIO), "check", *map(str, files_of(raw))]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def read_again(raw, folder, replica, *words):
    """Import kept pages, on another day than they were fetched."""
    folder.mkdir(exist_ok=True)
    settings = [f"SITE_URL={replica.url}", f"ARCHIVE_DIR={folder}", f"CLOCK={OTHER_DAY}"]
    return scrapy("import", raw, *words, *(word for one in settings for word in ("-s", one)))


def settings(raw, **more):
    return {"KEEP_RAW": raw, **more}


@pytest.mark.parametrize("edition", ["mixed", "react"])
def test_from_what_was_kept_the_same_posts_are_made_to_the_byte(newsroom, archive, raw, tmp_path, edition):
    with Replica(newsroom, edition) as replica:
        run = crawl("realtime", replica.url, archive, newsroom, pages=40, settings=settings(raw))
        assert run.returncode == 0, run.stdout
        asked = len(replica.requests)
        again = read_again(raw, tmp_path / "again", replica)
        assert len(replica.requests) == asked
    assert again.returncode == 0, again.stdout
    assert len(posts_of(archive)) >= 80
    assert posts_of(tmp_path / "again") == posts_of(archive)
    checked = check(raw)
    assert checked.returncode == 0, checked.stdout
    kinds = [kind for kind, _ in records_of(raw)]
    assert kinds.count("warcinfo") == 1
    assert kinds.count("response") == kinds.count("request") >= len(posts_of(archive))


def test_versions_are_read_in_the_order_in_which_they_came(newsroom, archive, raw, tmp_path):
    stories = [story for story in newsroom.listed("china") if story not in newsroom.cases.values()][:3]
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom, settings=settings(raw))
        for step in range(2):
            newsroom.clock.advance(timedelta(hours=13))
            newsroom.retitle(stories[step])
            newsroom.edit(stories[2])
            run = crawl(
                "realtime", replica.url, archive, newsroom, settings=settings(raw, RECHECK_GROWTH=0), recheck="3d"
            )
            assert run.returncode == 0, run.stdout
        again = read_again(raw, tmp_path / "again", replica)
    assert again.returncode == 0, again.stdout
    assert posts_of(tmp_path / "again") == posts_of(archive)
    assert len(files_of(raw)) == 2  # one a day
    # What was fetched again unchanged is there once.
    revisits = [told for kind, told in records_of(raw) if kind == "revisit"]
    assert len(revisits) > 50
    responses = {
        (told["WARC-Target-URI"], told["WARC-Date"]): told for kind, told in records_of(raw) if kind == "response"
    }
    for told in revisits:
        original = responses[told["WARC-Refers-To-Target-URI"], told["WARC-Refers-To-Date"]]
        assert told["WARC-Payload-Digest"] == original["WARC-Payload-Digest"]
    assert check(raw).returncode == 0


@pytest.mark.parametrize(
    ("encoding", "pack"), [("gzip", gzip.compress), ("br", brotli.compress), ("zstd", zstd.compress)]
)
def test_however_the_site_packs_its_pages_the_same_posts_are_made(newsroom, archive, raw, tmp_path, encoding, pack):
    stories = [story for story in newsroom.listed("china") if story not in newsroom.cases.values()][:4]
    with Replica(newsroom) as replica:
        for story in stories:
            headers = {"Content-Encoding": encoding, "Content-Type": "text/html; charset=utf-8"}
            body = pack(replica.answer(story.path)[0].body)
            replica.faults.add(Fault(pattern=f"^{story.path}$", status=200, body=body, headers=headers))
        links = ",".join(story.path for story in stories)
        run = crawl("story", replica.url, archive, newsroom, url=links, settings=settings(raw))
        assert run.returncode == 0, run.stdout
        again = read_again(raw, tmp_path / "again", replica)
    assert again.returncode == 0, again.stdout
    assert len(posts_of(archive)) == 4
    assert posts_of(tmp_path / "again") == posts_of(archive)


@pytest.mark.quick
def test_a_page_is_kept_as_it_was_sent_and_under_its_storys_address(newsroom, archive, raw, tmp_path):
    story = newsroom.expected()[0]
    with Replica(newsroom) as replica:
        page = replica.answer(story.path)[0].body
        packed = {"Content-Encoding": "gzip", "Content-Type": "text/html"}
        replica.faults.add(Fault(pattern=story.path, status=200, body=gzip.compress(page), headers=packed))
        other = newsroom.expected()[1]
        moved = other.path.replace("/realtime/", "/news/")
        replica.faults.add(Fault(pattern=f"^{other.path}$", status=301, headers={"Location": moved}))
        links = f"{story.path},{other.path}"
        run = crawl("story", replica.url, archive, newsroom, url=links, settings=settings(raw))
        assert run.returncode == 0, run.stdout
        again = read_again(raw, tmp_path / "again", replica)
    assert again.returncode == 0, again.stdout
    assert posts_of(tmp_path / "again") == posts_of(archive)
    assert len(posts_of(archive)) == 2
    with files_of(raw)[0].open("rb") as file:
        bodies = {
            record.rec_headers.get_header("WARC-Target-URI"): record.raw_stream.read()
            for record in ArchiveIterator(file)
            if record.rec_type == "response"
        }
    assert gzip.decompress(bodies[replica_url(bodies, story.path)]) == page
    assert replica_url(bodies, moved)


def replica_url(bodies, path):
    return next(url for url in bodies if url.endswith(path))


def test_half_a_record_of_a_killed_run_is_cut_off(newsroom, archive, raw, tmp_path):
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom, sections="china", settings=settings(raw))
        whole = files_of(raw)[0].read_bytes()
        files_of(raw)[0].write_bytes(whole + whole[:700])
        crawl("realtime", replica.url, archive, newsroom, sections="world", settings=settings(raw))
        assert len(files_of(raw)) == 1
        assert files_of(raw)[0].read_bytes().startswith(whole)
        assert check(raw).returncode == 0
        # Without the index, too, nothing is written into a file of which it is not known how far it is whole.
        (raw / "index.sqlite").write_bytes(b"broken")
        before = files_of(raw)[0].read_bytes()
        run = crawl("realtime", replica.url, archive, newsroom, sections="singapore", settings=settings(raw))
        assert run.returncode == 0, run.stdout
        assert [path.name[-13:] for path in files_of(raw)] == ["00000.warc.gz", "00001.warc.gz"]
        assert files_of(raw)[0].read_bytes() == before
        assert read_again(raw, tmp_path / "again", replica).returncode == 0
    assert posts_of(tmp_path / "again") == posts_of(archive)


def test_what_cannot_be_kept_is_not_read_and_the_next_run_fetches_it(newsroom, archive, raw):
    """A full disk stands in for the others."""
    needs("mount")
    mount = ["mount", "-t", "tmpfs", "-o", "size=120k", "tmpfs", str(raw)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("may not mount a small disk here")
    try:
        with Replica(newsroom) as replica:
            run = crawl("realtime", replica.url, archive, newsroom, settings=settings(raw))
            assert run.returncode == 1
            assert f"KEEP_RAW {raw}: cannot be written" in run.stdout
            assert 0 < len(posts_of(archive)) < 60
            responses = [told for kind, told in records_of(raw) if kind == "response"]
            assert len(responses) >= len(posts_of(archive))
            assert check(raw).returncode == 0
            subprocess.run(["mount", "-o", "remount,size=20m", str(raw)], check=True)
            then = crawl("realtime", replica.url, archive, newsroom, settings=settings(raw))
            assert then.returncode == 0, then.stdout
    finally:
        subprocess.run(["umount", str(raw)], check=True)
    assert len(posts_of(archive)) >= 80


def test_the_warcs_of_others_and_broken_ones(newsroom, archive, raw, tmp_path):
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom, sections="china", settings=settings(raw))
        data = files_of(raw)[0].read_bytes()
        mixed = tmp_path / "mixed"
        mixed.mkdir()
        # Not packed, as some tools write them; cut off; and one gzip stream instead of one a record.
        (mixed / "plain.warc").write_bytes(gzip.decompress(data))
        plain = read_again(mixed, tmp_path / "plain", replica)
        assert plain.returncode == 0, plain.stdout
        assert posts_of(tmp_path / "plain") == posts_of(archive)
        (mixed / "plain.warc").unlink()
        (mixed / "cut.warc.gz").write_bytes(data[: len(data) // 2])
        cut = read_again(mixed, tmp_path / "cut", replica)
        assert cut.returncode == 1
        assert "cut.warc.gz" in cut.stdout
        assert 0 < len(posts_of(tmp_path / "cut")) < len(posts_of(archive))
        (mixed / "cut.warc.gz").write_bytes(gzip.compress(gzip.decompress(data)))
        one = read_again(mixed, tmp_path / "one", replica)
        assert one.returncode == 1
        assert "warcio recompress" in one.stdout
        (mixed / "cut.warc.gz").write_bytes(b"no WARC at all")
        none = read_again(mixed, tmp_path / "none", replica)
        assert none.returncode == 1
        assert posts_of(tmp_path / "none") == {}


def unpack(request, response):
    raise AssertionError("is not packed")


@pytest.mark.parametrize("packed", [True, False])
def test_wherever_a_file_is_cut_it_is_told_and_no_half_page_is_taken(raw, packed):
    folder = RawFolder(raw, "test", 10**9)
    for number in range(4):
        url = f"https://www.zaobao.com/realtime/china/story20260131-{number}"
        page = b"<p>\xe6\x96\xb0\xe9\x97\xbb</p>" * 200 + str(random.Random(number).random()).encode() * 50
        folder.keep(Request(url), Response(url, headers={"Content-Type": "text/html"}, body=page), MOMENT)
    folder.close()
    data = files_of(raw)[0].read_bytes()
    path = raw / ("cut.warc.gz" if packed else "cut.warc")
    data = data if packed else gzip.decompress(data)
    for end in [*range(1, len(data) - 1, 31 if packed else 173), len(data)]:
        path.write_bytes(data[:end])
        told = []
        found = list(captures(str(path), frozenset(), lambda *line, told=told: told.append(line)))
        # Two records lie between two pages; a cut between records is none that a file could show.
        assert told or end == len(data) or _ends_at_a_record(path)
        for capture in found:
            assert len(response_of(capture, unpack).body) > 2000
    assert len(found) == 4


def _ends_at_a_record(path):
    return subprocess.run([str(WARCIO), "check", str(path)], capture_output=True, check=False).returncode == 0


def warc_of(path, *pages, headers=(("Content-Type", "text/html; charset=utf-8"),)):
    """Write a foreign file: address, date and page of each record. None repeats the page before the last."""
    digests = []
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for url, date, page in pages:
            head = StatusAndHeaders("200 OK", list(headers), protocol="HTTP/1.1")
            more = {"http_headers": head, "warc_headers_dict": {"WARC-Date": date}}
            if page is None:
                record = writer.create_revisit_record(url, digests[-2], url, pages[0][1], **more)
            else:
                record = writer.create_warc_record(url, "response", BytesIO(page), len(page), **more)
                digests.append(record.rec_headers.get_header("WARC-Payload-Digest"))
            writer.write_record(record)


def test_an_older_page_that_came_again_is_the_one_that_counts(newsroom, raw, tmp_path):
    story = newsroom.expected()[0]
    url = f"http://www.zaobao.com:80{story.path}"  # as some archives write it
    with Replica(newsroom) as replica:
        first, title = replica.answer(story.path)[0].body, story.expected_title_in("react")
        newsroom.retitle(story)
        second = replica.answer(story.path)[0].body
        dates = [f"2026-02-0{day}T00:00:00Z" for day in (1, 3, 5)]
        warc_of(raw / "theirs.warc.gz", *zip([url] * 3, dates, [first, second, None], strict=True))
        assert check(raw).returncode == 0
        run = read_again(raw, tmp_path / "again", replica)
    assert run.returncode == 0, run.stdout
    (post,) = posts_of(tmp_path / "again").values()
    assert f'title: "{title}"' in post.decode()


def test_a_record_whose_page_is_elsewhere_is_told(newsroom, raw, tmp_path):
    one, other = newsroom.expected()[:2]
    with Replica(newsroom) as replica:
        page = replica.answer(one.path)[0].body
        urls = [f"https://www.zaobao.com{story.path}" for story in (one, one, other)]
        warc_of(
            raw / "theirs.warc.gz", *zip(urls, ["2026-02-01T00:00:00Z"] * 3, [page, page + b" ", None], strict=True)
        )
        run = read_again(raw, tmp_path / "again", replica)
    assert run.returncode == 0, run.stdout
    assert "1 records refer to a page that is in none of the files" in run.stdout
    assert len(posts_of(tmp_path / "again")) == 1


def test_a_file_that_was_moved_away_takes_its_pages_along(newsroom, archive, raw, tmp_path):
    with Replica(newsroom) as replica:
        more = {"settings": settings(raw, RECHECK_GROWTH=0), "recheck": "3d", "sections": "china"}
        crawl("realtime", replica.url, archive, newsroom, **more)
        files_of(raw)[0].rename(tmp_path / "elsewhere.warc.gz")
        crawl("realtime", replica.url, archive, newsroom, **more)
        assert [path.name[-13:] for path in files_of(raw)] == ["00001.warc.gz"]
        assert read_again(raw, tmp_path / "again", replica).returncode == 0
    assert len(posts_of(tmp_path / "again")) > 20  # those that were asked for again
    assert posts_of(tmp_path / "again").items() <= posts_of(archive).items()


def test_a_folder_that_is_not_there_is_wrong_usage(newsroom, archive, tmp_path):
    missing = settings(tmp_path / "none")
    run = crawl("realtime", "http://127.0.0.1:9", archive, newsroom, settings=missing)
    assert run.returncode == 2
    assert "KEEP_RAW=" in run.stderr
    assert "mkdir" in run.stderr


def test_pywb_replays_them(newsroom, archive, raw, tmp_path):
    with Replica(newsroom) as replica:
        crawl("realtime", replica.url, archive, newsroom, sections="china", settings=settings(raw))
        story = newsroom.listed("china")[0]
        url, page = replica.url + story.path, replica.answer(story.path)[0].body
    with web_archive(tmp_path, files_of(raw)) as pages:
        assert read(f"{pages}/20260131000000id_/{url}") == page

"""Texts that get shorter: edits are written, cuts are not, and what is neither needs a person for three days."""

from __future__ import annotations

import subprocess
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.request import urlopen

import pytest
from support.crawling import crawl, scrapy, tree

from zbcrawler.archive.archive import Archive
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.replica.faults import Fault
from zbcrawler.replica.server import Replica
from zbcrawler.replica.story import Traits

AGAIN = {"RECHECK_GROWTH": 0}


def git(archive, *words):
    return subprocess.run(["git", "-C", archive, *words], capture_output=True, text=True, check=True).stdout


def long_ones(newsroom):
    ordinary = [story for story in newsroom.listed("china") if story not in newsroom.cases.values()]
    return [story for story in ordinary if len(story.content.blocks) > 5]


def post_of(archive, story):
    return Archive(archive).read(Archive(archive).find(StoryAddress.parse(story.path)))


def posts_of(archive):
    return {name: data for name, data in tree(archive).items() if name.startswith("_posts/")}


def test_an_edit_that_shortens_is_written_and_told(newsroom, archive):
    git(archive.parent, "init", "--quiet", archive)
    settings = {**AGAIN, "ARCHIVE_COMMIT": 1}
    edited, cut, titled = long_ones(newsroom)[:3]
    with Replica(newsroom, "react") as replica:
        crawl("realtime", replica.url, archive, newsroom, sections="china", settings=settings)
        before = {story: post_of(archive, story) for story in (edited, cut)}
        newsroom.shorten(edited)
        newsroom.lock(cut)
        newsroom.retitle(titled)
        run = crawl("realtime", replica.url, archive, newsroom, sections="china", recheck="9d", settings=settings)
    assert run.returncode == 0, run.stdout
    assert run.stdout.startswith("china: 0 new, 1 changed, 1 shortened, ")
    assert "committed: 1 changed, 1 shortened: " in run.stdout
    message = git(archive, "log", "-1", "--format=%B")
    assert message.startswith(f"1 changed, 1 shortened: {titled.title}\n")
    assert f"\nshortened: {edited.title} (" in message
    now = post_of(archive, edited)
    assert now.body == edited.expected_lines("react")
    assert len(now.body) < len(before[edited].body)
    path = Archive(archive).find(StoryAddress.parse(edited.path)).relative_to(archive)
    assert before[edited].body[-1] in git(archive, "show", f"HEAD~1:{path}")
    assert post_of(archive, cut) == before[cut]
    assert "note: " not in run.stdout


def test_a_loss_that_is_not_proved_fails_once_a_day_then_is_a_note_until_it_ends(newsroom, archive):
    story = long_ones(newsroom)[0]

    def run():
        return crawl("realtime", replica.url, archive, newsroom, sections="china", recheck="9d", settings=AGAIN)

    with Replica(newsroom, "drupal") as replica:
        run()
        before = post_of(archive, story)
        newsroom.shorten(story)
        codes = []
        for _ in range(5):
            newsroom.publish("china")  # a section without news fails
            day = [run()]
            newsroom.clock.advance(timedelta(minutes=10))
            asked = len(replica.requests)
            day.append(run())
            assert not [target for _, target, _ in replica.requests[asked:] if story.number in target]
            newsroom.clock.advance(timedelta(hours=23, minutes=50))
            codes.append(tuple(one.returncode for one in day))
        told = f"{story.url}: the site's text is shorter, and nothing shows whether it was edited or cut"
        assert codes == [(1, 0)] * 3 + [(0, 0)] * 2
        assert f"note: {told}" in day[0].stdout
        assert " 1 doubtful" in day[0].stdout
        owed = scrapy("owed", "-s", f"ARCHIVE_DIR={archive}", "-s", f"CLOCK={newsroom.clock.now().isoformat()}")
        assert told in owed.stdout
        assert post_of(archive, story) == before
        newsroom.edit(story)
        for _ in range(9):
            newsroom.edit(story)
        ended = run()
    assert ended.returncode == 0, ended.stdout
    assert post_of(archive, story).body == story.expected_lines("drupal")
    assert not list(archive.glob("_data/owed/*"))


def test_a_text_that_shrinks_again_and_again_is_not_lost(newsroom, archive):
    story = long_ones(newsroom)[0]
    with Replica(newsroom, "drupal") as replica:
        outcomes, signs = [], "甲乙丙丁戊己庚辛壬癸"
        for size, sign in ((100, 0), (60, 1), (40, 2), (30, 3)):
            # Each version has other words, so only the length tells.
            story.raw_body = "".join(f"<p>{signs[sign] * size}{signs[sign + 4 + place]}</p>" for place in range(3))
            story.content, story.version = None, story.version + 1
            run = crawl("story", replica.url, archive, newsroom, url=story.url)
            outcomes.append((run.returncode, run.stdout.partition("\n")[0]))
    assert [code for code, _ in outcomes] == [0, 0, 1, 1], outcomes
    assert "1 shortened" in outcomes[1][1]
    assert "1 doubtful" in outcomes[2][1]
    assert signs[1] * 60 in "".join(post_of(archive, story).body)
    assert (archive / f"_data/longest/{story.number}.json").read_text("utf-8").endswith('"characters": 303\n}\n')


# Twelve paragraphs of 90 characters, and news about paying.
PARAGRAPHS = ["".join(f"{sign}{place:02}" for place in range(30)) + "。" for sign in "甲乙丙丁戊己庚辛壬癸子丑"]
ABOUT_PAYING = (
    "流媒体公司宣布，标准方案的会员从下月起须多付费三元，订户可以在三十天内取消，不满的人可以改用含广告的方案，公司称涨价是为了制作更多节目。",
    "公司去年新增会员八百万，付费订户总数达到两亿六千万，其中超过一半的新用户选择了含广告的方案，平均每人每月观看二十小时，分析师因此不担心。",
)
PICTURE = (
    '<figure><img src="https://static.zaobao.com/s3fs-public/2026-01/one.jpg"><figcaption>桥。</figcaption></figure>'
)
BUILDS = {
    "react": ("react", True),
    "react without data": ("react", False),
    "drupal": ("drupal", True),
    "drupal7": ("drupal7", True),
    "mainland": ("mainland", True),
    "astro": ("astro", True),
}


def in_paragraphs(*blocks):
    return "\n".join(block if block.startswith("<") else f"<p>{block}</p>" for block in blocks)


# The text first archived, and the text that the site shows then.
WRITTEN = {
    "without its last full stop": (PARAGRAPHS[:1], [PARAGRAPHS[0][:-1]]),
    "without a last remark": ([*PARAGRAPHS[:4], "（更新中）"], PARAGRAPHS[:4]),
    "grown by news about paying": (
        [PARAGRAPHS[0], "公司宣布涨价，详情稍后公布，请留意更新。"],
        [PARAGRAPHS[0], *ABOUT_PAYING],
    ),
    "news about paying above": (PARAGRAPHS[:4], [*ABOUT_PAYING, *PARAGRAPHS[:4]]),
    "the first block corrected": (PARAGRAPHS[:4], ["更正：" + PARAGRAPHS[0], *PARAGRAPHS[1:4]]),
    "two blocks joined": (PARAGRAPHS[:4], ["".join(PARAGRAPHS[:2]), *PARAGRAPHS[2:4]]),
    "one picture instead of two": ([PICTURE, PICTURE.replace("one", "two")], [PICTURE]),
}
KEPT = {
    "ends with a sentence about paying": (PARAGRAPHS[:6], [*PARAGRAPHS[:2], "公司说会员须付费。"]),
    "asks to sign in": (PARAGRAPHS[:6], [*PARAGRAPHS[:2], "请登录后继续阅读"]),
}
TOLD = {
    "rewritten as news about paying": (PARAGRAPHS[:6], [*ABOUT_PAYING, PARAGRAPHS[7]]),
    "a picture alone": ([PICTURE, *PARAGRAPHS[:4]], [PICTURE]),
}


@pytest.mark.parametrize(("edition", "has_data"), BUILDS.values(), ids=BUILDS)
def test_an_edit_is_written_a_cut_is_not_and_a_doubt_is_reported(newsroom, archive, edition, has_data):
    cases = WRITTEN | KEPT | TOLD
    stories = {}
    for number, (name, (before, _)) in enumerate(cases.items(), 9100000):
        time = newsroom.clock.now() - timedelta(hours=2)
        body = in_paragraphs(*before)
        stories[name] = newsroom.add("china", number, time.date(), f"题{number}", time, raw_body=body)
        stories[name].traits = Traits(hydration=has_data)
    urls = ",".join(story.url for story in stories.values())
    with Replica(newsroom, edition) as replica:
        first = crawl("story", replica.url, archive, newsroom, url=urls)
        old = {name: post_of(archive, story).body for name, story in stories.items()}
        for name, story in stories.items():
            story.raw_body, story.version = in_paragraphs(*cases[name][1]), story.version + 1
        run = crawl("story", replica.url, archive, newsroom, url=urls)
    new = {name: post_of(archive, story).body for name, story in stories.items()}
    assert (first.returncode, run.returncode) == (0, 1), first.stdout + run.stdout
    assert {name for name in cases if new[name] == old[name]} == {*KEPT, *TOLD}
    failed = {line.split(": ")[1] for line in run.stdout.splitlines() if line.startswith("failed: ")}
    assert failed == {stories[name].url for name in TOLD}
    notes = "".join(path.read_text("utf-8") for path in archive.glob("_data/owed/*.json"))
    assert notes.count("nothing shows whether it was edited or cut; _posts/2026/") == len(TOLD)


def test_a_story_is_edited_while_it_is_cut(newsroom, archive):
    story = long_ones(newsroom)[0]
    story.content, story.locked = None, True
    story.raw_body = in_paragraphs(*PARAGRAPHS)
    with Replica(newsroom, "react") as replica:
        crawl("story", replica.url, archive, newsroom, url=story.url)
        assert PARAGRAPHS[-1] not in "".join(post_of(archive, story).body)
        story.raw_body, story.version = story.raw_body.replace("乙07", "乙七"), 2
        run = crawl("story", replica.url, archive, newsroom, url=story.url)
        assert "1 changed" in run.stdout
        assert "乙七" in "".join(post_of(archive, story).body)
        newsroom.unlock(story)
        crawl("story", replica.url, archive, newsroom, url=story.url)
        whole = post_of(archive, story)
        newsroom.lock(story)
        crawl("story", replica.url, archive, newsroom, url=story.url)
    assert PARAGRAPHS[-1] in whole.body[-1]
    assert post_of(archive, story) == whole


def test_a_text_that_a_person_kept_is_not_doubtful_again(newsroom, archive):
    story = long_ones(newsroom)[0]

    def run():
        newsroom.publish("china")
        newsroom.clock.advance(timedelta(hours=13))
        return crawl("realtime", replica.url, archive, newsroom, sections="china", settings=AGAIN)

    with Replica(newsroom, "drupal") as replica:
        run()
        before, whole = post_of(archive, story), story.content
        newsroom.shorten(story)
        told = run()
        forgotten = scrapy("owed", "--forget", story.url, "-s", f"ARCHIVE_DIR={archive}")
        kept = [run() for _ in range(3)]
        assert post_of(archive, story) == before
        assert not list(archive.glob("_data/owed/*")), kept[-1].stdout
        assert list(archive.glob("_data/kept/*"))
        story.content = whole
        newsroom.edit(story)
        edited = run()
    codes = [one.returncode for one in (told, forgotten, *kept, edited)]
    assert codes == [1, 0, 0, 0, 0, 0], edited.stdout
    assert post_of(archive, story).body == story.expected_lines("drupal")
    assert not list(archive.glob("_data/kept/*"))
    assert "0 wrong" in scrapy("verify", "-s", f"ARCHIVE_DIR={archive}").stdout


def fetched(address):
    with urlopen(address) as answer:  # noqa: S310 - the replica's
        return answer.read()


def in_the_body(page):
    start = page.index('class="articleBody') if 'class="articleBody' in page else page.index("articleBody")
    return page[: page.index("</p>", start) + 9]


CUTS = {
    "in the body": in_the_body,
    "in the data": lambda page: page[: page.index("body_cn") + 40],
    "before the end": lambda page: page[: page.rindex("</body>")],
    "in a script that names the end": lambda page: (
        page[: page.rindex("</body>")] + '<script>var all = "<p></p></body></html>'
    ),
    "in a comment that names the end": lambda page: page[: page.rindex("</body>")] + "<!-- </body></html>",
    "behind a frame with an end": lambda page: (
        '<html><body><iframe srcdoc="<body></body></html>"></iframe>' + in_the_body(page)
    ),
}


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_half_a_page_is_no_page_even_if_its_length_is_right(newsroom, archive, cut):
    known, new = long_ones(newsroom)[:2]
    with Replica(newsroom, "react") as replica:
        crawl("story", replica.url, archive, newsroom, url=known.url)
        before = posts_of(archive)
        for story in (known, new):
            page = fetched(replica.url + story.path).decode()
            replica.faults.add(Fault(pattern=story.number, body=cut(page).encode()))
        run = crawl("story", replica.url, archive, newsroom, url=f"{known.url},{new.url}")
    assert run.returncode == 1
    assert run.stdout.count("broke off") == 2, run.stdout
    assert posts_of(archive) == before
    assert len(list(archive.glob("_data/owed/*.json"))) == 2


def test_chunks_without_an_end_are_no_page(newsroom, archive):
    story = long_ones(newsroom)[0]
    with Replica(newsroom, "react") as replica:
        page = fetched(replica.url + story.path)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self.send_response(200 if "story" in self.path else 404)
            self.send_header("Content-Type", "text/html")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            data = page if "story" in self.path else b"none"
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n" + (b"" if data is page else b"0\r\n\r\n"))
            self.close_connection = True

        def log_message(self, *words):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        once = {"RETRY_ENABLED": 0}
        url = f"http://127.0.0.1:{server.server_port}"
        run = crawl("story", url, archive, newsroom, url=story.url, settings=once)
    finally:
        server.shutdown()
    assert run.returncode == 1
    assert posts_of(archive) == {}


def test_a_page_whose_end_has_capitals_scripts_or_comments_is_whole(newsroom, archive):
    story = long_ones(newsroom)[0]
    with Replica(newsroom, "react") as replica:
        page = fetched(replica.url + story.path).decode()
        page = (
            page[: page.rindex("</body>")] + '</BODY ><!-- x --><script>var a = "<p></p>"</script>\n</HTML>\n<!-- y -->'
        )
        replica.faults.add(Fault(pattern=story.number, body=page.encode()))
        run = crawl("story", replica.url, archive, newsroom, url=story.url)
    assert run.returncode == 0, run.stdout
    assert post_of(archive, story).body == story.expected_lines("react")


def test_a_date_before_a_time_to_come_is_set_right_once_that_has_come(newsroom, archive):
    story = long_ones(newsroom)[0]
    early = {"CLOCK": (story.published - timedelta(hours=1)).isoformat()}
    with Replica(newsroom, "react") as replica:
        replica.validators = True
        crawl("story", replica.url, archive, newsroom, url=story.url, settings=early)
        clamped = post_of(archive, story)
        untouched = crawl("story", replica.url, archive, newsroom, url=story.url, settings=early)
        before = post_of(archive, story)
        run = crawl("realtime", replica.url, archive, newsroom, sections="china", recheck="9d", settings=AGAIN)
    assert clamped.date == before.date == story.published - timedelta(hours=1)
    assert "1 unchanged" in untouched.stdout
    assert run.returncode == 0, run.stdout
    assert "1 changed" in run.stdout
    assert post_of(archive, story).date == post_of(archive, story).published == story.published


def test_verify_sets_a_date_right_whose_time_has_come(newsroom, archive):
    story, other = long_ones(newsroom)[:2]
    early = story.published - timedelta(hours=1)
    with Replica(newsroom, "react") as replica:
        crawl("story", replica.url, archive, newsroom, url=story.url, settings={"CLOCK": early.isoformat()})
        crawl("story", replica.url, archive, newsroom, url=other.url)
    given = ("-s", f"ARCHIVE_DIR={archive}", "-s", f"CLOCK={newsroom.clock.now().isoformat()}")
    too_early = ("-s", f"ARCHIVE_DIR={archive}", "-s", f"CLOCK={early.isoformat()}")
    before = posts_of(archive)
    scrapy("verify", "--fix", *too_early)
    assert posts_of(archive) == before
    found = scrapy("verify", *given)
    fixed = scrapy("verify", "--fix", *given)
    after = posts_of(archive)
    again = scrapy("verify", "--fix", *given)
    assert "clamped: " in found.stdout
    assert "0 wrong, 1 warnings (clamped 1)" in found.stdout
    assert "warning" not in again.stdout
    assert post_of(archive, story).date == story.published
    assert (fixed.returncode, again.returncode) == (0, 0), fixed.stdout + again.stdout
    assert posts_of(archive) == after

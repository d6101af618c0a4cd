"""The search in a real browser: what is found, in which order, at which cost, and after which updates."""

from __future__ import annotations

import json
import random
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.browsing import chromium
from support.searching import SECTIONS, Searcher, scan, story, update_index, write_pages
from support.sharing import shared
from support.sites import build, sample, served, write

from zbcrawler.archive.posts import text_of
from zbcrawler.tools.website import search_index, search_merging, search_segments
from zbcrawler.tools.website.search_index import is_usable
from zbcrawler.tools.website.search_terms import TABLE, normal, shard_of, terms

CHARACTERS = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产"


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def small_files(monkeypatch):
    """Let a few hundred stories make several segments, files of stories, shards, and parts of lists."""
    for module, name, value in (
        (search_segments, "TOGETHER", 16),
        (search_segments, "PART", 12),
        (search_merging, "_SHARD", 4000),
        (search_merging, "_IN_GROUP", 10),
        (search_index, "_SMALL", 12),
        (search_index, "_GROUPS", 20),
        (search_index, "_RATIO", 3),
        (search_index, "RUN", 50),
    ):
        monkeypatch.setattr(module, name, value)


def random_stories(rng, pages, days=400):
    words = ["".join(rng.choices(CHARACTERS, k=rng.choice((1, 2, 2, 3)))) for _ in range(150)]

    def text(count):
        return "".join(rng.choice(words) + rng.choice(("", "", "", "，", "\n")) for _ in range(count))

    return [
        story(page, f"{text(4)[:12].strip()}题", text(40), rng.choice([*SECTIONS]), rng.random() * days)
        for page in pages
    ]


def queries_in(rng, stories, count):
    """Return pieces of texts, of two characters and more, and pairs of pieces."""
    pieces = set()
    while len(pieces) < count:
        one = rng.choice(stories)
        run = max(
            (one.title + "\n" + one.text).replace("，", "\n").split("\n"), key=lambda run: (len(run), rng.random())
        )
        start = rng.randrange(max(len(run) - 1, 1))
        pieces.add(run[start : start + rng.choice((2, 2, 2, 3, 4))])
    pieces = sorted(piece for piece in pieces if len(piece) > 1)
    return [*pieces, *(f"{one} {other}" for one, other in zip(pieces[::4], pieces[1::4], strict=False))]


def test_after_many_updates_all_is_found_as_in_a_fresh_index(browser, tmp_path, small_files):
    rng = random.Random(5)
    stories = {one.page: one for one in random_stories(rng, range(1000, 1300))}
    write_pages(tmp_path / "old", list(stories.values()))
    for turn in range(12):
        new = random_stories(rng, range(2000 + 10 * turn, 2010 + 10 * turn), days=20)
        edited = random_stories(rng, rng.sample([*stories], 6))
        gone = rng.sample(sorted(stories.keys() - {one.page for one in edited}), 3)
        stories |= {one.page: one for one in (*new, *edited)}
        for page in gone:
            del stories[page]
        write_pages(tmp_path / "old", [*new, *edited], gone)
        assert is_usable(tmp_path / "old" / "search-index")
    folders = [path for path in (tmp_path / "old" / "search-index").iterdir() if path.is_dir()]
    assert 1 < len(folders) <= 5
    everything = list(stories.values())
    write_pages(tmp_path / "new", everything)
    asked = queries_in(rng, everything, 50)
    with served(tmp_path / "old") as old, served(tmp_path / "new") as new:
        updated, fresh = Searcher(browser, old), Searcher(browser, new)
        by_time = updated.each(asked, order="new")
        for words, pages in zip(asked, by_time, strict=True):
            assert pages == scan(everything, words), words
        best = updated.each(asked, order="best")
        assert best == fresh.each(asked, order="best")
        for words, pages in zip(asked, best, strict=True):
            titled = scan([one._replace(text="") for one in everything], words)
            assert pages == titled + [page for page in scan(everything, words) if page not in titled], words
        filtered = updated.each(asked, order="new", section="news/sea", **{"from": "2025-06", "to": "2025-11-20"})
        some = [
            one
            for one in everything
            if one.section == "news/sea" and "2025-06-01" <= f"{one.time:%Y-%m-%d}" <= "2025-11-20"
        ]
        for words, pages in zip(asked, filtered, strict=True):
            assert pages == scan(some, words), words
        assert sum(map(bool, filtered)) > 20
        assert updated.visit.trouble == fresh.visit.trouble == []


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("search")
    filler = "".join(CHARACTERS)
    write_pages(
        folder,
        [
            story(1, "南海諸島的問題", "這裡說的是繁體字，臺灣與隨著。", days=3),
            story(2, "别的", "南海诸岛也在这里，１０００亿美元。\n第二行有南海。", "realtime/world", days=1),
            story(3, "海", "单独一个字的标题。", "news/sea", days=40),
            story(4, "大海与小河", "正文里没有那个字。", days=2),
            story(
                5,
                "</title><script>alert(1)</script>",
                "<script>alert('2')</script>\"引号' constructor __proto__ toString",
                days=4,
            ),
            story(6, "零\x00字节\ud800半个", "有\x00零\udfff的正文，家庭👨‍👩‍👧。", days=5),
            story(7, "很长的一行", filler * 2000 + "尽头之处", days=6),
            story("2026-01-20-8", "同号的故事", "有日子的页面名。", days=11),
            story(9, "e\u0301cole ｶﾞｽ ΣΟΦΟΣ", "Covid-19 病毒，𠮷野家，𫝈字。", days=7),
            *(story(100 + n, f"第{n}篇", "常见的词语", days=20 + n) for n in range(25)),
        ],
    )
    with served(folder) as address:
        yield address


@pytest.mark.parametrize(
    ("words", "pages"),
    [
        ("南海诸岛", ["1", "2"]),  # the one with the words in its title first
        ("南海諸島", ["1", "2"]),
        ("台湾", ["1"]),
        ("臺灣", ["1"]),
        ("随着", ["1"]),
        ("繁体字", ["1"]),
        ("南海 美元", ["2"]),
        ("1000亿美元", ["2"]),
        ("constructor", ["5"]),
        ("__proto__", ["5"]),
        ("toString", ["5"]),
        ("hasOwnProperty", []),
        ("<script>alert", ["5"]),
        ("半个", ["6"]),
        ("零\x00字", []),
        ("尽头之处", ["7"]),
        ("有日子", ["2026-01-20-8"]),
        ("École", ["9"]),
        ("ガス", ["9"]),
        ("σοφοσ", ["9"]),
        ("𠮷野家", ["9"]),
        ("\u200b南海诸岛", ["1", "2"]),
        ("没有这句话", []),
        ("", []),
        ("，。", []),
        ("海", ["4", "1", "3"]),  # a single character: titles only
    ],
)
def test_what_readers_look_for_is_found(browser, site, words, pages):
    reader = Searcher(browser, site)
    assert reader(words) == pages
    assert reader.visit.trouble == []
    assert reader.visit.foreign == []
    assert ("只有一个字" in reader.status) == (words in {"海", "零\x00字"})


def test_a_result_shows_title_time_section_and_the_words_in_their_line(browser, site):
    reader = Searcher(browser, site, "?q=南海")
    second = reader.page.locator("#stories li").nth(1)
    assert reader.status == "2 篇。"
    assert second.locator("a").inner_text() == "别的"
    assert second.locator(".count").inner_text() == "2026-01-30 12:00 即时·国际"
    assert second.locator("p").inner_text() == "南海诸岛也在这里，１０００亿美元。"
    assert second.locator("mark").inner_text() == "南海"
    reader("尽头之处")
    assert len(reader.page.locator("#stories p").inner_text()) < 100


def test_the_state_of_the_form_is_in_the_address_and_the_back_button_works(browser, site):
    reader = Searcher(browser, site, "?q=常见&section=realtime/china&from=2026-01&to=2026-01-09&order=new")
    assert reader.pages() == ["102", "103", "104", "105", "106", "107", "108", "109", "110"]
    form = reader.page.evaluate("Object.fromEntries(new FormData(document.querySelector('#search')))")
    assert form == {"q": "常见", "section": "realtime/china", "from": "2026-01", "to": "2026-01-09", "order": "new"}
    first = reader.pages()
    reader.page.get_by_label("标题和正文里的字").fill("南海")
    for label in ("从", "到"):
        reader.page.get_by_label(label, exact=True).fill("")
    reader.page.get_by_label("顺序").select_option("best")
    reader.page.get_by_label("版块").select_option("即时·国际")
    reader.page.keyboard.press("Tab")
    reader.page.get_by_role("button", name="搜索").press("Enter")
    reader.wait()
    assert reader.page.url == f"{site}/search.html?q=%E5%8D%97%E6%B5%B7&section=realtime%2Fworld"
    assert reader.pages() == ["2"]
    reader.page.go_back()
    reader.page.wait_for_function("document.querySelector('#q').value === '常见'")
    reader.wait()
    assert reader.pages() == first
    assert reader.page.get_by_label("到", exact=True).input_value() == "2026-01-09"


def test_a_day_that_is_none_is_refused_with_an_example(browser, site):
    for query in ("from=%E6%98%A8%E5%A4%A9", "to=2026-1-1-1", "from=2026&to=2025"):
        reader = Searcher(browser, site, f"?q=南海&{query}")
        assert "2024-03-15" in reader.status
        assert reader.pages() == []


def test_more_stories_come_on_demand_and_the_focus_goes_to_the_first_of_them(browser, site):
    reader = Searcher(browser, site, "?q=常见的词语")
    assert reader.pages() == [str(100 + n) for n in range(10)]
    assert reader.status == "至多 25 篇，已显示 10 篇。"
    reader.page.get_by_role("button", name="更多").press("Enter")
    reader.page.wait_for_function("document.querySelectorAll('#stories li').length === 20")
    assert reader.page.evaluate("document.activeElement.textContent") == "第10篇"
    reader.page.get_by_role("button", name="更多").press("Enter")
    reader.page.get_by_text("25 篇。").wait_for()
    assert not reader.page.get_by_role("button", name="更多").is_visible()


def test_a_phrase_of_common_pairs_does_not_fetch_all_pages_at_once(browser, tmp_path):
    write_pages(
        tmp_path, [story(n, f"第{n}篇", "中国有国人" + "中国人" * (n == 1), days=n) for n in range(1, 251)][::-1]
    )
    with served(tmp_path) as address:
        reader = Searcher(browser, address, "?q=中国人&order=new")
        assert reader.pages() == ["1"]
        assert reader.status == "至多 151 篇，已显示 1 篇。"
        assert reader("中国人") == ["1"]
        assert reader.status == "1 篇。"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_fits_a_small_window_and_hinders_nobody(browser, site, theme):
    reader = Searcher(browser, site, "?q=海", width=360, theme=theme)
    assert reader.visit.overflow() == 0
    assert reader.visit.hindrances() == []


def test_without_scripts_the_page_says_what_it_needs(browser, site):
    page = browser.new_page(java_script_enabled=False)
    page.goto(f"{site}/search.html?q=海")
    assert "JavaScript" in page.get_by_role("status").inner_text()
    assert not page.locator("form").is_visible()


def test_an_old_browser_without_word_segmenter_searches_all_the_same(browser, site):
    reader = Searcher(browser, site)
    reader.page.add_init_script("delete Intl.Segmenter; delete Object.hasOwn; delete String.prototype.replaceAll;")
    reader.page.goto(f"{site}/search.html?q=ガス")
    reader.wait()
    assert reader.pages() == ["9"]
    assert reader.page.locator("mark").inner_text() == "ｶﾞｽ"


def test_a_page_that_is_gone_spoils_no_search(browser, site):
    reader = Searcher(browser, site)
    reader.page.route("**/story/1.html", lambda route: route.fulfill(status=404, body="gone"))
    assert reader("南海诸岛") == ["2"]


def test_an_open_page_survives_an_update_of_the_index(browser, tmp_path, monkeypatch):
    monkeypatch.setattr(search_merging, "_SHARD", 1)
    write_pages(tmp_path, [story(1, "第一篇")])
    with served(tmp_path) as address:
        reader = Searcher(browser, address, "?q=第一")
        write_pages(tmp_path, [story(2, "第二篇")])
        assert reader("二篇") == ["2"]


# -- in the website as scrapy site builds it --------------------------------------------------------------------


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    def make(folder):
        write(folder / "archive", sample())
        build(folder / "archive", folder / "site")

    with served(shared(tmp_path_factory, "website-to-search", make) / "site") as address:
        yield address


@pytest.mark.parametrize("width", [360, 1000])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_search_page_of_the_website_hinders_nobody(browser, built, width, theme):
    reader = Searcher(browser, built, "?q=南中国海", width=width, theme=theme)
    assert reader.pages() == ["101", "102"]
    assert reader.visit.page.locator(".count").first.inner_text() == "2026-01-30 01:41 即时·中国"
    assert reader.visit.overflow() == 0
    assert reader.visit.hindrances() == []
    assert reader.visit.trouble == reader.visit.foreign == []


def test_every_page_leads_to_the_search(browser, built):
    reader = Searcher(browser, built)
    reader.page.goto(f"{built}/story/101.html")
    reader.page.get_by_label("搜索标题和正文").fill("王毅")
    reader.page.keyboard.press("Enter")
    reader.page.wait_for_url("**/search.html?q=*")
    reader.wait()
    assert reader.pages() == ["102"]
    reader.page.locator("#stories a").click()
    assert reader.page.get_by_role("heading", level=1).inner_text() == "要找的"


def test_any_piece_of_any_post_finds_what_has_it_and_nothing_else(browser, built):
    rng = random.Random(3)
    known = [story(one.address.number, one.title, text_of(one.body))._replace(time=one.date) for one in sample()]
    pieces = set()
    while len(pieces) < 40:
        one = rng.choice(known)
        run = rng.choice(re.findall(r"[^\W_a-z0-9]{2,}|[a-z0-9]{3,}", normal(f"{one.title}\n{one.text}")))
        start = rng.randrange(len(run) - 1)
        pieces.add(run if run.isascii() else run[start : start + rng.choice((2, 2, 3, 4, 6))])
    asked = sorted(pieces)
    for piece, pages in zip(asked, Searcher(browser, built).each(asked, order="new"), strict=True):
        assert sorted(pages) == sorted(scan(known, piece)), piece


# -- the same in Python and in the browser ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def functions(browser, site):
    """Return a page in which the script's own functions can be called."""
    reader = Searcher(browser, site, "?q=海")
    source = Path(search_index.__file__).with_name("search.js").read_text("utf-8")
    opened = source.replace("form.hidden = false;", "window.parts = { normal, terms, shardOf };")
    assert opened != source
    reader.page.route("**/search.js", lambda route: route.fulfill(body=opened, content_type="text/javascript"))
    reader.page.goto(f"{site}/search.html?q=海")
    reader.wait()
    return reader.page


def test_every_character_has_the_same_normal_form_and_terms_in_the_browser(functions):
    # Of ten thousands of Chinese and Korean characters, those in the table and some others.
    codes = [code for code in range(0x2FFFF) if code < 0x3400 or 0xD7B0 <= code < 0x20000 or code % 20 == 0]
    known = [chr(code) for code in codes if unicodedata.category(chr(code)) not in {"Cn", "Cs", "Co"}]
    known += TABLE.read_text("utf-8").split("\n")[3]
    theirs = functions.evaluate(
        """known => known.map(one => {
            const plain = parts.normal(one);
            return [plain, parts.terms(parts.normal(`国${one}海`)).sort().join(" ")];
        })""",
        known,
    )
    differing = [
        one
        for one, (plain, found) in zip(known, theirs, strict=True)
        if (plain, found)
        != (normal(one), " ".join(sorted(terms(f"国{one}海"), key=lambda term: term.encode("utf-16-be"))))
    ]
    assert differing == []


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(codec="utf-8", max_codepoint=0x2FFFF), max_size=30), max_size=20))
def test_texts_have_the_same_terms_and_shards_in_the_browser(functions, texts):
    theirs = functions.evaluate(
        "texts => texts.map(text => [parts.normal(text), parts.terms(parts.normal(text))])", texts
    )
    known = [unicodedata.category(character) != "Cn" for text in texts for character in text]
    if all(known):
        assert [(plain, set(found)) for plain, found in theirs] == [(normal(text), terms(text)) for text in texts]
    some = sorted({term for text in texts for term in terms(text)})
    assert functions.evaluate("all => all.map(one => parts.shardOf(one, 64))", some) == [
        shard_of(one, 64) for one in some
    ]


# -- the index's files -----------------------------------------------------------------------------------------


def test_an_update_of_ten_stories_writes_only_small_files(tmp_path):
    rng = random.Random(2)
    update_index(tmp_path, random_stories(rng, range(3000)), ())
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    update_index(tmp_path, random_stories(rng, range(5000, 5010)), ())
    written = [path for path in tmp_path.rglob("*") if path.is_file() and before.get(path) != path.stat().st_mtime_ns]
    assert before.keys() - set(tmp_path.rglob("*")) == set()
    assert len(written) <= 8
    assert sum(path.stat().st_size for path in written) < 200_000


def test_a_large_merge_takes_many_updates_and_loses_nothing_at_any_step(browser, tmp_path, small_files, monkeypatch):
    monkeypatch.setattr(search_index, "_GROUPS", 3)
    rng, index = random.Random(7), tmp_path / "search-index"
    stories = {one.page: one for one in random_stories(rng, range(1000, 1300))}
    write_pages(tmp_path, list(stories.values()))
    whole, merges, most = sum(path.stat().st_size for path in index.rglob("*")), 0, 0
    for turn in range(30):
        before = {path: path.stat().st_mtime_ns for path in index.rglob("*") if path.is_file()}
        new = random_stories(rng, range(2000 + 8 * turn, 2007 + 8 * turn), days=20)
        edited, gone = random_stories(rng, [rng.choice([*stories])]), []
        stories |= {one.page: one for one in (*new, *edited)}
        gone = [rng.choice(sorted(stories.keys() - {one.page for one in edited}))]
        del stories[gone[0]]
        write_pages(tmp_path, [*new, *edited], gone)
        now = {path: path.stat().st_mtime_ns for path in index.rglob("*") if path.is_file()}
        merges += (index / "merge.json").exists()
        if (index / "merge.json").exists():
            folder = json.loads((index / "merge.json").read_text("utf-8"))["name"]
            terms_of = [path for path in now if path.match(f"{folder}/terms-*") and now[path] != before.get(path)]
            most = max(most, sum(path.stat().st_size for path in terms_of))
        assert len(json.loads((index / "index.json").read_text("utf-8"))["segments"]) <= 7
        if turn % 6 == 5:
            asked = queries_in(rng, list(stories.values()), 12)
            with served(tmp_path) as address:
                for words, pages in zip(asked, Searcher(browser, address).each(asked, order="new"), strict=True):
                    assert pages == scan(list(stories.values()), words), words
    assert merges > 10
    assert 0 < most < whole / 4


def test_a_merge_whose_files_are_lost_is_begun_again(tmp_path, small_files, monkeypatch):
    monkeypatch.setattr(search_index, "_GROUPS", 3)
    rng, index = random.Random(8), tmp_path / "search-index"
    update_index(index, random_stories(rng, range(1000, 1300)))
    update_index(index, random_stories(rng, range(2000, 2120)))
    for broken in (b"{}", None):
        update_index(index, random_stories(rng, [3000]))
        state = json.loads((index / "merge.json").read_text("utf-8"))
        if broken:
            (index / "merge.json").write_bytes(broken)
        else:
            next((index / state["name"]).glob("terms-*.bin")).unlink()
        update_index(index, random_stories(rng, [3000]))
        assert json.loads((index / "merge.json").read_text("utf-8"))["name"] != state["name"]
    name, segments = json.loads((index / "merge.json").read_text("utf-8"))["name"], []
    for turn in range(40):
        update_index(index, random_stories(rng, range(4000 + turn, 4001 + turn)))
        segments = json.loads((index / "index.json").read_text("utf-8"))["segments"]
        if name in [one["name"] for one in segments]:
            break
    assert sum(one["stories"] - len(one["dead"]) for one in segments) == 300 + 120 + 1 + turn + 1
    assert name in [one["name"] for one in segments]


def test_a_common_and_a_rare_pair_cost_few_requests(browser, tmp_path):
    rng = random.Random(2)
    stories = random_stories(rng, range(4000), days=3000)
    rare = rng.sample(range(4000), 10)
    stories = [one._replace(text=one.text + ("鹦鹉" if place in rare else "")) for place, one in enumerate(stories)]
    write_pages(tmp_path, stories)
    write_pages(tmp_path, [story(9000, "新的鹦鹉", "中大")])
    common = max(("中国", "国人", "我们", "的一"), key=lambda pair: len(scan(stories, pair)))
    with served(tmp_path) as address:
        for words, at_least in ((common, 10), ("鹦鹉", 10)):
            reader = Searcher(browser, address, f"?q={words}")
            assert len(reader.pages()) == at_least
            assert len(reader.asked) <= 10
            assert sum(size for _, size in reader.asked) < 500_000


def test_what_is_broken_is_recognised(tmp_path):
    assert not is_usable(tmp_path)
    update_index(tmp_path, [story(1, "第一篇"), story(2, "第二篇")], ())
    assert is_usable(tmp_path)
    for path in sorted(
        path for path in tmp_path.rglob("*") if path.is_file() and path.suffix in {".bin", ".txt", ".json"}
    ):
        if path.name != "traditional.txt":
            whole = path.read_bytes()
            for broken in (whole[:-1], b""):
                path.write_bytes(broken)
                assert not is_usable(tmp_path), path
            path.write_bytes(whole)
            assert is_usable(tmp_path)


def test_a_killed_update_leaves_the_old_index(tmp_path, monkeypatch):
    update_index(tmp_path, [story(1, "第一篇")], ())
    before = (tmp_path / "index.json").read_bytes()

    def stories():
        yield story(2, "第二篇")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        update_index(tmp_path, stories(), ())
    assert is_usable(tmp_path)
    assert (tmp_path / "index.json").read_bytes() == before
    update_index(tmp_path, [story(3, "第三篇")], ())
    assert sum(path.is_dir() for path in tmp_path.iterdir()) == 1


def test_a_story_can_be_the_last_to_go(tmp_path):
    update_index(tmp_path, [story(1, "第一篇")], ())
    update_index(tmp_path, [], ["1", "2"])
    assert is_usable(tmp_path)

"""Measure the website's search: with a number of posts its costs, else recall and precision against Pagefind's.

Recall is measured with the real stories in ``../shared`` if the folder exists, else with the replica's. A search should
find the stories that hold the words exactly as typed, and no others.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import accumulate, chain
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from time import process_time

from playwright.sync_api import Browser, Page, sync_playwright

from bench.archives import write_archive
from bench.measuring import Row, cost_of, show
from bench.site import MOMENT, PROJECT
from zbcrawler.archive import posts
from zbcrawler.common.processes import chunks, in_processes
from zbcrawler.tools.website.search_index import update_index
from zbcrawler.tools.website.search_merging import groups_for
from zbcrawler.tools.website.search_runs import RUN, IndexedStory, StoryRun, write_run
from zbcrawler.tools.website.search_terms import terms

REAL = PROJECT.parent / "shared" / "real-pages"
# Names and words of the real stories' years.
NAMES = (
    "特朗普 拜登 习近平 李显龙 蔡英文 林郑月娥 蓬佩奥 王毅 南中国海 台海 中美关系 人民日报 国务院 外交部 新加坡 香港 "
    "西安 冠病 疫苗 病例 抗疫 国安法 示威 警告 留学生 航空母舰"
).split()
_SAMPLES = 60
_HEAD = '<!DOCTYPE html><html lang="zh-Hans"><meta charset="utf-8">'
_FORM = """<form id="search"><input name="q"><select name="section"></select><input name="from"><input name="to">
<input name="order"></form><p id="found"></p><ol id="stories"></ol><button id="more"></button>
<script src="search-index/search.js" defer></script>"""
_PAGEFIND = """async words => {
    const pagefind = await import("/pagefind/pagefind.js");
    const found = await pagefind.search(words);
    return (await Promise.all(found.results.map(one => one.data()))).map(one => one.url);
}"""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def _served(folder: Path, handler: type[_Quiet] = _Quiet) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=folder))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def _site(archive: Path, site: Path) -> dict[str, str]:
    """Build the website, with both indexes. Return the text of each story by the name of its page."""
    archive.mkdir()
    if REAL.is_dir():
        cost_of((sys.executable, "-m", "scrapy", "import", REAL, "-s", f"ARCHIVE_DIR={archive}"), PROJECT, (0, 1))
    else:
        write_archive(archive, 300)
    cost_of((sys.executable, "-m", "scrapy", "site", archive, site), PROJECT)
    words = ("--site", site, "--glob", "story/*.html", "--root-selector", "main")
    subprocess.run([sys.executable, "-m", "pagefind", *words], check=True, capture_output=True)
    found = {path.stem: posts.read(path.read_text("utf-8")) for path in archive.glob("_posts/*/*/*/*.md")}
    return {name.split("-")[3]: f"{story.title}\n{posts.text_of(story.body)}" for name, story in found.items()}


def _ours(page: Page, words: str) -> set[str]:
    page.locator("#q").fill(words)
    page.locator("#search button").click()
    page.wait_for_function("!/正在/.test(document.querySelector('#found').textContent)")
    while page.locator("#more").is_visible():
        said = page.locator("#found").inner_text()
        page.locator("#more").click()
        page.wait_for_function("said => document.querySelector('#found').textContent !== said", arg=said)
    return _numbers(page.locator("#stories a").evaluate_all("all => all.map(one => one.href)"))


def _pagefinds(page: Page, words: str) -> set[str]:
    return _numbers(page.evaluate(_PAGEFIND, words))


def _numbers(links: Sequence[str]) -> set[str]:
    return {re.search(r"([\d-]+)\.html", link)[1] for link in links}


def _pieces(texts: Sequence[str], length: int, count: int) -> list[str]:
    rng, found = random.Random(length), set()
    while len(found) < count:
        if runs := re.findall(rf"[\u4e00-\u9fff]{{{length},}}", rng.choice(texts)):
            run = rng.choice(runs)
            start = rng.randrange(len(run) - length + 1)
            found.add(run[start : start + length])
    return sorted(found)


def _score(ask: Callable[[str], set[str]], queries: Sequence[str], texts: dict[str, str]) -> tuple[float, float]:
    """Return the percentage of the matching stories that are found, and of the found stories that match."""
    there = found = right = 0
    for words in queries:
        should, was = {number for number, text in texts.items() if words in text}, ask(words)
        there, found, right = there + len(should), found + len(was), right + len(should & was)
    return 100 * right / there, 100 * right / max(found, 1)


def recall(browser: Browser, folder: Path, samples: int = _SAMPLES) -> None:
    """Print the tables against Pagefind."""
    texts = _site(folder / "archive", folder / "site")
    with _served(folder / "site") as address:
        # The website's policy lets neither Pagefind's WebAssembly run nor what waits for a page here.
        page = browser.new_page(bypass_csp=True)
        page.goto(f"{address}/search.html")
        names = [name for name in NAMES if any(name in text for text in texts.values())]
        queries = {f"{len(names)} names and words": names} if names else {}
        for length in (2, 3, 4, 6):
            queries[f"{samples} pieces of {length} characters"] = _pieces(list(texts.values()), length, samples)
        scores = {
            what: (_score(partial(_ours, page), words, texts), _score(partial(_pagefinds, page), words, texts))
            for what, words in queries.items()
        }
    for place, title in enumerate(("Found of what is there (%)", "Right of what is found (%)")):
        rows = [Row(what, [ours[place]], [other[place]], "%") for what, (ours, other) in scores.items()]
        show(f"{title}, {len(texts)} stories", "Pagefind", rows)


# -- costs -------------------------------------------------------------------------------------------------


@cache
def _words() -> tuple[list[str], list[float]]:
    """Return words of 3,000 characters, and how often each is used up to it: a few very often, most seldom."""
    rng, characters = random.Random(3), [chr(0x4E00 + n) for n in range(3000)]
    weights = [1 / (n + 1) for n in range(3000)]
    words = ["".join(rng.choices(characters, weights, k=rng.choice((1, 2, 2, 2, 3)))) for _ in range(40_000)]
    return words, list(accumulate(1 / (n + 5) for n in range(len(words))))


def invented(number: int) -> IndexedStory:
    """Return a story of about 700 characters; one of ten thousand has 鹦鹉."""
    rng, (words, often) = random.Random(number), _words()
    text = "，".join("".join(rng.choices(words, cum_weights=often, k=9)) for _ in range(42))
    title = "".join(rng.choices(words, cum_weights=often, k=8)) + ("鹦鹉" if number % 9973 == 0 else "")
    section = rng.choice(("realtime/china", "realtime/world", "realtime/singapore"))
    return IndexedStory(str(1_000_000 + number), title, MOMENT + timedelta(minutes=13 * number), section, text)


class _Stories(_Quiet):
    def do_GET(self) -> None:
        if not self.path.startswith("/story/"):
            return super().do_GET()
        one = invented(int(Path(self.path).stem) - 1_000_000)
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(f'{_HEAD}<h1>{one.title}</h1><p class="story">{one.text}</p>'.encode())
        return None


def costs(browser: Browser, folder: Path, count: int) -> None:
    """Print what an index costs to build, to update and to read."""
    index = folder / "search-index"
    first = cost_of((sys.executable, "-m", "bench.searching", "build", count, index), PROJECT)
    sizes = [path.stat().st_size for path in index.rglob("*") if path.is_file()]
    print(f"{count} stories: {sum(sizes) / 1e6:.1f} MB in {len(sizes)} files")
    print(f"first build: {first.seconds:.0f} s, {first.cpu:.0f} s of processor time, {first.memory:.0f} MiB")
    took = []
    for start in range(count, count + 200, 10):
        began = process_time()
        update_index(index, [write_run(index, map(invented, range(start, start + 10)))], ())
        took.append(process_time() - began)
    half = sorted(took)[len(took) // 2]
    print(f"ten new stories, {len(took)} times: {half:.2f} s of processor time, at most {max(took):.2f} s")
    (folder / "search.html").write_text(_HEAD + _FORM, "utf-8")
    pairs = Counter(chain.from_iterable(terms(invented(number).text) for number in range(300)))
    common, often = (pair for pair, _ in pairs.most_common(2))
    queries = {"a common pair": common, "a rare pair": "鹦鹉", "two common pairs": f"{common} {often}"}
    with _served(folder, _Stories) as address:
        for what, words in queries.items():
            page, asked = browser.new_page(), []
            page.on("response", lambda response, asked=asked: asked.append((response.url, response.headers)))
            page.goto(f"{address}/search.html?q={words}")
            page.wait_for_function("/篇|没有/.test(document.querySelector('#found').textContent)")
            sizes = [int(head["content-length"]) for url, head in asked if re.search("search-index/.*[^s]$", url)]
            print(f"{what} ({page.inner_text('#found')}): {len(sizes)} requests, {sum(sizes) / 1000:.0f} KB")


def _write(index: Path, shards: int, numbers: list[int]) -> StoryRun:
    return write_run(index, map(invented, numbers), shards)


def _build(count: int, index: Path) -> None:
    # As the website's build does it: the newest stories first.
    work = partial(_write, index, groups_for(count))
    update_index(index, list(in_processes(work, chunks(range(count)[::-1], RUN), True)), ())


def main(*words: str) -> None:
    """Print the tables."""
    if words and words[0] == "build":
        _build(int(words[1]), Path(words[2]))
        return
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with TemporaryDirectory() as name, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=sandbox)
        costs(browser, Path(name), int(words[0])) if words else recall(browser, Path(name))
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Measure recall and precision of the website's search against Pagefind's.

The stories are the real ones in ``../shared`` if the folder exists, else the replica's. A search should find the
stories that hold the words exactly as typed, and no others.
"""

from __future__ import annotations

import html
import os
import random
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

from playwright.sync_api import Page, sync_playwright

from bench.archives import write_archive
from bench.measuring import Row, cost_of, show
from bench.site import PROJECT
from zbcrawler.archive import posts
from zbcrawler.tools.website.pages import read_stories
from zbcrawler.tools.website.search_index import write_index

REAL = PROJECT.parent / "shared" / "real-pages"
# Names and words of the real stories' years.
NAMES = (
    "特朗普 拜登 习近平 李显龙 蔡英文 林郑月娥 蓬佩奥 王毅 南中国海 台海 中美关系 人民日报 国务院 外交部 新加坡 香港 "
    "西安 冠病 疫苗 病例 抗疫 国安法 示威 警告 留学生 航空母舰"
).split()
_SAMPLES = 60
_HEAD = '<!DOCTYPE html><html lang="zh-Hans"><meta charset="utf-8">'
_PAGE = _HEAD + '<main data-pagefind-body><h1>{}</h1><div class="story">{}</div></main>'
_SEARCH_PAGE = PROJECT / "zbcrawler" / "tools" / "website" / "skeleton" / "search.html"
_PAGEFIND = """async words => {
    const pagefind = await import("/pagefind/pagefind.js");
    const found = await pagefind.search(words);
    return (await Promise.all(found.results.map(one => one.data()))).map(one => one.url);
}"""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def _site(archive: Path, site: Path) -> dict[str, str]:
    """Write pages with both indexes. Return the text of each story by the name of its page."""
    archive.mkdir()
    if REAL.is_dir():
        cost_of((sys.executable, "-m", "scrapy", "import", REAL, "-s", f"ARCHIVE_DIR={archive}"), PROJECT, (0, 1))
    else:
        write_archive(archive, 300)
    texts, stories = {}, read_stories(archive, print)
    (site / "story").mkdir(parents=True)
    for story in stories:
        body = posts.read((archive / story.path).read_text("utf-8")).body
        texts[story.page] = f"{story.title}\n{posts.text_of(body)}"
        page = _PAGE.format(html.escape(story.title), "\n".join(body))
        (site / "story" / f"{story.page}.html").write_text(page, "utf-8")
    subprocess.run([sys.executable, "-m", "pagefind", "--site", site], check=True, capture_output=True)
    write_index(archive, site, stories)
    form = _SEARCH_PAGE.read_text("utf-8").split("---\n", 2)[2]
    (site / "search.html").write_text(_HEAD + form, "utf-8")
    return texts


def _ours(page: Page, words: str) -> set[str]:
    page.locator("#q").fill(words)
    page.locator("form button").click()
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


def main(samples: int = _SAMPLES) -> None:
    """Print the tables."""
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with TemporaryDirectory() as name, sync_playwright() as playwright:
        texts = _site(Path(name, "archive"), Path(name, "site"))
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=sandbox)
        with _served(Path(name, "site")) as address:
            page = browser.new_page()
            page.goto(f"{address}/search.html")
            names = [name for name in NAMES if any(name in text for text in texts.values())]
            queries = {f"{len(names)} names and words": names} if names else {}
            for length in (2, 3, 4, 6):
                queries[f"{samples} pieces of {length} characters"] = _pieces(list(texts.values()), length, samples)
            scores = {
                what: (_score(partial(_ours, page), words, texts), _score(partial(_pagefinds, page), words, texts))
                for what, words in queries.items()
            }
        browser.close()
    for place, title in enumerate(("Found of what is there (%)", "Right of what is found (%)")):
        rows = [Row(what, [ours[place]], [other[place]], "%") for what, (ours, other) in scores.items()]
        show(f"{title}, {len(texts)} stories", "Pagefind", rows)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

"""A website that has only what the search needs: an index, story pages and the search page; and a reader who searches."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from pathlib import Path

from jinja2 import ChoiceLoader, DictLoader, Environment, FileSystemLoader
from playwright.sync_api import Browser, expect

from support.browsing import Visit
from support.crawling import MOMENT
from zbcrawler.common.times import SINGAPORE
from zbcrawler.tools.website import search_index
from zbcrawler.tools.website.search_index import runs_of
from zbcrawler.tools.website.search_runs import IndexedStory
from zbcrawler.tools.website.search_terms import normal

SECTIONS = {"realtime/china": "即时·中国", "realtime/world": "即时·国际", "news/sea": "新闻·东南亚"}
_TEMPLATES = Path(search_index.__file__).with_name("templates")
_HEAD = '<!DOCTYPE html><html lang="zh-Hans"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
_PAGE = _HEAD + (
    '<title>{% block title %}{% endblock %}</title><link rel="stylesheet" href="style.css">{% block head %}{% endblock %}'
    "<main>{% block body %}{% endblock %}</main></html>"
)
_COLOURS = """
:root { color-scheme: light dark; --ground: #fff; --quiet: #595959; --line: #ddd; --link: #8a1c14 }
@media (prefers-color-scheme: dark) { :root { --ground: #16181a; --quiet: #a5a8aa; --line: #3a3e42; --link: #ff9d8f } }
body { background: var(--ground) } a { color: var(--link) }
"""


def story(number: object, title: str, text: str = "", section: str = "realtime/china", days: float = 0) -> IndexedStory:
    """Return a story that was published so many days before the moment of the tests."""
    return IndexedStory(str(number), title, MOMENT.astimezone(SINGAPORE) - timedelta(days=days), section, text)


def write_pages(site: Path, stories: Collection[IndexedStory], removed: Collection[str] = ()) -> None:
    """Write the pages of stories and the search page, and update the index."""
    (site / "story").mkdir(parents=True, exist_ok=True)
    for one in stories:
        lines = "".join(f"<p>{html.escape(line)}</p>" for line in one.text.split("\n"))
        page = f'{_HEAD}<h1>{html.escape(one.title)}</h1><div class="story">{lines}</div>'
        (site / "story" / f"{one.page}.html").write_bytes(page.encode("utf-8", "replace"))
    for page in removed:
        (site / "story" / f"{page}.html").unlink()
    loader = ChoiceLoader([DictLoader({"page.html": _PAGE}), FileSystemLoader(_TEMPLATES)])
    page = Environment(loader=loader, autoescape=True).get_template("search.html").render(sections=SECTIONS.items())
    (site / "search.html").write_text(page, "utf-8")
    (site / "style.css").write_text(_COLOURS, "utf-8")
    (site / "404.html").write_text("not found", "utf-8")
    update_index(site / "search-index", stories, removed)


def update_index(index: Path, stories: Iterable[IndexedStory], removed: Collection[str] = ()) -> None:
    search_index.update_index(index, list(runs_of(index, stories)), removed)


def scan(stories: Sequence[IndexedStory], words: str) -> list[str]:
    """Return the pages of the stories that have all words, the newest first."""
    phrases = normal(words).split()
    found = [one for one in stories if all(any(word in normal(text) for text in one[1::3]) for word in phrases)]
    return [one.page for one in sorted(found, key=lambda one: (one.time, int(one.page)), reverse=True)]


class Searcher:
    """A reader at the search page.

    :ivar asked: the requests for files of the index: address and bytes
    """

    def __init__(self, browser: Browser, address: str, query: str = "", **more: object) -> None:
        self.visit = Visit(browser, **more)
        self.page = self.visit.page
        self.asked: list[tuple[str, int]] = []
        self.page.on("response", self._note)
        self.page.goto(f"{address}/search.html{query}")
        self.wait()

    def _note(self, response) -> None:
        if "/search-index/" in response.url and not response.url.endswith(".js"):
            self.asked.append(
                (response.url.partition("/search-index/")[2], int(response.headers.get("content-length", 0)))
            )

    @property
    def status(self) -> str:
        return self.page.get_by_role("status").inner_text()

    def wait(self) -> None:
        # The website's policy forbids wait_for_function.
        expect(self.page.locator("#found")).not_to_have_text(re.compile("正在"), timeout=60_000)

    def pages(self) -> list[str]:
        links = self.page.locator("#stories a").evaluate_all("all => all.map(one => one.href)")
        return [re.search(r"/([^/]+)\.html$", link)[1] for link in links]

    def __call__(self, words: str, **filters: str) -> list[str]:
        """Return the pages found, in the order shown."""
        return self.each([words], **filters)[0]

    def each(self, queries: Sequence[str], **filters: str) -> list[list[str]]:
        """Return the pages found for each of many questions, asked inside the page, which saves ten calls a question."""
        found = self.page.evaluate(
            """async ([queries, filters]) => {
                const form = document.querySelector("#search"), status = document.querySelector("#found");
                const more = document.querySelector("#more"), found = [];
                const until = async done => { while (!done()) await new Promise(go => setTimeout(go, 2)); };
                for (const [name, value] of Object.entries(filters)) form.elements[name].value = value;
                for (const words of queries) {
                    form.elements.q.value = words;
                    form.requestSubmit();
                    await until(() => !/正在/.test(status.textContent));
                    while (!more.hidden) {
                        const said = status.textContent;
                        more.click();
                        await until(() => status.textContent !== said);
                    }
                    found.push([...document.querySelectorAll("#stories a")].map(one => one.href));
                }
                return found;
            }""",
            [list(queries), filters],
        )
        return [[re.search(r"/([^/]+)\.html$", link)[1] for link in links] for links in found]

"""Make the pictures of the documentation: ``python tests/make_screenshots.py [FOLDER]``, by default ``docs/images/``.

What they show is real: crawls of the replica, a website by ``scrapy site``, and the demo on a terminal, all in Chromium.
The news is invented, and the photographs are drawn (``support/drawings.py``).
"""

from __future__ import annotations

import base64
import html
import os
import pty
import re
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

PROJECT = Path(__file__).parents[1]
sys.path.append(str(PROJECT))

from playwright.sync_api import Browser, Page, Route  # noqa: E402
from support import drawings  # noqa: E402
from support.browsing import chromium  # noqa: E402
from support.crawling import crawl, scrapy  # noqa: E402

from zbcrawler.replica.invented_news import CORRECTED, RETITLED, InventedNews  # noqa: E402
from zbcrawler.replica.pictures import STORE, Picture  # noqa: E402
from zbcrawler.replica.server import Replica  # noqa: E402

IMAGES = PROJECT / "docs" / "images"
# Words of a title, the drawing, and its caption.
PHOTOGRAPHS = (
    ("提前通车", drawings.bridge, "通车后的跨湾大桥。（港务局提供）"),
    ("92个摊位", drawings.market, "重新开业的石榴湾巴刹。（罗以宁摄）"),
    ("夜间渡轮", drawings.ferry, "末班渡轮驶向望汐岛。（轮渡公司提供）"),
    ("三万候鸟", drawings.wetland, "候鸟飞过长汀半岛。（管理处提供）"),
)
COLUMNS = 100  # of the terminal
# PNG is twice as large. Chromium writes WebP from a canvas only.
WEBP = """async png => {
    const image = new Image(), canvas = document.createElement("canvas");
    image.src = "data:image/png;base64," + png;
    await image.decode();
    [canvas.width, canvas.height] = [image.width, image.height];
    canvas.getContext("2d").drawImage(image, 0, 0);
    return canvas.toDataURL("image/webp", 0.85).split(",")[1];
}"""
TERMINAL = """<!DOCTYPE html><meta charset="utf-8"><style>
body { margin: 0; background: #17181c; color: #d6d8de; }
pre { margin: 0; padding: 18px 22px; font: 14px/1.5 "Noto Sans Mono CJK SC", monospace; white-space: pre-wrap; }
.c1 { color: #fff; font-weight: bold; } .c2 { color: #8b8f9a; } .c31 { color: #ff8078; } .c32 { color: #7ddc8c; }
.c9 { text-decoration: line-through; }
</style><pre>"""


def main(folder: Path = IMAGES) -> None:
    """Write ``site.webp``, ``edits.webp`` and ``demo.webp`` into a folder, which is made if it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as name, chromium() as browser:
        site = make_site(Path(name))
        page = window(browser, 1000, 800)
        page.goto((site / "index.html").as_uri())
        shoot(page, folder / "site.webp")
        page = window(browser, 780, 600)
        page.goto((site / "edits.html").as_uri())
        shoot(page, folder / "edits.webp", until="article:last-of-type")
        page = window(browser, 900, 400, sharpness=1.2)
        page.set_content(TERMINAL + as_html(run_demo()))
        shoot(page, folder / "demo.webp", until="pre")


def make_site(folder: Path) -> Path:
    """Archive the invented news before and after two edits, build the archive's website, and return its folder."""
    archive, site, newsroom = folder / "archive", folder / "site", InventedNews()
    subprocess.run(["git", "init", "--quiet", archive], check=True)
    for words, draw, caption in PHOTOGRAPHS:
        story = newsroom.titled(words)
        story.content = replace(story.content, lead=(Picture(f"{STORE}/2026-01/{draw.__name__}.jpg", caption),))
    with Replica(newsroom) as replica:
        check(crawl("realtime", replica.url, archive, newsroom, settings={"ARCHIVE_COMMIT": 1}))
        newsroom.clock.advance(timedelta(minutes=80))
        newsroom.change(*RETITLED)
        newsroom.change(*CORRECTED)
        check(crawl("realtime", replica.url, archive, newsroom, settings={"ARCHIVE_COMMIT": 1}))
    check(scrapy("site", archive, site, "-s", f"CLOCK={newsroom.clock.now().isoformat()}"))
    return site


def check(run: subprocess.CompletedProcess[str]) -> None:
    """Raise AssertionError with the output of a command that failed."""
    assert run.returncode == 0, run.stdout + run.stderr


def run_demo() -> str:
    """Run ``scrapy demo`` on a terminal, and return what it writes there."""
    ours, theirs = pty.openpty()
    variables = {"TERM": "xterm-256color", "COLUMNS": str(COLUMNS)}
    env = {**{name: value for name, value in os.environ.items() if name != "NO_COLOR"}, **variables}
    command = [sys.executable, "-m", "scrapy", "demo"]
    with subprocess.Popen(command, cwd=PROJECT, stdout=theirs, stderr=theirs, env=env) as process:
        os.close(theirs)
        shown = bytearray()
        with suppress(OSError):  # the demo has closed the terminal
            while data := os.read(ours, 4096):
                shown += data
    os.close(ours)
    text = shown.decode().replace("\r\n", "\n")
    assert process.returncode == 0, text
    return text


def as_html(text: str) -> str:
    """Return the text of a terminal as HTML, its colours as classes."""
    text = re.sub(r"\x1b\[0m", "</span>", html.escape(text))
    return re.sub(
        r"\x1b\[([\d;]+)m", lambda found: f'<span class="{" ".join("c" + one for one in found[1].split(";"))}">', text
    )


def window(browser: Browser, width: int, height: int, sharpness: float = 1.6) -> Page:
    """Open a window in which the newspaper's picture store has the drawings; nothing else answers.

    :param sharpness: pixels of a picture for each pixel of the page
    """
    page = browser.new_page(viewport={"width": width, "height": height}, device_scale_factor=sharpness)
    page.route("http*://**/*", serve_drawing)
    return page


def serve_drawing(route: Route) -> None:
    """Answer a request for a photograph with its drawing."""
    name = Path(urlsplit(route.request.url).path).stem
    drawn = {draw.__name__: draw for _, draw, _ in PHOTOGRAPHS}
    route.fulfill(body=drawn[name](), content_type="image/svg+xml") if name in drawn else route.abort()


def shoot(page: Page, file: Path, until: str = "") -> None:
    """Write the picture of a page.

    :param until: the selector of the element with which the picture ends; without it, the window's height
    """
    box = page.locator(until).last.bounding_box() if until else None
    if box:
        page.set_viewport_size({**page.viewport_size, "height": round(box["y"] + box["height"])})
    png = base64.b64encode(page.screenshot()).decode()
    file.write_bytes(base64.b64decode(page.context.browser.new_page().evaluate(WEBP, png)))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))

"""Archives from which real programs build a website, and a server for it."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from bench.archives import as_archived
from support.cleaned import clean_html
from support.crawling import MOMENT, scrapy
from support.programs import needs
from zbcrawler.archive import posts
from zbcrawler.archive.archive import Archive
from zbcrawler.archive.disk import link_from_post
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.text import one_line
from zbcrawler.common.times import Clock
from zbcrawler.items import Story
from zbcrawler.replica.past import newsroom_with_past

HOSTILE_TITLES = [
    "quotes \"x\" and 'y' and “z”",
    "colon: and # hash and - dash",
    "--- # [x](y) ![i](j) *a* _b_ `c` ~d~ <b>e</b> | f",
    "{{ site.title }} {% raw %} {% endraw",
    "{{< figure >}} {{% highlight %}} <div>",
    "back\\slash \\n \\",
    "@ & % ! > ? ~ null",
    "家庭👨‍👩‍👧与　全角\u00a0空格\u200b",
    "yes",
    "2026-01-31",
    "1. 一、[^1]: $$x$$",
    "</title><script>alert(1)</script>",
    "标题" * 120,
    "W" * 300,
]
HOSTILE_BODY = """<p>{{ site.title }} {% raw %} {% include x %} {{< x >}}</p><p>---</p><p># 不是标题 * _ `</p>
<pre>一\n  {{ 二 }}\n\n三</pre><p>1 &lt; 2 &amp;&amp; &lt;script&gt; &lt;div&gt; &lt;!-- &lt;img src=x&gt;</p><blockquote>引</blockquote>
<p>http://example.org/%7B%7B?a=1&amp;b=2</p><ul><li>甲<ol><li>乙</li></ol></li></ul><hr><h2>小标题 {#id .class}</h2>
<p>{: .class} $$x^2$$ *[缩写]: y</p><table><tr><th colspan="2">长</th></tr><tr><td>|</td><td>||</td></tr></table>
<p>a&#768;&#x1F600;　𠮷野家<br>换行 <sub>2</sub><sup>[^1]</sup></p><p>WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW</p>"""
PICTURE = "https://static.zaobao.com/s3fs-public/2026-01/bridge.jpg"
SEARCHED = "外长在南中国海问题上表态，涉及1000亿美元的<strong>特朗</strong>普关税；王毅与李显龙会面，ＡＢＣ论坛闭幕。"
CELLS = "".join(f"<td>第{n}栏有些字</td>" for n in range(8))


def story_of(number: int, title: str, body: list[str], **more: object) -> Story:
    """Return a story of January 2026, some minutes after a midnight."""
    moment = MOMENT.replace(day=30, hour=0) + timedelta(minutes=number)
    address = StoryAddress.parse(f"/realtime/china/story20260130-{number}")
    return replace(Story(address, one_line(title), moment, body, moment), **more)


def sample() -> list[Story]:
    """Return stories of three months and sections: with hostile titles, pictures, and words to search for."""
    past = newsroom_with_past(Clock(MOMENT), stories=60, months=3)
    stories = [as_archived(one) for one in past.expected()]
    stories += [
        story_of(number, title, clean_html(HOSTILE_BODY), keywords=("甲",), optional_keys=frozenset({"keywords"}))
        for number, title in enumerate(HOSTILE_TITLES, 1)
    ]
    kept = f'<figure><img src="{link_from_post("pictures/ab/abc.png")}" alt="图"><figcaption>存下的图</figcaption></figure>'
    linked = f'<figure><img src="{PICTURE}" alt=""><figcaption>大桥</figcaption></figure>'
    return [
        *stories,
        story_of(100, "有图的", ["<p>第一段。</p>", kept, linked]),
        story_of(101, "南中国海与别的", ["<p>别的。</p>"]),
        story_of(102, "要找的", [f"<p>{SEARCHED}</p>"]),
        story_of(
            104, "别的文字", ["<p>ｶﾞｽ公司 ΣΟΦΟΣ constructo</p>", f"<table><tbody><tr>{CELLS}</tr></tbody></table>"]
        ),
        story_of(103, "分开的", ["<p>南中有人，中国有海，国海不相邻。</p>"]),
    ]


def write(root: Path, stories: list[Story]) -> None:
    """Write posts into an archive's folder."""
    archive = Archive(root)
    for story in stories:
        path = archive.path_of(story.address)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(posts.render(story).encode())


def build(root: Path, out: Path, *options: object) -> str:
    """Build the website of an archive, and return what the command prints."""
    run = scrapy("site", root, out, *options, "-s", f"CLOCK={(MOMENT + timedelta(days=1)).isoformat()}")
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def jekyll(root: Path, site: Path) -> str:
    """Build the website with Jekyll and return its output."""
    command = [needs("jekyll"), "build", "--source", root, "--destination", site, "--strict_front_matter", "--trace"]
    built = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return built.stdout + built.stderr


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass

    def send_error(self, code: int, *_: object, **__: object) -> None:
        """Send the website's own error page, as static hosts do."""
        body = Path(self.directory, "404.html").read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def served(site: Path) -> Iterator[str]:
    """Serve a folder on loopback and yield its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()

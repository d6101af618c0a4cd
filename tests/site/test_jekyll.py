"""A real Jekyll builds what we write: odd headlines and bodies stop nothing and stay text."""

from __future__ import annotations

import html
import io
import re
import subprocess
from datetime import datetime, timezone

from programs import needs

from zbcrawler.addresses import StoryAddress
from zbcrawler.archive import Archive
from zbcrawler.cleaning import clean_html
from zbcrawler.cleaning.text import one_line
from zbcrawler.exporters import PostExporter
from zbcrawler.items import Story

TITLES = [
    "quotes \"x\" and 'y' and “z”",
    "colon: and # hash and - dash",
    "--- # [x](y) ![i](j) *a* _b_ `c` ~d~ <b>e</b> | f",
    "{{ site.title }} {% raw %} {% endraw",
    "back\\slash \\n \\",
    "@ & % ! > ? ~ null",
    "家庭👨‍👩‍👧与　全角\u00a0空格\u200b",
    "yes",
    "2026-01-31",
    "1. 一、[^1]: $$x$$",
    "标题" * 120,
]
BODY = """<p>{{ site.title }} {% raw %} {% include x %}</p><p>---</p><p># 不是标题 * _ `</p>
<pre>一\n  {{ 二 }}\n\n三</pre><p>1 &lt; 2 &amp;&amp; &lt;script&gt;</p><blockquote>引</blockquote><table><tr><td>|</td></tr></table>"""


def post(number: int, title: str) -> Story:
    moment = datetime(2026, 1, 31, 4, number, tzinfo=timezone.utc)
    address = StoryAddress.parse(f"/realtime/china/story20260131-{number}")
    return Story(address, one_line(title), moment, clean_html(BODY), moment)


def test_jekyll_builds_hostile_posts(tmp_path):
    jekyll = needs("jekyll")
    source, site = tmp_path / "archive", tmp_path / "site"
    stories = [post(number, title) for number, title in enumerate(TITLES, 1)]
    for story in stories:
        file = io.BytesIO()
        PostExporter(file).export_item(story)
        Archive(source).write(Archive(source).path_of(story.address), file.getvalue())
    (source / "_config.yml").write_text("title: SITE\ntimezone: Asia/Singapore\npermalink: /:title.html\n")
    (source / "_layouts").mkdir()
    (source / "_layouts" / "post.html").write_text("<title>{{ page.title | escape }}</title>\n{{ content }}")
    built = subprocess.run(
        [jekyll, "build", "--source", source, "--destination", site, "--strict_front_matter"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    assert "Error" not in built.stdout + built.stderr
    for story in stories:
        page = (site / f"{story.address.number}.html").read_text("utf-8")
        title = html.unescape(re.search(r"<title>(.*?)</title>", page, re.DOTALL)[1])
        assert title == story.title
        assert "SITE" not in page
        assert "{{ site.title }}" in html.unescape(page)
        assert "<script>" not in page
        assert "<p>---</p>" in page

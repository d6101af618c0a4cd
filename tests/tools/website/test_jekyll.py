"""A real Jekyll builds what we write with anybody's layouts: odd headlines and bodies stop nothing and stay text."""

from __future__ import annotations

import html
import re

from support.cleaned import clean_html
from support.sites import HOSTILE_BODY, HOSTILE_TITLES, jekyll, story_of, write


def test_jekyll_builds_hostile_posts(tmp_path):
    source, site = tmp_path / "archive", tmp_path / "site"
    stories = [story_of(number, title, clean_html(HOSTILE_BODY)) for number, title in enumerate(HOSTILE_TITLES, 1)]
    write(source, stories)
    (source / "_config.yml").write_text("title: SITE\ntimezone: Asia/Singapore\npermalink: /:title.html\n")
    (source / "_layouts").mkdir()
    (source / "_layouts" / "post.html").write_text("<title>{{ page.title | escape }}</title>\n{{ content }}")
    assert "Error" not in jekyll(source, site)
    for story in stories:
        page = (site / f"{story.address.number}.html").read_text("utf-8")
        title = html.unescape(re.search(r"<title>(.*?)</title>", page, re.DOTALL)[1])
        assert title == story.title
        assert "SITE" not in page
        assert "{{ site.title }}" in html.unescape(page)
        assert "<script>" not in page
        assert "<p>---</p>" in page

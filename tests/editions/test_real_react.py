"""The words of real stories, wrapped in the markup of the React build that site-layouts 4.2 and 8 describe.

The words are other people's and stay outside the project, in `../shared`; without that folder these tests are skipped.
What each text node of a story is cannot be seen in the words, so it is written down here, a letter for a node.
"""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest
from support.editions import story_on

from zbcrawler.cleaning import clean
from zbcrawler.editions import Page

SOURCE = Path(__file__).resolve().parents[2].parent / "shared" / "real-pages" / "react-rendered.jsonl"
STORIES = [json.loads(line) for line in SOURCE.read_text("utf-8").splitlines()] if SOURCE.is_file() else []

pytestmark = pytest.mark.skipif(not STORIES, reason="the real stories are not at hand (../shared)")

# s standfirst, c lead caption, p paragraph, h subhead, k caption in the text; l a link in the paragraph, t the text
# behind the link, L a paragraph that begins with a link; r the heading 延伸阅读, T a title under it. Then the tags.
NODES = {
    "1153202": ("ppppprTp", 0),
    "1154239": ("ppp", 0),
    "1154245": ("cpppp", 5),
    "1154249": ("ppp", 1),
    "1379274": ("scpphp", 4),
    "1380228": ("cppltpppltltrTTLt", 6),
    "1380223": ("ppp", 4),
    "4426848": ("cpltpphkpprTTppphkpkpp", 3),
    "4426906": ("ppppprTp", 1),
    "4426847": ("ppppprTT", 3),
    "6956996": ("cppppprTTppltlt", 6),
    "6956140": ("cppp", 4),
    "6956593": ("cphpppprTThppphpppp", 5),
    "6968690": ("cpltpppppppp", 4),
    "6964888": ("cppp", 5),
    "6968890": ("cpppltppltltltltrTTp", 6),
}
MARKER = ["订户", "赠阅文章"]
ANNOUNCEMENT = 4  # nodes
DIALOG = (
    '<div role="dialog"><p>订户专享 赠阅文章</p><p>早报VIP会员登录后，即可使用此功能。</p><button>登录</button></div>'
)
RELATED = {
    "cards": (
        '<section class="my-6"><h2>延伸阅读</h2><div class="flex">{}</div></section>',
        "<div>{img}<div>{a}</div></div>",
    ),
    "links": ("<div><p>延伸阅读</p>{}</div>", '<a href="/news/china/story20250101-1">{img}<h3>{title}</h3></a>'),
    "beside": (
        "<div><span>延伸阅读</span></div><div>{}</div>",
        '<div><a href="/news/story20250101-1">{img}</a></div>{a}',
    ),
    "list": ("<h4>延伸阅读</h4><ul>{}</ul>", "<li>{img}{a}</li>"),
}
escape = html.escape


class RealStory:
    """The nodes of one story, told apart."""

    def __init__(self, record: dict) -> None:
        self.address, self.title = record["article_url"], record["site_title"]
        kinds, tags = NODES[self.address.rpartition("-")[2]]
        self.kinds = kinds
        nodes = record["content"].split("\n\n")
        assert nodes.pop(0) == self.title
        self.cut = nodes[:2] == MARKER
        if self.cut:
            del nodes[:2]
        self.announcement = nodes[:ANNOUNCEMENT] if "订户专享" in nodes[0] else []
        nodes = nodes[len(self.announcement) :]
        self.body = list(zip(kinds, nodes, strict=False))
        self.tags = nodes[len(kinds) : len(kinds) + tags]
        self.below = nodes[len(kinds) + tags :]
        assert self.below[0] == "上一篇"
        self.images = record["images"]
        self.titles = [words for kind, words in self.body if kind == "T"]

    def image(self, words: str | None) -> str:
        """Return the picture whose `alt` has these words; of several, the first; empty if there is none."""
        found = next((one for one in self.images if one["alt_text"] == words), None)
        return f'<img src="{escape(found["image_url"])}" alt="{escape(words or "")}">' if found else ""

    @property
    def hero(self) -> dict | None:
        return next((one for one in self.images if "?" in one["image_url"]), None)

    @property
    def expected(self) -> str:
        return squeezed("".join(words for kind, words in self.body if kind not in "rT"))

    def markup(self, related: str) -> str:
        """Return the content of `.articleBody`; of `body_cn` if there is no form of `related`."""
        parts: list[str] = []
        for kind, words in self.body:
            text = escape(words, quote=False)
            link = f'<a href="/keywords/x">{text}</a>'
            if kind in "pL":
                parts.append(f"<p>{text if kind == 'p' else link}</p>")
            elif kind in "lt":
                parts[-1] = parts[-1].removesuffix("</p>") + (link if kind == "l" else text) + "</p>"
            elif kind == "h":
                parts.append(f"<h3>{text}</h3>")
            elif kind == "k":
                parts.append(inline(self.image(words), text))
            elif kind == "r" and related:
                block, card = RELATED[related]
                cards = [
                    card.format(
                        img=self.image(title), a=f'<a href="/news/story20250101-1">{escape(title)}</a>', title=title
                    )
                    for title in self.titles
                ]
                parts.append(block.format("".join(cards)))
        if any(one["alt_text"] is None and one is not self.hero for one in self.images):
            bare = next(one for one in self.images if one["alt_text"] is None and one is not self.hero)
            parts.insert(1, inline(f'<img src="{bare["image_url"]}">', ""))
        return "\n".join(parts)

    def page(self, related: str, way: str) -> Page:
        title = escape(self.title, quote=False)
        above = "".join(f"<div>{words}</div>" for words in (MARKER if self.cut else []))
        above += "<div>" + "".join(f"<p>{words}</p>" for words in self.announcement) + "</div>"
        above += "".join(f"<div>{escape(words)}</div>" for kind, words in self.body if kind == "s")
        if self.hero:
            words = escape(self.hero["alt_text"] or "")
            shown = f"<div>{words}</div>" if words else ""
            image = f'<img src="{escape(self.hero["image_url"])}" alt="{words}">'
            above += f'<div class="my-[16px] text-[14px]"><button class="w-full">{image}</button>{shown}</div>'
        tags = "".join(f'<a href="/keywords/x">{escape(tag)}</a>' for tag in self.tags)
        below = f'<div><img src="/assets/tag-icon.svg">{tags}</div>' + "".join(
            f"<div>{escape(words)}</div>" for words in self.below
        )
        script = ""
        if way == "data":
            images = [{"url": self.hero["image_url"], "caption": self.hero["alt_text"]}] if self.hero else []
            data = {"headline": self.title, "create_time": 1750820820, "images": images, "body_cn": self.markup("")}
            data = {"loaderData": {"0-0": {"context": {"payload": {"article": data}}}}}
            literal = json.dumps(json.dumps(data)).replace("</", "<\\/")
            script = f"<script>window.__staticRouterHydrationData = JSON.parse({literal});</script>"
        return Page(
            self.address,
            '<html><head><script id="seo-article-page" type="application/ld+json"></script></head><body><div id="root">'
            "<div>发布/2025年6月25日 11:07</div><div>更新/2025年6月25日 12:00</div><div>小标准中大</div>"
            f'<article class="max-w-full"><h1>{title}</h1>{above}<div class="articleBody">{self.markup(related)}</div>{below}'
            f"</article>{DIALOG}</div>{script}</body></html>",
        )


def inline(image: str, caption: str) -> str:
    return (
        f'<div class="inline-figure bff-inline-image"><div class="figure-media">{image}</div><button class="cursor-pointer">'
        f'<img class="bff-inline-image-expand-icon"></button><div class="figure-caption">{caption}</div></div>'
    )


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("way", ["markup", "data"])
@pytest.mark.parametrize("related", RELATED)
@pytest.mark.parametrize("record", STORIES, ids=[record["article_url"].rpartition("/")[2] for record in STORIES])
def test_a_real_story_loses_no_word_and_keeps_no_noise(record, related, way):
    real = RealStory(record)
    page = real.page(related, way)
    reading = story_on(page)
    body = clean(reading.raw, page.origin, reading.noise)
    assert squeezed(html.unescape(re.sub(r"<[^>]*>", "", "".join(body.lines)))) == real.expected
    assert reading.title == " ".join(real.title.split())
    assert reading.truncated is real.cut
    blocks = [line for line in body.lines if not line.startswith("<figure>")]
    assert len(blocks) == sum(real.kinds.count(kind) for kind in "spLh")
    figures = [line for line in body.lines if line.startswith("<figure>")]
    assert len(figures) == len([one for one in real.images if one["alt_text"] not in real.titles])
    assert way == "markup" or real.cut or "s" in real.kinds or "tree" not in vars(page)


def test_the_real_stories_have_each_case_once():
    shapes = [RealStory(record) for record in STORIES]
    assert len(shapes) == len(NODES) == 16
    assert {story.cut for story in shapes} == {True, False}
    assert any(story.announcement for story in shapes)

"""Compose the content of an ordinary story from invented text."""

from __future__ import annotations

import random

from zbcrawler.replica import embeds, text
from zbcrawler.replica.content import Block, Content, Figure, Items, Quote, Text, inner_link
from zbcrawler.replica.markup import PUBLIC_SITE
from zbcrawler.replica.pictures import STORE, Picture

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789"


def compose(rng: random.Random) -> Content:
    """Return one to twelve paragraphs, with about as many extras as real stories have (site-layouts 3.4)."""
    blocks: list[Block] = list(paragraphs(rng, rng.choice((1, 2, 3, 4, 5, 5, 6, 6, 6, 7, 8, 9, 12))))
    if len(blocks) > 4:
        for chance, make in _EXTRAS:
            if rng.random() < chance:
                blocks.insert(rng.randrange(1, len(blocks)), make(rng))
    chance = rng.random()
    if chance < 0.02:
        return Content(tuple(blocks), (lead_picture(rng), lead_picture(rng)))
    return Content(tuple(blocks), (lead_picture(rng),) if chance < 0.15 else ())


def paragraphs(rng: random.Random, count: int) -> list[Text]:
    """Return ``count`` invented paragraphs."""
    return [Text(text.paragraph(rng)) for _ in range(count)]


def lead_picture(rng: random.Random) -> Picture:
    """Return a lead picture of 2021. Its address is in ``data-src`` and root-relative or absolute."""
    stamp = f"&timestamp={rng.randrange(1_500_000_000, 1_600_000_000)}" if rng.random() < 0.3 else ""
    path = f"/styles/article_large_full/public/{_month(rng)}/{_file(rng)}.jpg?itok={_token(rng, 8)}{stamp}"
    written = rng.choice(("", "/s3/files" + path, "https://www.zaobao.com.sg/s3/files" + path))
    return Picture(STORE + path, text.caption(rng), written)


def inline_picture(rng: random.Random, with_caption: bool = True) -> Picture:
    """Return a picture inside a body. Its address has a version id and a token, as on the site."""
    name = _file(rng) + rng.choice((".jpg", ".JPG", ".png"))
    path = f"/styles/inline_medium/public/{_month(rng)}/{name}?{_token(rng, 32)}&itok={_token(rng, 8)}"
    words = text.caption(rng) if with_caption else ""
    alt, post_alt = rng.choice((("", ""), (name, ""), (words, words)))
    written = rng.choice(("", "", "/s3/files" + path))
    return Picture(STORE + path, words, written, alt, post_alt)


def story_link(rng: random.Random) -> str:
    """Return the public address of a story, which need not exist."""
    return f"{PUBLIC_SITE}/realtime/china/story20210503-{rng.randint(1_100_000, 1_200_000)}"


def _linked_paragraph(rng: random.Random) -> Block:
    return inner_link(story_link(rng), "另据早前报道，", text.headline(rng), "。" + text.paragraph(rng))


_EXTRAS = (
    (0.12, lambda rng: Text(text.subheading(rng), "h3")),
    (0.12, lambda rng: Text(text.subheading(rng), "strong")),
    (0.20, lambda rng: Figure(inline_picture(rng))),
    (0.05, lambda rng: Items([text.headline(rng) for _ in range(3)], numbered=rng.random() < 0.5)),
    (0.05, lambda rng: Quote([text.paragraph(rng) for _ in range(2)])),
    (0.05, _linked_paragraph),
    (0.03, lambda rng: embeds.frame(f"https://www.youtube.com/embed/{_token(rng, 11)}")),
)


def _month(rng: random.Random) -> str:
    return f"{rng.randint(2021, 2024)}-{rng.randint(1, 12):02d}"


def _file(rng: random.Random) -> str:
    return rng.choice(("photo", "IMG", "file", "pasted%20image", "view%20%281%29")) + f"_{rng.randrange(10**6)}"


def _token(rng: random.Random, length: int) -> str:
    return "".join(rng.choices(_LETTERS, k=length))

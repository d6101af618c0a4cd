"""Pictures of a story: how each build writes them, and how a clean post must show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from zbcrawler.replica.markup import attribute, page_text, post_attribute, post_text

Build = Literal["drupal", "react"]


@dataclass(frozen=True)
class Picture:
    """One picture.

    :ivar address: the address a post must show, absolute
    :ivar caption: plain text; empty for none
    :ivar written: the address as the Drupal build writes it, if that is another
    :ivar alt: the alt text of the page
    :ivar post_alt: the alt text a post must show: none where the page's is a file name
    :ivar lazy: how ``src`` looks before scripts run: missing, a placeholder, ending in
        ``/undefined``; None if ``src`` holds the address
    """

    address: str
    caption: str = ""
    written: str = ""
    alt: str = ""
    post_alt: str = ""
    lazy: Literal["missing", "placeholder", "undefined"] | None = None

    def source(self, build: Build) -> str:
        """The attributes of the ``img`` that say where the picture lies."""
        address = attribute(self.written if build == "drupal" and self.written else self.address)
        if self.lazy is None:
            return f'src="{address}"'
        src = {
            "missing": "",
            "placeholder": ' src="data:image/gif;base64,R0lGODlhAQABAAAAACH5BAAAAAAALAAAAAABAAEA"',
            "undefined": ' src="https://www.zaobao.com/realtime/undefined"',
        }[self.lazy]
        return f'data-src="{address}"{src}'

    def post(self) -> str:
        """The line of a clean post."""
        image = f'<img src="{post_attribute(self.address)}" alt="{post_attribute(self.post_alt)}">'
        words = f"<figcaption>{post_text(self.caption)}</figcaption>" if self.caption else ""
        return f"<figure>{image}{words}</figure>"


def inline_figure(picture: Picture, build: Build) -> str:
    """A picture between two paragraphs."""
    if build == "react":
        return (
            '<div class="inline-figure bff-inline-image"><div class="figure-media">'
            f'<img {picture.source(build)} alt="{attribute(picture.alt)}"></div>'
            '<button class="cursor-pointer"><img class="bff-inline-image-expand-icon" '
            'src="/_web2/assets/expand.svg" alt="expand icon"></button>'
            f'<div class="figure-caption">{page_text(picture.caption)}</div></div>'
        )
    return (
        '      \n\n<figure class="image-placeholder ">'
        f'<img alt="{attribute(picture.alt)}" class="" {picture.source(build)} pinger-seen="true">\n'
        f"        <figcaption>{page_text(picture.caption)}</figcaption></figure>                  "
    )


def drupal_lead(pictures: tuple[Picture, ...]) -> str:
    """The lead picture, or the gallery if there are several, as the Drupal build shows it."""
    if not pictures:
        return ""
    if len(pictures) == 1:
        words = attribute(pictures[0].caption)
        address = attribute(pictures[0].written or pictures[0].address)
        return (
            '<div class="inline-figure-img"><div class="figure-media">'
            f'<img class="img-fluid lazyload" data-src="{address}" title="{words}" alt=""></div>\n'
            f"      <figcaption>{page_text(pictures[0].caption)}</figcaption>\n  </div>"
        )
    slides = "".join(
        '\n         <div class="figure-media-gallery-slide"><div class="figure-media-gallery-img">'
        f'<img class="article-rotator-img lazyload" data-src="{attribute(one.written or one.address)}" '
        f'alt="" data-caption="{attribute(one.caption)}"><div class="tint"></div></div>\n'
        f"      <figcaption><p>{page_text(one.caption)}</p></figcaption>\n  </div>"
        for one in pictures
    )
    return (
        '<div class="inline-figure-gallery"><div class="figure-media figure-media-gallery '
        'figure-media-gallery-overlay js-figure-media-gallery js-figure-media-gallery-overlay">'
        f'{slides}\n  <div class="figure-media-gallery-nav"></div>\n</div></div>'
    )


def react_lead(pictures: tuple[Picture, ...]) -> str:
    """The hero picture and those after it, as the React build shows them beside the body."""
    parts = []
    for position, picture in enumerate(pictures):
        image = f'<img src="{attribute(picture.address)}" alt="">'
        image = f'<button class="w-full">{image}</button>' if position == 0 else image
        words = f'<div class="text-grey-800">{page_text(picture.caption)}</div>' if picture.caption else ""
        parts.append(f'<div class="my-[16px] text-[14px]">{image}{words}</div>')
    return "".join(parts)

"""Pictures of a story: the markup of each edition, and the line of a clean post."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from zlib import crc32

from zbcrawler.replica.editions import MAINLAND, EditionName
from zbcrawler.replica.markup import attribute, page_text, post_attribute, post_text

STORE = "https://static.zaobao.com/s3fs-public"
_MIRROR = "//dss0.zbstatic5.com/s3fs-public"


Lazy = Literal["missing", "placeholder", "undefined"]


@dataclass(frozen=True)
class Picture:
    """One picture.

    :ivar address: the absolute address that a post must show
    :ivar caption: plain text; empty for none
    :ivar written: the address as the Drupal editions write it, if it differs
    :ivar alt: the alt text of the page
    :ivar post_alt: the alt text that a post must show; empty if the page's alt text is a file name
    :ivar lazy: ``src`` before scripts run: missing, a placeholder, or ending in
        ``/undefined``; None if ``src`` holds the address
    :ivar mainland: the address that a post must show if the page is of the mainland's editions; empty if it
        is the same
    """

    address: str
    caption: str = ""
    written: str = ""
    alt: str = ""
    post_alt: str = ""
    lazy: Lazy | None = None
    mainland: str = ""

    def shown(self, edition: EditionName) -> str:
        """Return the address as the pages of an edition write it."""
        if edition in MAINLAND:
            return _mirrored(self.mainland or self.address, edition)
        return self.written if edition in {"drupal7", "drupal"} and self.written else self.address

    def source(self, edition: EditionName) -> str:
        """Return the attributes of the ``img`` that hold the address."""
        address = attribute(self.shown(edition))
        if self.lazy is None:
            return f'src="{address}"'
        src = {
            "missing": "",
            "placeholder": ' src="data:image/gif;base64,R0lGODlhAQABAAAAACH5BAAAAAAALAAAAAABAAEA"',
            "undefined": ' src="https://www.zaobao.com/realtime/undefined"',
        }[self.lazy]
        return f'data-src="{address}"{src}'

    def post(self, edition: EditionName) -> str:
        """Return the line of a clean post made from a page of an edition."""
        address = self.mainland if self.mainland and edition in MAINLAND else self.address
        image = f'<img src="{post_attribute(address)}" alt="{post_attribute(self.post_alt)}">'
        words = f"<figcaption>{post_text(self.caption)}</figcaption>" if self.caption else ""
        return f"<figure>{image}{words}</figure>"


def _mirrored(address: str, edition: EditionName) -> str:
    """Return the address on the mainland's mirror of the picture store (site-layouts 3.6, 5 and 6.2)."""
    path = address.removeprefix(STORE)
    if path == address:
        return address
    # The first of the mainland's editions omits the scheme. Here it does so for one picture of three.
    scheme = "" if edition == "mainland" and crc32(path.encode()) % 3 == 0 else "https:"
    return scheme + _MIRROR + path


def inline_figure(picture: Picture, edition: EditionName) -> str:
    """Return a picture between two paragraphs."""
    words = page_text(picture.caption)
    if edition == "react":
        return (
            '<div class="inline-figure bff-inline-image"><div class="figure-media">'
            f'<img {picture.source(edition)} alt="{attribute(picture.alt)}"></div>'
            '<button class="cursor-pointer"><img class="bff-inline-image-expand-icon" '
            'src="/_web2/assets/expand.svg" alt="expand icon"></button>'
            f'<div class="figure-caption">{words}</div></div>'
        )
    if edition == "astro":
        title = f' title="{attribute(picture.caption)}"' if words else ""
        return (
            '<div class="inline-image-container">'
            f'<img {picture.source(edition)} alt="{attribute(picture.alt)}"{title}>'
            '<img alt="expend icon" src="https://dss0.zbstatic5.com/web2/_astro/expand.Dq1.svg"></div>'
            + (f'<div class="article-pic-title">{words}</div>' if words else "")
        )
    return (
        '      \n\n<figure class="image-placeholder ">'
        f'<img alt="{attribute(picture.alt)}" class="" {picture.source(edition)} pinger-seen="true">\n'
        f"        <figcaption>{words}</figcaption></figure>                  "
    )


def drupal7_lead(pictures: tuple[Picture, ...]) -> str:
    """Return the pictures above the text in the Drupal 7 edition: the largest size first, then a placeholder."""
    return "".join(
        '<div class="loadme"><picture>'
        f'<source data-srcset="{attribute(one.shown("drupal7"))} 1x" media="(min-width: 768px)">'
        '<source data-srcset="/sites/all/themes/zb2016/images/placeholder.png 1x">'
        f'<img title="{attribute(one.caption)}" alt=""></picture></div>\n'
        for one in pictures
    )


def drupal_lead(pictures: tuple[Picture, ...]) -> str:
    """Return the lead picture, or the gallery of several pictures, in the Drupal edition."""
    if not pictures:
        return ""
    if len(pictures) == 1:
        words = attribute(pictures[0].caption)
        address = attribute(pictures[0].shown("drupal"))
        return (
            '<div class="inline-figure-img"><div class="figure-media">'
            f'<img class="img-fluid lazyload" data-src="{address}" title="{words}" alt=""></div>\n'
            f"      <figcaption>{page_text(pictures[0].caption)}</figcaption>\n  </div>"
        )
    slides = "".join(
        '\n         <div class="figure-media-gallery-slide"><div class="figure-media-gallery-img">'
        f'<img class="article-rotator-img lazyload" data-src="{attribute(one.shown("drupal"))}" '
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
    """Return the hero picture and the following ones, which the React edition shows outside the body."""
    parts = []
    for position, picture in enumerate(pictures):
        image = f'<img src="{attribute(picture.shown("react"))}" alt="{attribute(picture.caption)}">'
        image = f'<button class="w-full">{image}</button>' if position == 0 else image
        words = f'<div class="text-grey-800">{page_text(picture.caption)}</div>' if picture.caption else ""
        parts.append(f'<div class="my-[16px] text-[14px]">{image}{words}</div>')
    return "".join(parts)


def mainland_lead(pictures: tuple[Picture, ...]) -> str:
    """Return the carousel of the mainland edition, even for a single picture. The caption is inside the link."""
    if not pictures:
        return ""
    slides = "".join(
        f'\n   <div class="carousel-item{" active" if position == 0 else ""}">'
        f'<a href="{attribute(one.shown("mainland"))}" data-fancybox="gallery">'
        f'<img class="d-block w-100" src="{attribute(one.shown("mainland"))}" alt="">'
        + (f'\n    <div class="carousel-caption">{page_text(one.caption)} </div>' if one.caption else "")
        + " </a></div>"
        for position, one in enumerate(pictures)
    )
    return (
        '<div id="carousel-article" class="carousel slide" data-ride="carousel">'
        f'<div class="carousel-inner">{slides}\n  </div>'
        '<a class="carousel-control-prev" href="#carousel-article">‹</a>'
        '<a class="carousel-control-next" href="#carousel-article">›</a></div>\n'
    )


def astro_lead(pictures: tuple[Picture, ...]) -> str:
    """Return the banner of the Astro edition. A picture's caption is its ``title``."""
    if not pictures:
        return ""
    images = "".join(
        f'<img class="gallery-image" src="{attribute(one.shown("astro"))}"'
        + (f' title="{attribute(one.caption)}"' if one.caption else "")
        + ' alt="">'
        for one in pictures
    )
    return f'<div data-testid="article-banner">{images}</div>\n'

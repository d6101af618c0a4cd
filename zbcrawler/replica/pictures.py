"""Pictures of a story: how each build writes them, and how a clean post must show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from zlib import crc32

from zbcrawler.replica.builds import MAINLAND
from zbcrawler.replica.markup import attribute, page_text, post_attribute, post_text

if TYPE_CHECKING:
    from zbcrawler.replica.builds import Build

STORE = "https://static.zaobao.com/s3fs-public"
_MIRROR = "//dss0.zbstatic5.com/s3fs-public"


@dataclass(frozen=True)
class Picture:
    """One picture.

    :ivar address: the address a post must show, absolute
    :ivar caption: plain text; empty for none
    :ivar written: the address as the Drupal builds write it, if that is another
    :ivar alt: the alt text of the page
    :ivar post_alt: the alt text a post must show: none where the page's is a file name
    :ivar lazy: how ``src`` looks before scripts run: missing, a placeholder, ending in
        ``/undefined``; None if ``src`` holds the address
    :ivar mainland: the address a post must show of a picture that lies elsewhere for the mainland's
        builds; empty if it does not
    """

    address: str
    caption: str = ""
    written: str = ""
    alt: str = ""
    post_alt: str = ""
    lazy: Literal["missing", "placeholder", "undefined"] | None = None
    mainland: str = ""

    def shown(self, build: Build) -> str:
        """Return the address as the pages of a build write it."""
        if build in MAINLAND:
            return _mirrored(self.mainland or self.address, build)
        return self.written if build in {"drupal7", "drupal"} and self.written else self.address

    def source(self, build: Build) -> str:
        """Return the attributes of the ``img`` that say where the picture lies."""
        address = attribute(self.shown(build))
        if self.lazy is None:
            return f'src="{address}"'
        src = {
            "missing": "",
            "placeholder": ' src="data:image/gif;base64,R0lGODlhAQABAAAAACH5BAAAAAAALAAAAAABAAEA"',
            "undefined": ' src="https://www.zaobao.com/realtime/undefined"',
        }[self.lazy]
        return f'data-src="{address}"{src}'

    def post(self, build: Build) -> str:
        """Return the line of a clean post that was made of a page of a build."""
        address = self.mainland if self.mainland and build in MAINLAND else self.address
        image = f'<img src="{post_attribute(address)}" alt="{post_attribute(self.post_alt)}">'
        words = f"<figcaption>{post_text(self.caption)}</figcaption>" if self.caption else ""
        return f"<figure>{image}{words}</figure>"


def _mirrored(address: str, build: Build) -> str:
    """Return the address on the mainland's mirror of the picture store (site-layouts 3.6, 5 and 6.2)."""
    path = address.removeprefix(STORE)
    if path == address:
        return address
    # The first of the mainland's builds left the scheme out, here for one picture of three.
    scheme = "" if build == "mainland" and crc32(path.encode()) % 3 == 0 else "https:"
    return scheme + _MIRROR + path


def inline_figure(picture: Picture, build: Build) -> str:
    """Return a picture between two paragraphs."""
    words = page_text(picture.caption)
    if build == "react":
        return (
            '<div class="inline-figure bff-inline-image"><div class="figure-media">'
            f'<img {picture.source(build)} alt="{attribute(picture.alt)}"></div>'
            '<button class="cursor-pointer"><img class="bff-inline-image-expand-icon" '
            'src="/_web2/assets/expand.svg" alt="expand icon"></button>'
            f'<div class="figure-caption">{words}</div></div>'
        )
    if build == "astro":
        title = f' title="{attribute(picture.caption)}"' if words else ""
        return (
            '<div class="inline-image-container">'
            f'<img {picture.source(build)} alt="{attribute(picture.alt)}"{title}>'
            '<img alt="expend icon" src="https://dss0.zbstatic5.com/web2/_astro/expand.Dq1.svg"></div>'
            + (f'<div class="article-pic-title">{words}</div>' if words else "")
        )
    return (
        '      \n\n<figure class="image-placeholder ">'
        f'<img alt="{attribute(picture.alt)}" class="" {picture.source(build)} pinger-seen="true">\n'
        f"        <figcaption>{words}</figcaption></figure>                  "
    )


def drupal7_lead(pictures: tuple[Picture, ...]) -> str:
    """The pictures above the text, as the Drupal 7 build shows them: the largest size first, then a placeholder."""
    return "".join(
        '<div class="loadme"><picture>'
        f'<source data-srcset="{attribute(one.shown("drupal7"))} 1x" media="(min-width: 768px)">'
        '<source data-srcset="/sites/all/themes/zb2016/images/placeholder.png 1x">'
        f'<img title="{attribute(one.caption)}" alt=""></picture></div>\n'
        for one in pictures
    )


def drupal_lead(pictures: tuple[Picture, ...]) -> str:
    """Return the lead picture, or the gallery if there are several, as the Drupal build shows it."""
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
    """Return the hero picture and those after it, as the React build shows them beside the body."""
    parts = []
    for position, picture in enumerate(pictures):
        image = f'<img src="{attribute(picture.shown("react"))}" alt="">'
        image = f'<button class="w-full">{image}</button>' if position == 0 else image
        words = f'<div class="text-grey-800">{page_text(picture.caption)}</div>' if picture.caption else ""
        parts.append(f'<div class="my-[16px] text-[14px]">{image}{words}</div>')
    return "".join(parts)


def mainland_lead(pictures: tuple[Picture, ...]) -> str:
    """Return the carousel of the mainland build, which holds a single picture too; the caption is inside the link."""
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
    """Return the banner of the Astro build; a picture's caption is its ``title``."""
    if not pictures:
        return ""
    images = "".join(
        f'<img class="gallery-image" src="{attribute(one.shown("astro"))}"'
        + (f' title="{attribute(one.caption)}"' if one.caption else "")
        + ' alt="">'
        for one in pictures
    )
    return f'<div data-testid="article-banner">{images}</div>\n'

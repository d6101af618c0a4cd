"""The body of a Drupal page, with adverts and promotions in the same places as on the site."""

from __future__ import annotations

from zbcrawler.replica.content import Block, FurtherReading
from zbcrawler.replica.markup import attribute
from zbcrawler.replica.story import ReplicaStory

_IMU = '<section id="imu"><div id="dfp-ad-imu1">\n        \n</div>\n\n\n</section>'
_MIDDLE = '\n<div id="innity-in-post"></div>\n<div id="dfp-ad-midarticlespecial">\n        \n</div>\n\n\n'
_CAMPAIGN = (
    "https://subscribe.sph.com.sg/promotions/chinese-3-months-99-cents-promotion/?utm_campaign=cn3in199c"
    "&utm_medium=sph-publication&utm_source=zb&utm_content=subscribelink-free-endofarticle"
)
_BANNERS = "https://static.zaobao.com/s3fs-public/freemium_images/20210209"
_GTX = '<div id="gtx-trans" style="position: absolute; left: 962px;"><div class="gtx-trans-icon">&nbsp;</div></div>'


def body_html(story: ReplicaStory) -> str:
    """Return the inside of the body's container: the blocks, with adverts in the same places as on the site."""
    if story.visible is None:
        return story.raw_html("drupal")
    pieces: list[str] = []
    waiting = {3: _IMU, 7: _MIDDLE}  # the number of paragraphs before each advert
    count = 0
    for block in story.visible.blocks:
        for piece in _paragraphwise(block):
            pieces.append(piece)
            count += piece.startswith(("<p>", "<p "))
            if count in waiting:
                pieces.append(waiting.pop(count))
    pieces += waiting.values()
    pieces.append(_promotion(story))
    if story.number_value % 5 == 0:
        pieces.append('<div class="cx_paywall_placeholder" id="sph_cdp_40"></div>')
    if story.number_value % 31 == 0:
        pieces.append(_GTX)
    return "\n".join(pieces) + "\n    \n      "


def _paragraphwise(block: Block) -> list[str]:
    """Return a block as pieces between which an advert may stand. A further-reading heading and its links are two."""
    html = block.page("drupal")
    return html.split("\n") if isinstance(block, FurtherReading) else [html]


def _promotion(story: ReplicaStory) -> str:
    kind = story.traits.promotion or ("absent" if story.number_value % 6 == 0 else "normal")
    if kind == "absent":
        return ""
    href, folder = (_CAMPAIGN, _BANNERS) if kind == "normal" else ("", "")
    return "\n      ".join(
        f'<a href="{attribute(href)}" target="_blank"><img class="view-{view} lazyload  " '
        f'data-src="{folder + "/" + name if folder else ""}" alt="" style="width:100%;" pinger-seen="true">'
        "</a>"
        for view, name in (
            ("desktop", "399-default-desktop-l_0_1.jpg"),
            ("mobile", "399-default-mobile_1.jpg"),
        )
    )

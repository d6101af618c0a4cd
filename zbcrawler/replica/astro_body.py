"""The body of an Astro page, in reading order, with the site's insertions between paragraphs (site-layouts 6.2)."""

from __future__ import annotations

from zbcrawler.replica import chrome
from zbcrawler.replica.markup import page_link
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.story import ReplicaStory

_ADVERT = (
    '<astro-island component-url="https://dss0.zbstatic5.com/web2/_astro/GoogleAd.B7.js" props="{&quot;slot&quot;:'
    '[0,&quot;imu1&quot;]}" client="visible"><div class="google-ad" id="div-gpt-ad-imu1"></div></astro-island>'
)
# The class is known, the button's text is invented.
_COVER = '<div class="read-on-app-cover"><button>打开App阅读全文</button></div>'


def body_html(newsroom: Newsroom, story: ReplicaStory) -> str:
    """Return the inside of the body's container. The cover over its end hides no text: the page holds all of it."""
    if story.visible is None:
        return story.raw_html("astro")
    pieces = [block.page("astro") for block in story.visible.blocks]
    pieces.insert(min(3, len(pieces)), _ADVERT)
    (other,) = chrome.decoys(newsroom, story, 1, shift=3)
    pieces.insert(min(5, len(pieces)), f'<div class="further-reading">{page_link(other.path, other.title)}</div>')
    return "\n".join([*pieces, _COVER])

"""The body of a Drupal 7 page, with the noise that is known (site-layouts 2)."""

from __future__ import annotations

from zbcrawler.replica.story import ReplicaStory

_IMU = '<div id="imu"><div id="dfp-ad-imu1">\n  </div></div>'
_ICONS = "/sites/all/themes/zb2016/images"
# It is known that there are two icons. Their links and files are invented.
_SHOP = (
    '<div class="article-tools"><a href="https://newspost.newslink.sg/?publication=ZB">'
    f'<img src="{_ICONS}/newspost.png" alt=""></a>'
    f'<a href="https://www.newslink.sg/newsmine"><img src="{_ICONS}/newsmine.png" alt=""></a></div>'
)
_LIKE = "<p>请 like 我们的官方面簿网页以获取更多新信息</p>"
_HOT_WORDS = '<p>热词：<a href="/keywords/dong-yu">东屿</a> <a href="/keywords/hai">海</a></p>'


def body_html(story: ReplicaStory) -> str:
    """Return the inside of the body's container. The story's number decides which noise it holds."""
    if story.visible is None:
        return story.raw_html("drupal7")
    pieces = [block.page("drupal7") for block in story.visible.blocks]
    pieces.insert(min(3, len(pieces)), _IMU)
    noise = ((2, _HOT_WORDS), (3, _LIKE), (5, _SHOP))
    pieces += [piece for every, piece in noise if story.number_value % every == 0]
    return "\n".join(pieces)

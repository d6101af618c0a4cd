"""Blocks of other sites inside a body. A post keeps their words and a link, but not the frame."""

from __future__ import annotations

from urllib.parse import quote

from zbcrawler.replica.content import Raw
from zbcrawler.replica.markup import attribute, page_link, page_text, post_link, post_text


def tweet(name: str, number: int, words: str) -> Raw:
    """Return a quoted tweet: words, author, date and address."""
    address = f"https://twitter.com/{name}/status/{number}"
    author, day = f"— Invented Account (@{name}) ", "January 13, 2021"
    html = (
        '<p></p>\n<div class="media_embed"><blockquote class="twitter-tweet" height="" width="">'
        f'<p dir="ltr" lang="zh">{page_text(words)}</p>{page_text(author)}{page_link(address, day)}'
        "</blockquote>\n"
        '<script async charset="utf-8" src="https://platform.twitter.com/widgets.js"></script></div>'
    )
    # The blank between the author and the link is inside the paragraph, so it stays.
    quote = f"<blockquote><p>{post_text(words)}</p><p>{post_text(author)} {post_link(address, day)}</p></blockquote>"
    return Raw(html, (quote, _address_line(address)))


def facebook_post(page: str, number: int, words: str) -> Raw:
    """Return a quoted Facebook post: words, author, date and address."""
    home, address = f"https://www.facebook.com/{page}/", f"https://www.facebook.com/{page}/posts/{number}"
    day = "Wednesday, 2 December 2020"
    html = (
        f'<div class="media_embed"><div class="fb-post" data-href="{attribute(address)}"'
        ' data-show-text="true">'
        f'<blockquote cite="{attribute(address)}" class="fb-xfbml-parse-ignore"><p>{page_text(words)}</p>'
        f"Posted by {page_link(home, page)} on {page_link(address, day)}</blockquote></div></div>"
    )
    quote = (
        f"<blockquote><p>{post_text(words)}</p>"
        f"<p>Posted by {post_link(home, page)} on {post_link(address, day)}</p></blockquote>"
    )
    return Raw(html, (quote, _address_line(address)))


def frame(address: str) -> Raw:
    """Return a player in an ``iframe``: YouTube, Brightcove, a Facebook video."""
    html = (
        '<div class="media_embed" height="315px" width="560px"><iframe allowfullscreen="true" '
        f'frameborder="0" height="315px" src="{attribute(address)}" width="560px"></iframe></div>'
    )
    return Raw(html, (_address_line(address),))


def oembed(video: str, title: str) -> Raw:
    """Return a YouTube video embedded by Embedly: the title links to the video, a frame shows it."""
    address = f"https://www.youtube.com/watch?v={video}"
    player = (
        f"//cdn.embedly.com/widgets/media.html?src=https%3A%2F%2Fwww.youtube.com%2Fembed%2F{video}"
        f"&display_name=YouTube&url={quote(address, safe='')}&type=text%2Fhtml&schema=youtube"
    )
    html = (
        '<div class="oembed oembed-video oembed-src-www.youtube.com  oembed-provider-oembedembedly_youtube">'
        + page_link(address, title, ' class="oembed-title"')
        + f'<div class="oembed-content"><iframe class="embedly-embed" src="{attribute(player)}" width="600" '
        'height="338" scrolling="no" title="YouTube embed" frameborder="0"></iframe></div></div>'
    )
    return Raw(html, (f"<p>{post_link(address, title)}</p>", _address_line(address)))


def brightcove(account: int, video: int) -> Raw:
    """Return a Brightcove player that a script fills."""
    html = (
        '<div class="paragraph paragraph--type--brightcove paragraph--view-mode--default">\n'
        '  <div class="brightcove-player sizing-responsive">  <div style="max-width:100%;">\n'
        f'    <video-js class="vjs-fluid" controls="" data-account="{account}" data-embed="default" '
        f'data-player="default" data-video-id="{video}"></video-js>\n  </div>    </div>\n</div>'
    )
    address = f"https://players.brightcove.net/{account}/default_default/index.html?videoId={video}"
    return Raw(html, (_address_line(address),))


EMPTY_BRIGHTCOVE = Raw(
    '<div class="paragraph paragraph--type--brightcove paragraph--view-mode--default">\n          \n      </div>'
)


def _address_line(address: str) -> str:
    return f"<p>{post_link(address)}</p>"

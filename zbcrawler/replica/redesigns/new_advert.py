"""The React edition with one new advert in every body. No landmark changes."""

from __future__ import annotations

from dataclasses import replace

from zbcrawler.replica import react
from zbcrawler.replica.content import Raw
from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.redesigns.redesign import Redesign
from zbcrawler.replica.story import ReplicaStory

_ADVERT = Raw(
    '<div class="zb-membership"><p>加入早报之友，全年畅读东屿新闻，首月只需九角九分。</p>'
    '<p><a href="/subscribe/friends">马上加入早报之友</a></p></div>'
)


def story_page(newsroom: Newsroom, story: ReplicaStory) -> str:
    """Return React's page of the story with the advert after the second block."""
    if story.content:
        blocks = story.content.blocks
        place = 2 if not story.locked else 1
        content = replace(story.content, blocks=(*blocks[:place], _ADVERT, *blocks[place:]))
        return react.story_page(newsroom, replace(story, content=content))
    start, end, rest = (story.raw_body or "").partition("</p>")
    return react.story_page(newsroom, replace(story, raw_body=f"{start}{end}{_ADVERT.html}{rest}"))


REDESIGN = Redesign("new-advert", story_page)

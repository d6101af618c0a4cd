"""The expected content of a newsroom's archive."""

from __future__ import annotations

from pathlib import Path

from zbcrawler.archive.archive import Archive
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.replica.newsroom import Newsroom


def wrong_posts(newsroom: Newsroom, folder: Path, edition: str = "react") -> list[str]:
    """Return the paths of posts that are wrong in an archive of all stories of a newsroom."""
    archive, wrong = Archive(folder), []
    for story in newsroom.expected():
        path = archive.find(StoryAddress.parse(story.path))
        post = path and archive.read(path)
        told = post and (post.address.path, post.title, post.published, post.body)
        should = (story.path, story.expected_title_in(edition), story.expected_time, story.expected_lines(edition))
        if told != should:
            wrong.append(story.path)
    return wrong

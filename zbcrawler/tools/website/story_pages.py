"""Write the pages of stories, and gather their texts for the search index while they are at hand."""

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from zbcrawler.archive import posts
from zbcrawler.tools.website.catalogue import Catalogue
from zbcrawler.tools.website.rendering import Look, body_of, fill, read_post, write
from zbcrawler.tools.website.search_runs import IndexedStory, StoryRun, write_run

INDEX = "search-index"
# Each process has its own connection.
_catalogue_at = lru_cache(maxsize=1)(Catalogue)


def write_stories(
    root: Path, out: Path, look: Look, catalogue: Path, shards: int, stories: Iterable[tuple[str, bool]]
) -> StoryRun | None:
    """Write the pages of stories; leave out a post that has just been removed or broken.

    :param shards: of the run
    :param stories: the path of each post, and whether to index the story
    :return: the run of the indexed stories, None if there are none
    """
    known, indexed = _catalogue_at(catalogue), list[IndexedStory]()
    for path, is_indexed in stories:
        story, listed = read_post(root, path), next(known.stories("path = ?", [path]), None)
        if not story or not listed:
            continue
        before, after = known.beside(listed.section, int(listed.time.timestamp()), path)
        edits, edited, kind = known.edits_of(path)
        page = f"story/{listed.page}.html"
        text = fill(
            look, "story.html", page, story=listed, before=before, after=after, edits=edits, edited=edited, kind=kind,
            link=story.address.url, body=body_of(story, "../"),
        )  # fmt: skip
        write(out / page, text)
        if is_indexed:
            text = posts.text_of(story.body).strip()
            indexed.append(IndexedStory(listed.page, listed.title, listed.time, listed.section, text))
    return write_run(out / INDEX, indexed, shards) if indexed else None

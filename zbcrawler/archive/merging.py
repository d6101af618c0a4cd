"""Merge two versions of a file of the archive, as git's merge driver: ``python -m zbcrawler.archive.merging``.

The result is the same in every clone: it depends on the content of the versions, not on which of them is local.
New stories never conflict, because every clone makes the same post from a story's page.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from zbcrawler.archive import posts
from zbcrawler.archive.file_paths import NOTES, POST_PATTERN, is_post
from zbcrawler.archive.note_files import BROKEN, NotesOfKind, parse_note
from zbcrawler.archive.notes import KINDS, LongestNotes, PictureNotes, parse_path
from zbcrawler.archive.story_versions import StoryVersion, address_of, choose
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import PostError

PATTERNS = (POST_PATTERN, *(f"{NOTES}/{name}/*.json" for name, kind in KINDS.items() if kind.merges))
"""The files that this driver merges, relative to the archive's folder."""


def has_rule(path: str) -> bool:
    """Whether :func:`merge` knows how to merge a file, by its path from the archive's folder."""
    return is_post(path) or note_kind(path) is not None


def note_kind(path: str) -> type[NotesOfKind[Any]] | None:
    """Return the kind of a note that can be merged, by its path from the archive's folder; None for other files."""
    parsed = parse_path(path)
    return parsed[0] if parsed and parsed[0].merges else None


def merge(one: bytes, other: bytes, path: str) -> bytes:
    """Merge two versions of a file; ``path`` is for messages.

    Of two posts, keep the fuller text; if both are equally full, the one that the site changed last. Keep the address
    that was archived first. Of two notes, keep the older; of two gaps, the wider; of two lengths, the greater; of two
    lists of kept pictures, all. A broken note gives way.

    :raises PostError: if zbcrawler did not write a version; a person has to decide
    """
    if path.endswith(".json"):
        if not (notes := {data: note for data in (one, other) if (note := _note(data)) is not None}):
            raise PostError(f"{path}: not a note of zbcrawler; restore or remove it")
        links = [str(note.get("address", "")) for note in notes.values()]
        about = [address for link in links if (address := StoryAddress.parse(link))]
        if not all(about[0].is_same_story(address) for address in about):
            raise PostError(f"{path}: notes about two stories; name the file of one of them DAY-NUMBER.json")
        kept = min(notes, key=lambda data: (str(notes[data].get("since", "")), _size(notes[data]), data))
        return _with_pictures(kept, notes)
    stories = {text: posts.read(text, path) for text in (posts.decoded(one, path), posts.decoded(other, path))}
    addresses = [story.address for story in stories.values()]
    if not all(addresses[0].is_same_story(other) for other in addresses):
        raise PostError(f"{path}: posts of two stories; move one of them away")
    # Their texts stand in for paths, so the order of the versions does not matter.
    best, _ = choose(
        [StoryVersion(text, replace(story, date=story.updated or story.date)) for text, story in stories.items()]
    )
    address = address_of([StoryVersion(text, story) for text, story in stories.items()])
    if stories[best.path].address == address:
        return best.path.encode()
    return posts.render(replace(stories[best.path], address=address)).encode()


def _note(data: bytes) -> dict[str, Any] | None:
    try:
        return parse_note(data)
    except BROKEN:
        return None


def _size(note: dict[str, Any]) -> int:
    """Return the pages before a gap, or the length of a longest version below 0; 0 for other notes."""
    pages, length = note.get("pages"), note.get(LongestNotes.field)
    return pages if isinstance(pages, int) else -length if isinstance(length, int) else 0


def _with_pictures(best: bytes, notes: Mapping[bytes, dict[str, Any]]) -> bytes:
    """Return a note with the kept pictures of all notes; the same bytes if it is not about pictures."""
    lists = [note.get(PictureNotes.field) for note in notes.values()]
    items = [item for each in lists if isinstance(each, dict) for item in each.items()]
    pictures = dict(sorted(items, key=str))
    if len(notes) == 1 or not pictures:
        return best
    return (json.dumps({**notes[best], PictureNotes.field: pictures}, indent=2) + "\n").encode()


def main(ours: str, theirs: str, path: str) -> int:
    """Write the merged file to ``ours``, as git requires.

    :returns: the exit code; 1 makes a conflict, and the file ``ours`` stays as it was
    """
    try:
        merged = merge(Path(ours).read_bytes(), Path(theirs).read_bytes(), path)
    except (OSError, PostError) as error:
        print(f"not merged: {error}", file=sys.stderr)
        return 1
    Path(ours).write_bytes(merged)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))

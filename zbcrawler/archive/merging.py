"""Merge two versions of a file of the archive, also as git's merge driver: ``python -m zbcrawler.archive.merging``.

The result is the same in every clone: it depends on the content of the versions, not on which of them is local.
New stories never conflict, because every clone makes the same post from a story's page.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from zbcrawler.archive import posts
from zbcrawler.archive.disk import NOTES, POSTS, is_post
from zbcrawler.archive.git import Git
from zbcrawler.archive.note_files import BROKEN, NotesOfKind, parse_note
from zbcrawler.archive.notes import KINDS, LongestNotes, PictureNotes, parse_path
from zbcrawler.archive.story_versions import address_of, choose
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import GitError, PostError

_BASE, _ONE, _OTHER = "123"  # stages of a file in git's index: before the changes, and in the two commits
PATTERNS = (f"{POSTS}/**/*.md", *(f"{NOTES}/{name}/*.json" for name, kind in KINDS.items() if kind.merges))
"""The files that this driver merges, relative to the archive's folder."""


def merge(one: bytes, other: bytes, path: str) -> bytes:
    """Merge two versions of a file; raise PostError if zbcrawler did not write one, and a person has to decide.

    Of two posts, keep the fuller text; if both are equally full, the one that the site changed last. Keep the address
    that was archived first. Of two notes, keep the older; of two gaps, the wider; of two lengths, the greater; of two
    lists of kept pictures, all. A broken note gives way.
    """
    if path.endswith(".json"):
        notes = {}
        for data in (one, other):
            with suppress(*BROKEN):
                notes[data] = parse_note(data)
        if not notes:
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
    best, _ = choose({text: replace(story, date=story.updated or story.date) for text, story in stories.items()})
    address = address_of(stories.values())
    merged = best if stories[best].address == address else posts.render(replace(stories[best], address=address))
    return merged.encode()


def merge_trees(git: Git, base: str, one: str, other: str) -> str:
    """Return the tree with the changes from ``base`` to two commits; raise GitError if no rule merges a file."""
    # Git's own merge takes notes of two stories, one removed and one added, for one renamed file.
    top = git.top
    prefix = git("rev-parse", "--show-prefix").strip()
    with TemporaryDirectory() as folder:
        index = {"GIT_INDEX_FILE": f"{folder}/index"}
        top("read-tree", "-i", "-m", "--aggressive", base, one, other, variables=index)
        stages: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
        for entry in filter(None, top("ls-files", "--unmerged", "-z", variables=index).split("\0")):
            words, _, path = entry.partition("\t")
            mode, blob, stage = words.split()
            stages[path][stage] = mode, blob
        merged = [_merge_file(top, path, path.removeprefix(prefix), each, folder) for path, each in stages.items()]
        # What is removed comes first ("0"): a folder may take a file's place.
        lines = "".join(f"{line}\0" for line in sorted(merged))
        top("update-index", "-z", "--index-info", given=lines, variables=index)
        return top("write-tree", variables=index).strip()


def _merge_file(git: Git, path: str, inside: str, stages: dict[str, tuple[str, str]], folder: str) -> str:
    """Return the line of the merged index for a file; ``inside`` is its path from the archive's folder."""
    base, one, other = (stages.get(stage) for stage in (_BASE, _ONE, _OTHER))
    removed = next(iter(stages.values()))[1]
    if base in (one, other):
        mode, blob = (one if base == other else other) or ("0", removed)
        return f"{mode} {blob}\t{path}"
    if base and not (one and other) and (kind := _note_kind(inside)):
        # If one has settled a story, the note is settled. Any other note stays.
        mode, blob = ("0", removed) if kind.words else (one or other or base)
        return f"{mode} {blob}\t{path}"
    try:
        (mode, _), (other_mode, _) = stages[_ONE], stages[_OTHER]
        if not {mode, other_mode} <= {"100644", "100755"}:
            raise GitError("is not a file in both")
        files = {}
        for stage in (_BASE, _ONE, _OTHER):
            files[stage] = Path(folder, stage)
            files[stage].write_bytes(git.bytes_of("cat-file", "blob", stages[stage][1]) if stage in stages else b"")
        if is_post(inside) or _note_kind(inside):
            files[_ONE].write_bytes(merge(files[_ONE].read_bytes(), files[_OTHER].read_bytes(), path))
        elif not git.succeeds("merge-file", "--quiet", *(str(files[stage]) for stage in (_ONE, _BASE, _OTHER))):
            raise GitError("both have changed it in the same place")
        mode = other_mode if base and mode == base[0] else mode
        return f"{mode} {git('hash-object', '-w', '--no-filters', str(files[_ONE])).strip()}\t{path}"
    except (GitError, PostError, KeyError) as error:
        why = "removed by one and changed by the other" if isinstance(error, KeyError) else error
        what = "others have pushed what no rule can merge with the commits here; git pull --rebase, and resolve it"
        raise GitError(f"{what}: {path}: {why}") from error


def _note_kind(path: str) -> type[NotesOfKind[Any]] | None:
    parsed = parse_path(path)
    return parsed[0] if parsed and parsed[0].merges else None


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
    """Write the merged file to ``ours``, as git requires; exit code 1 makes a conflict."""
    try:
        merged = merge(Path(ours).read_bytes(), Path(theirs).read_bytes(), path)
    except (OSError, PostError) as error:
        print(f"not merged: {error}", file=sys.stderr)
        return 1
    Path(ours).write_bytes(merged)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))

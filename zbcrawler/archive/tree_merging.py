"""Merge the files of two commits without a worktree, and without a search for renamed files.

Git's own merge searches: a note that was removed and the similar note of another story that was added are one renamed
file to it. So it would merge notes of two stories.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory

from zbcrawler.archive import merging
from zbcrawler.archive.git import Git
from zbcrawler.common.errors import GitError, PostError

# Stages of a file in git's index: before the changes, and in the two commits.
_BASE, _ONE, _OTHER = "123"
_REGULAR = ("100644", "100755")


def merge_trees(git: Git, base: str, one: str, other: str) -> str:
    """Return the tree with the changes from ``base`` to each of two commits.

    :raises GitError: if both have changed a file, and no rule says how to merge it
    """
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
    """Return the line of the merged index for a file.

    :param inside: its path from the archive's folder
    """
    base, one, other = (stages.get(stage) for stage in (_BASE, _ONE, _OTHER))
    removed = next(iter(stages.values()))[1]
    if base in (one, other):
        mode, blob = (one if base == other else other) or ("0", removed)
        return f"{mode} {blob}\t{path}"
    if base and not (one and other) and (kind := merging.note_kind(inside)):
        # If one has settled a story, the note is settled. Any other note stays.
        mode, blob = ("0", removed) if kind.words else (one or other or base)
        return f"{mode} {blob}\t{path}"
    try:
        (mode, _), (other_mode, _) = stages[_ONE], stages[_OTHER]
        if not {mode, other_mode} <= set(_REGULAR):
            raise GitError("is not a file in both")
        files = {}
        for stage in (_BASE, _ONE, _OTHER):
            files[stage] = Path(folder, stage)
            files[stage].write_bytes(git.bytes_of("cat-file", "blob", stages[stage][1]) if stage in stages else b"")
        if merging.has_rule(inside):
            files[_ONE].write_bytes(merging.merge(files[_ONE].read_bytes(), files[_OTHER].read_bytes(), path))
        elif not git.succeeds("merge-file", "--quiet", *(str(files[stage]) for stage in (_ONE, _BASE, _OTHER))):
            raise GitError("both have changed it in the same place")
        mode = other_mode if base and mode == base[0] else mode
        return f"{mode} {git('hash-object', '-w', '--no-filters', str(files[_ONE])).strip()}\t{path}"
    except (GitError, PostError, KeyError) as error:
        why = "removed by one and changed by the other" if isinstance(error, KeyError) else error
        what = "others have pushed what no rule can merge with the commits here; git pull --rebase, and resolve it"
        raise GitError(f"{what}: {path}: {why}") from error

"""Set up a clone of the archive: how git merges its files, and how it shows single words of a post as changed.

Git does not share its configuration, as other clones may lack zbcrawler. So each clone is set up by a run in it.
"""

import json
import shlex
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from zbcrawler.archive import merging
from zbcrawler.archive.disk import POSTS
from zbcrawler.archive.git import Git
from zbcrawler.common.errors import GitError

MERGE_DRIVER = "merge.zbcrawler.driver"
ATTRIBUTES = ".gitattributes"
_DIFF = f"{POSTS}/**/*.md diff=zbcrawler"
_OWN = f"# git log -p --word-diff shows single characters of posts as changed.\n{_DIFF}\n".encode()
# A word is a tag, a number, a word of Latin letters, or one character. In the locale C, the regular expressions of git
# know only bytes, so the bytes of a character are named. Python passes such bytes on from these surrogates.
_WORD = "<[^<>]*>|[0-9A-Za-z]+|[\udcc0-\udcff][\udc80-\udcbf]+|[^[:space:]]"
_DIFF_SETTINGS = {"diff.zbcrawler.wordRegex": _WORD, "diff.zbcrawler.xfuncname": '^title: "(.*)"$'}


def merge_by_rule(git: Git) -> Path:
    """Make git merge with :mod:`zbcrawler.archive.merging` in this clone; return the file with the patterns."""
    project, python = shlex.quote(str(Path(__file__).parents[2])), shlex.quote(sys.executable)
    driver = f"env PYTHONPATH={project} {python} -m {merging.__name__} %A %B %P"
    git("config", "--local", "merge.zbcrawler.name", "zbcrawler, by rule")
    git("config", "--local", MERGE_DRIVER, driver)
    return _add_attributes(git, (f"{pattern} merge=zbcrawler" for pattern in merging.PATTERNS))


def show_changed_words(git: Git) -> None:
    """Make ``git log -p --word-diff`` show single characters of posts; a ``.gitattributes`` of a person stays."""
    for name, value in _DIFF_SETTINGS.items():
        known = b""
        with suppress(GitError):
            known = git.bytes_of("config", "--local", "--get", name)
        if known != f"{value}\n".encode(errors="surrogateescape"):
            git("config", "--local", name, value)
    file = git.folder / ATTRIBUTES
    try:
        if not file.exists() and not file.is_symlink():
            file.write_bytes(_OWN)
    except OSError as error:
        raise GitError(f"git: {file} could not be written: {error}") from error
    if not has_own_attributes(git):
        _add_attributes(git, [_DIFF])


def has_own_attributes(git: Git) -> bool:
    """Whether the archive's ``.gitattributes`` is zbcrawler's, and may be committed."""
    with suppress(OSError):
        return (git.folder / ATTRIBUTES).read_bytes() == _OWN
    return False


def _add_attributes(git: Git, lines: Iterable[str]) -> Path:
    """Add lines for the archive's folder to the attributes of this clone, unless they are there; return the file."""
    attributes = git.folder / git("rev-parse", "--git-path", "info/attributes").strip()
    prefix = git("rev-parse", "--show-prefix").strip()
    try:
        known = attributes.read_text("utf-8").splitlines() if attributes.exists() else []
        pairs = [line.split(" ") for line in lines]
        # Quoted as in JSON: a folder's name may have blanks.
        wanted = [f"{json.dumps(prefix + pattern, ensure_ascii=False)} {value}" for pattern, value in pairs]
        if missing := [line for line in wanted if line not in known]:
            attributes.parent.mkdir(exist_ok=True)
            attributes.write_text("\n".join([*known, *missing]) + "\n", "utf-8")
    except OSError as error:
        raise GitError(f"git: {attributes} could not be written: {error}") from error
    return attributes

"""Where an archive lies: in a folder of its own, or in the repository of the software."""

import shlex
from contextlib import suppress
from pathlib import Path

from zbcrawler.archive.disk import NOTES, PRIVATE, ArchiveFolder
from zbcrawler.archive.git import Git
from zbcrawler.common.errors import GitError
from zbcrawler.common.settings_file import SETTINGS_FILE
from zbcrawler.common.text import printable

SOFTWARE = Path(__file__).parents[2]
_IN_A_NEW_ARCHIVE = {"README.md", "LICENSE", "lost+found", NOTES, SETTINGS_FILE}
_HINTED = "hinted"  # the private file that says that the hint was given


def is_empty_archive(folder: Path) -> bool:
    """Whether a folder without posts is empty, or has only what a new archive may have."""
    return not any(path.name[0] != "." and path.name not in _IN_A_NEW_ARCHIVE for path in folder.iterdir())


def software_around(folder: Path) -> Path | None:
    """Return the repository of the software that a folder is a part of, None if the folder is in another or in none."""
    way = (folder.resolve(), *folder.resolve().parents)
    top = next((each for each in way if (each / ".git").exists()), SOFTWARE if SOFTWARE in way else None)
    return top if top and (top / "scrapy.cfg").is_file() and (top / "zbcrawler/settings.py").is_file() else None


def command_line(words: str, root: Path) -> str:
    """Return ``scrapy`` with words, and with the archive if it is not the default one, for a person to paste."""
    is_default = root.absolute() == SOFTWARE / "archive"
    return printable(f"scrapy {words}" + f" -s ARCHIVE_DIR={shlex.quote(str(root.absolute()))}" * (not is_default))


def describe_changed_settings(git: Git) -> str:
    """Return how to commit changes of the archive's file of settings, which no run does; empty if there are none."""
    with suppress(GitError):  # no file, no repository, or no commit
        given, committed = git("hash-object", "--", SETTINGS_FILE), git("ls-tree", "HEAD", "--", SETTINGS_FILE)
        if given.strip() not in committed and not git.succeeds("check-ignore", "--quiet", SETTINGS_FILE):
            at = f"git -C {shlex.quote(str(git.folder))}"
            add = "" if committed else f"{at} add {SETTINGS_FILE} && "
            what = f'{SETTINGS_FILE} has changes that are not committed; {add}{at} commit -m "Change settings"'
            return printable(f"{what} {SETTINGS_FILE}")
    return ""


def hint_once(archive: ArchiveFolder) -> str:
    """Return what to do about an archive whose commits go into the software's repository; empty from then on."""
    hinted = archive.root / PRIVATE / _HINTED
    if hinted.exists() or not (top := software_around(archive.root)):
        return ""
    with suppress(OSError):
        if not archive.dry_run:
            archive.private_folder()
            hinted.touch()
    what = f"hint, given once: ARCHIVE_COMMIT commits news into the software's own repository, {top}, so git pull of a"
    return (
        f"{what} new version may fail. scrapy init ~/news makes a place, and docs/how-to/updating.md says how to move"
    )

"""Write the website's source into an archive's folder: missing files once, the lists of stories each time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from zbcrawler.archive.disk import ArchiveFolder
from zbcrawler.common.errors import ArgumentError
from zbcrawler.tools.website.pages import DATA, pages
from zbcrawler.tools.website.stories import ListedStory

_SKELETON = Path(__file__).with_name("skeleton")
_FOLDERS = ("months", "sections", "sitemaps", DATA)
# Made from the posts, and different after every run, so git must not keep them.
_IGNORED = (
    "# What scrapy site, Jekyll and Hugo make of the posts",
    *("/index.html", "/months.html", "/months/", "/sections.html", "/sections/"),
    *("/feed.xml", "/sitemap.xml", "/sitemaps/", f"/{DATA}/"),
    *("/_site/", "/.jekyll-cache/", "/resources/", "/.hugo_build.lock"),
)


def write_website(root: Path, stories: Sequence[ListedStory]) -> list[str]:
    """Write the files that Jekyll needs beside the posts.

    :returns: the files that were missing; from now on they belong to the user
    :raises ArgumentError: if another file stands where a generated page belongs
    :raises OSError: if a file cannot be written
    """
    archive = ArchiveFolder(root)
    made = dict(pages(stories))
    _check_free(root, made)
    skeleton = {path.relative_to(_SKELETON).as_posix(): path for path in sorted(_SKELETON.rglob("*")) if path.is_file()}
    added = [name for name in skeleton if not (root / name).exists()]
    for name in added:
        archive.write(root / name, skeleton[name].read_bytes())
    added += _ignore(archive)
    for name, text in made.items():
        archive.write(root / name, text.encode())
    for folder in _FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and path.relative_to(root).as_posix() not in made:
                path.unlink()
    return added


def _check_free(root: Path, made: dict[str, str]) -> None:
    """Refuse to overwrite files that ``scrapy site`` did not make."""
    ignored = root / ".gitignore"
    if ignored.exists() and _IGNORED[0] in ignored.read_text("utf-8", "replace"):
        return
    for name in (*_FOLDERS, *made):
        if (root / name).exists():
            raise ArgumentError(f"{root / name}: exists, and scrapy site did not write it; move it away")


def _ignore(archive: ArchiveFolder) -> list[str]:
    path = archive.root / ".gitignore"
    text = path.read_text("utf-8") if path.exists() else ""
    if _IGNORED[0] in text:
        return []
    text += "\n" if text and not text.endswith("\n") else ""
    archive.write(path, "\n".join([text + _IGNORED[0], *_IGNORED[1:], ""]).encode())
    return [".gitignore"]

"""Find the posts and kept pages in the files of an import, and read their stories."""

from __future__ import annotations

import html
import re
from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path

from zbcrawler.archive.archive import Archive
from zbcrawler.archive.file_paths import link_from_post, root_of
from zbcrawler.archive.story_versions import PostFile, StoryVersion, address_of, choose
from zbcrawler.common.errors import PageError, PostError, WarcError
from zbcrawler.common.outcomes import Outcome
from zbcrawler.common.text import escape_attribute
from zbcrawler.common.time_budget import TimeBudget
from zbcrawler.editions import Editions, Page
from zbcrawler.items import Story
from zbcrawler.tools.importing import reader
from zbcrawler.tools.importing.files import WARCS, post_files, printable
from zbcrawler.tools.importing.report import ImportReport
from zbcrawler.tools.importing.warcs import KeptPage, Unpack, captures, resolve_revisits, response_of

_KEPT_PICTURE = re.compile(rf'(?<=<img src="){re.escape(link_from_post(""))}[^"]*')
_FILES_AT_ONCE = 100


def find_posts_and_pages(
    paths: Sequence[str], page_hosts: frozenset[str], report: ImportReport
) -> Generator[None, None, tuple[list[PostFile], list[KeptPage]]]:
    """Return the posts, and the kept pages with the oldest first; pause after each hundred files.

    :param page_hosts: hosts of kept pages besides the public ones
    """
    posts: list[PostFile] = []
    pages: list[KeptPage] = []
    for count, path in enumerate(post_files(paths, report.archive.root, report.folder_not_read)):
        if count % _FILES_AT_ONCE == 0:
            yield
        try:
            if path.lower().endswith(WARCS):
                pages += captures(path, page_hosts, report.problem)
            else:
                with open(path, "rb") as file:
                    address = reader.recognise(file.read(reader.HEAD))
                if isinstance(address, reader.Ignored):
                    report.settle_file(path, Outcome.SKIPPED, address.value)
                else:
                    posts.append(PostFile(address.number, address.day, path))
        except OSError as error:
            report.fail(path, error)
    pages, lost = resolve_revisits(pages)
    if lost:
        what = f"{len(lost)} records refer to a page that is in none of the files"
        report.note("import", f"{what}; the first: {lost[0]}")
    if not posts and not pages:
        report.problem(", ".join(map(printable, paths)), "no post of 联合早报")
    return posts, pages


def read_posts(files: Sequence[PostFile], page_seconds: float, report: ImportReport) -> Story | None:
    """Return the story of these versions, None if none can be read; report the versions that are not archived."""
    posts, versions = {}, []
    for path in (file.path for file in files):
        try:
            with TimeBudget(page_seconds, printable(path)), open(path, "rb") as file:
                post = reader.read(file.read(reader.LARGEST + 1), printable(path))
                posts[path] = replace(post, body=_with_origins(post, path))
                versions.append(StoryVersion(path, posts[path].cleaned()))
        except (OSError, PostError, PageError) as error:
            report.fail(path, error)
    if not versions:
        return None
    best, others = choose(versions)
    for other, reason in others:
        report.settle_file(other.path, Outcome.SKIPPED, "other version")
        report.note_version(other.path, f"{reason}; {printable(best.path)} is the version that counts")
    story = posts[best.path].story(address_of(versions))
    report.files[story.address.key_in(report.files)] = best.path
    return story


def read_page(
    editions: Editions, capture: KeptPage, unpack: Unpack, with_details: bool, page_seconds: float, report: ImportReport
) -> Story | None:
    """Return the story of a kept page as a crawl reads it, None if it cannot be read."""
    try:
        with TimeBudget(page_seconds, capture.address):
            page = Page.of(response_of(capture, unpack))
            story = editions.read_story(page, capture.address, reader.SECTION, with_details)
    except (OSError, WarcError, PageError) as error:
        report.settle_file(str(capture), Outcome.FAILED, f"{capture}: {error}")
        return None
    story.fetched = capture.at
    report.files[story.address.key_in(report.files)] = capture.path
    return story


def _with_origins(post: reader.Post, path: str) -> str:
    """Return the body of a post with the original addresses of the pictures that its archive keeps.

    :raises PostError: if that archive has no note of the addresses
    """
    if not _KEPT_PICTURE.search(post.body):
        return post.body
    root = root_of(Path(path))
    known = Archive(root).notes.pictures.find(post.address) if root else {}
    origins = {link_from_post(file): origin for origin, file in known.items()}

    def origin(found: re.Match[str]) -> str:
        if (link := html.unescape(found[0])) not in origins:
            raise PostError(
                f"{path}: body: its pictures are kept in another archive, and the note of their addresses"
                f" (_data/pictures/{post.address.number}.json) is missing; import the post from its place there"
            )
        return escape_attribute(origins[link])

    return _KEPT_PICTURE.sub(origin, post.body)

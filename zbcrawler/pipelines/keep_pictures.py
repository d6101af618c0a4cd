"""Keeps: the pictures of what will be written, where ``KEEP_PICTURES`` says so."""

from __future__ import annotations

import logging
import os
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy import Request
from scrapy.exceptions import DownloadCancelledError, DropItem, IgnoreRequest
from scrapy.http.request import NO_CALLBACK
from scrapy.pipelines.files import FilesPipeline
from scrapy.pipelines.media import FileException, FileInfo
from scrapy.utils.httpobj import urlparse_cached

from zbcrawler.archive import pictures, versions
from zbcrawler.archive.layout import PICTURES, link_from_post
from zbcrawler.archive.store import Archive
from zbcrawler.cleaning.links import picture_key
from zbcrawler.common.addresses import PUBLIC_SITE
from zbcrawler.common.errors import PostError
from zbcrawler.common.options import archive_dir, site_url
from zbcrawler.common.outcomes import Outcome
from zbcrawler.downloading.protocol import spider_of
from zbcrawler.pipelines.write_post import WritePostPipeline
from zbcrawler.signals import run_note, run_problem

if TYPE_CHECKING:
    from io import BytesIO

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.pipelines.files import StatInfo
    from scrapy.pipelines.media import FileInfoOrError, MediaPipeline
    from twisted.python.failure import Failure
    from typing_extensions import Self

    from zbcrawler.items import Story

logger = logging.getLogger(__name__)

# Stands for a picture that is not there yet.
_HOPED_FOR = link_from_post(PICTURES)
# With the default timeout and retries each costs three minutes, and a run should end.
_MOST_SILENCES = 3


class PictureStore:
    """The archive, as Scrapy's media pipelines know a place for files."""

    def __init__(self, basedir: str) -> None:
        self.archive = Archive(basedir)

    def persist_file(
        self,
        path: str,
        buf: BytesIO,
        info: MediaPipeline.SpiderInfo,
        meta: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        """:raises OSError: if the file cannot be written"""
        self.archive.write(self.archive.root / path, buf.getvalue())

    def stat_file(self, path: str, info: MediaPipeline.SpiderInfo) -> StatInfo:
        return {}


class _Rehearsal(WritePostPipeline):
    """Says what would become of a story, and writes nothing."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.archive.dry_run = True

    def would_write(self, item: Story) -> bool:
        """Whether the pictures of this version of a story would be in its post; changes ``item``."""
        body = item.body
        try:
            path = self.archive.find(item.address)
            changed = path is None or self._write_version(item, path) is Outcome.CHANGED
        except (DropItem, OSError, PostError):
            return False  # WritePostPipeline will say so
        return changed and item.body is body  # it may keep the archived one


class KeepPicturesPipeline(FilesPipeline):
    """Links kept pictures in ``body``; where the setting says so, downloads first what is not there yet.

    Pictures that were kept stay linked when the setting is off again: a post does not change with a setting. A
    picture that cannot be had stays linked where it is, and is no failure; whenever its story is fetched again, it is
    asked for again.
    """

    # Default: S3 and others, too.
    STORE_SCHEMES: ClassVar = {"file": PictureStore}

    def __init__(self, store_uri: str, *, crawler: Crawler) -> None:
        super().__init__(store_uri, crawler=crawler)
        settings = crawler.settings
        self.keeps = settings.getbool("KEEP_PICTURES")
        self.maxsize = settings.getint("PICTURE_MAXSIZE")
        self.picture_site = site_url(settings, "PICTURE_SITE")
        self.archive = self.store.archive
        self.archive.dry_run = settings.getbool("DRY_RUN")
        self.rehearsal = _Rehearsal(crawler)
        self.reasons: dict[str, str] = {}  # why a request brought no picture
        self.failures: list[str] = []
        self.silent: Counter[str] = Counter()  # by host, how many pictures in a row brought no answer

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        # Absolute, so that nothing in it is taken for a scheme.
        return cls(os.path.abspath(archive_dir(crawler.settings)), crawler=crawler)

    async def process_item(self, item: Story) -> Story:
        """:raises DropItem: if the archive cannot be read or written; nothing is lost by that"""
        try:
            self._link_known(item)
            return await super().process_item(item)
        except (OSError, PostError) as error:
            raise DropItem(f"{item.address}: {error}") from error

    def close_spider(self) -> None:
        if self.failures:
            what = f"{len(self.failures)} could not be kept and stay linked, the first: {self.failures[0]}"
            self.crawler.signals.send_catch_log(run_note, where="pictures", what=what)

    # -- what is there already ---------------------------------------------------------------------

    def _link_known(self, item: Story) -> None:
        links = self._known(item)
        item.body = pictures.with_sources(item.body, links)
        self._count("known", len(links))

    def _known(self, item: Story) -> dict[str, str]:
        """Return the links to those of a story's pictures that were kept when it was fetched before."""
        note = self.archive.notes.pictures.find(item.address)
        note = {address: file for address, file in note.items() if (self.archive.root / file).is_file()}
        if not note:
            return {}
        kept = {picture_key(address): link_from_post(file) for address, file in note.items()}
        links = {one: kept[key] for one in pictures.sources(item.body) if (key := picture_key(one)) in kept}
        if path := self.archive.find(item.address):
            # Another edition has other addresses for the same pictures. That alone is no news.
            old = self.archive.read(path)
            origins = {link_from_post(file): address for address, file in note.items()}
            then = replace(old, body=pictures.with_sources(old.body, origins))
            if versions.same_news(replace(old, body=item.body), then):
                pairs = zip(pictures.sources(item.body), pictures.sources(old.body), strict=True)
                links = {one: link for one, link in pairs if link in origins} | links
        return links

    # -- what is not ---------------------------------------------------------------------------------

    def get_media_requests(self, item: Story, info: MediaPipeline.SpiderInfo) -> list[Request]:
        if not self.keeps or item.imported:  # an import asks the site for nothing
            return []
        wanted = self._wanted(item)
        if not wanted:
            return []
        hoped = replace(item, body=pictures.with_sources(item.body, dict.fromkeys(wanted, _HOPED_FOR)))
        return [self._request(address) for address in wanted] if self.rehearsal.would_write(hoped) else []

    def _wanted(self, item: Story) -> list[str]:
        """Return the pictures of a story that lie on the site only."""
        own_hosts = spider_of(self.crawler).own_hosts
        return [one for one in dict.fromkeys(pictures.sources(item.body)) if pictures.is_on_site(one, own_hosts)]

    def _request(self, address: str) -> Request:
        return Request(
            pictures.asked_at(address, spider_of(self.crawler).site, self.picture_site),
            callback=NO_CALLBACK,
            headers={
                # Some picture hosts serve nobody who comes from nowhere.
                "Referer": f"{PUBLIC_SITE}/",
                # Not the pages' one, and no format by name: some re-encode for whom they know to read it.
                "Accept": "image/*,*/*;q=0.1",
            },
            meta={
                "allow_offsite": True,  # see pictures.is_on_site()
                "dont_redirect": True,  # a picture that leads elsewhere may lead anywhere
                "download_maxsize": self.maxsize,
                # It is no failure of the run, and an error in the log is one.
                "give_up_log_level": logging.INFO,
            },
        )

    def media_to_download(
        self, request: Request, info: MediaPipeline.SpiderInfo, *, item: Any = None
    ) -> FileInfo | None:
        """No file is looked up: it is named by what is in it. A host that does not answer is not waited for again."""
        host = urlparse_cached(request).netloc
        if self.silent[host] < _MOST_SILENCES:
            return None
        self.reasons[request.url] = f"not asked for: {host} does not answer"
        return FileInfo(url=request.url, path="", checksum=None, status="skipped")

    async def media_downloaded(
        self, response: Response, request: Request, info: MediaPipeline.SpiderInfo, *, item: Any = None
    ) -> FileInfo | None:
        """Store a picture; of anything else it only remembers why it is none."""
        self.silent.pop(urlparse_cached(request).netloc, None)
        if response.status != 200:
            self.reasons[request.url] = f"answered {response.status}"
        elif not pictures.extension_of(response.body):
            self.reasons[request.url] = "is no picture of a kind that is kept"
        else:
            return await super().media_downloaded(response, request, info, item=item)
        return None

    def media_failed(self, failure: Failure, request: Request, info: MediaPipeline.SpiderInfo) -> None:
        """Remembers why a picture was not had. An exception would be an error in the log, and fail the run."""
        error = failure.value
        if isinstance(error, DownloadCancelledError):
            reason = f"has more than {self.maxsize} bytes (PICTURE_MAXSIZE)"
        elif isinstance(error, IgnoreRequest):
            reason = f"not fetched: {error}"
        elif isinstance(error, FileException):  # of our own store
            reason = f"could not be written: {error}"
            self.crawler.signals.send_catch_log(run_problem, where="pictures", what=f"{request.url}: {reason}")
        else:
            self.silent[urlparse_cached(request).netloc] += 1
            # Twisted's own messages are lists of objects.
            message = str(error)
            reason = f"no answer: {type(error).__name__ if not message or message.startswith('[<') else message}"
        self.reasons[request.url] = reason

    def file_path(
        self,
        request: Request,
        response: Response | None = None,
        info: MediaPipeline.SpiderInfo | None = None,
        *,
        item: Any = None,
    ) -> str:
        return pictures.file_of(response.body) if response else ""

    def item_completed(self, results: list[FileInfoOrError], item: Story, info: MediaPipeline.SpiderInfo) -> Story:
        if not results:  # nothing was asked for
            return item
        kept = {}
        for address, (answered, result) in zip(self._wanted(item), results, strict=True):
            if answered and result and result["path"]:
                kept[address] = result["path"]
            else:
                self._not_kept(address)
        if kept:
            self.archive.notes.pictures.add(item.address, kept)
            links = {address: link_from_post(file) for address, file in kept.items()}
            item.body = pictures.with_sources(item.body, links)
            self._count("kept", len(kept))
        return item

    def _not_kept(self, address: str) -> None:
        reason = self.reasons.get(self._request(address).url, "no answer")
        self.failures.append(f"{address}: {reason}")
        logger.info("not kept: %s", self.failures[-1])
        self._count("failed", 1)

    def _count(self, what: str, count: int) -> None:
        if count:
            self.crawler.stats.inc_value(f"zbcrawler/pictures/{what}", count)

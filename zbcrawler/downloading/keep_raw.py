"""Keeps story pages as they come, before anything is made of them; see :mod:`zbcrawler.downloading.warc`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from scrapy import signals
from scrapy.exceptions import NotConfigured
from scrapy.utils.httpobj import urlparse_cached

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.clock import Clock
from zbcrawler.common.options import raw_folder, whole_number
from zbcrawler.downloading.protocol import is_on_site, spider_of
from zbcrawler.downloading.retry_after import NotAskedError
from zbcrawler.signals import asking_must_end

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Headers, Response
    from typing_extensions import Self

_KEPT = frozenset({200})


class KeepRawMiddleware:
    """Keeps the pages of stories that answered with 200, whole.

    It stands next to the download, where a page is still compressed. A page that cannot be kept is not read either: the
    run ends, and a later one fetches it.
    """

    def __init__(self, crawler: Crawler) -> None:
        """:raises NotConfigured: if ``KEEP_RAW`` is off, or the run writes nothing"""
        folder = raw_folder(crawler.settings)
        if folder is None or crawler.settings.getbool("DRY_RUN"):
            raise NotConfigured
        # Imported here: most runs keep no pages.
        from zbcrawler.downloading.warc import RawFolder  # noqa: PLC0415

        self.crawler = crawler
        self.clock = Clock.from_settings(crawler.settings)
        largest = whole_number(crawler.settings, "RAW_MEGABYTES", 1) * 1_000_000
        self.folder = RawFolder(Path(folder), crawler.spidercls.name, largest)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        middleware = cls(crawler)
        crawler.signals.connect(middleware.folder.close, signal=signals.spider_closed)
        return middleware

    def process_response(self, request: Request, response: Response) -> Response:
        """:raises NotAskedError: if the page cannot be kept"""
        story = request.cb_kwargs.get("address")
        host = urlparse_cached(response).netloc
        if not is_on_site(self.crawler, host):  # a web archive, which keeps the page itself
            return response
        if not isinstance(story, StoryAddress) or response.status not in _KEPT or response.flags:
            return response
        from zbcrawler.downloading.warc import RawPage  # noqa: PLC0415

        now = self.clock.now().replace(microsecond=0)
        # What the page is dated with, now and when it is read again from what was kept.
        request.meta["fetched"] = now
        here = StoryAddress.parse(response.url, spider_of(self.crawler).own_hosts)
        page = RawPage(
            response.url,
            now,
            [("Host", host), *_pairs(request.headers)],
            response.status,
            _pairs(response.headers),
            response.body,
            str(response.ip_address or ""),
            "" if here == story else story.url,
        )
        try:
            self.folder.keep(page)
        except OSError as error:
            where = f"KEEP_RAW {self.folder.folder}"
            what = f"cannot be written: {error}"
            self.crawler.signals.send_catch_log(asking_must_end, where=where, what=what)
            raise NotAskedError(what) from error
        return response


def _pairs(headers: Headers) -> list[tuple[str, str]]:
    # A line break within a header would make two of it.
    lines = ((name, value) for name, values in headers.items() for value in values)
    return [(name.decode("latin-1"), " ".join(value.decode("latin-1").split())) for name, value in lines]

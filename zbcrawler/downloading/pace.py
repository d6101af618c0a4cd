"""The common pace of all runs of an archive: they take turns to send a request to a host."""

import asyncio
import fcntl
import os
import re
import time
from contextlib import suppress

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.utils.httpobj import urlparse_cached
from scrapy.utils.misc import build_from_crawler, load_object

from zbcrawler.archive.disk import PRIVATE, make_way
from zbcrawler.downloading.spider_protocol import CrawlerPart, is_on_site

_MOST_TURNS = 100  # delays; a turn further away means that the clock was set back


class FilePace(CrawlerPart):
    """Share turns with the other runs of the archive on this machine. A file's modification time is the last turn."""

    def reserve(self, host: str, delay: float) -> float:
        """Take the next turn to request from a host (``site``: all hosts of the site); return the seconds until then.

        ``delay``: the seconds between two turns. If the archive cannot be written, runs do not wait for each other.
        """
        # A run that writes nothing waits for the others, too, if there have been any.
        if not (self.archive.root / (PRIVATE if self.archive.dry_run else "")).is_dir():
            return 0
        try:
            path = self.archive.private_folder() / f"{re.sub(r'[^a-z0-9.-]', '-', host.lower())}.pace"
            make_way(path)
            handle = os.open(path, os.O_RDONLY | os.O_CREAT, 0o666)
        except OSError:
            return 0
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            now, last = time.time(), os.fstat(handle).st_mtime
            turn = max(now, last + delay) if last - now < _MOST_TURNS * delay else now
            with suppress(PermissionError):  # the file may belong to another user who shares the archive
                os.utime(path, (turn, turn))
        finally:
            os.close(handle)
        return turn - now


class PacedDownloadHandler(HTTP11DownloadHandler):
    """Wait for a turn before each request. The wait does not count for ``DOWNLOAD_TIMEOUT``."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.pace = build_from_crawler(load_object(crawler.settings["PACE_CLASS"]), crawler)
        self._delay = crawler.settings.getfloat("DOWNLOAD_DELAY")
        self._slots = crawler.settings.getdict("DOWNLOAD_SLOTS")

    async def download_request(self, request: Request) -> Response:
        parts = urlparse_cached(request)
        host = parts.netloc.lower()
        if delay := self._slots.get(parts.hostname, {}).get("delay", self._delay):
            wait = self.pace.reserve("site" if is_on_site(self.crawler, host) else host, delay)
            if wait > 0:
                await asyncio.sleep(wait)
        return await super().download_request(request)

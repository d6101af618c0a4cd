"""Keep story pages as the site sent them; see :mod:`zbcrawler.downloading.warc`."""

from pathlib import Path

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response
from scrapy.utils.httpobj import urlparse_cached

from zbcrawler.archive.disk import learnt_editions
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.arguments import raw_folder, whole_number
from zbcrawler.common.errors import NotAskedError
from zbcrawler.downloading.spider_protocol import CrawlerPart, is_on_site


class KeepRawMiddleware(CrawlerPart):
    """Keep the complete pages of stories that answered with 200; see :mod:`zbcrawler.downloading.warc`.

    This middleware is next to the download, where a page is still compressed. If a page cannot be kept, it
    is not read: the run ends, and a later run fetches the page.
    """

    def __init__(self, crawler: Crawler) -> None:
        """Prepare the folder; raise NotConfigured if the run keeps no pages."""
        super().__init__(crawler)
        folder = raw_folder(crawler.settings)
        if folder is None and learnt_editions(self.archive.root) and not self.archive.dry_run:
            folder = str(self.archive.private_folder("raw"))  # from which posts can be written again
        if folder is None or self.archive.dry_run:
            raise NotConfigured
        # Imported here, because most runs keep no pages.
        from zbcrawler.downloading.warc import RawFolder  # noqa: PLC0415

        largest = whole_number(crawler.settings, "RAW_MEGABYTES", 1) * 1_000_000
        self.folder = RawFolder(Path(folder), self.spider.name, largest)

    def spider_closed(self) -> None:
        self.folder.close()

    def process_response(self, request: Request, response: Response) -> Response:
        """Keep a story page; raise NotAskedError if it cannot be kept."""
        story = request.cb_kwargs.get("address")
        if not is_on_site(self.crawler, urlparse_cached(response).netloc):  # a web archive, which keeps the page itself
            return response
        if not isinstance(story, StoryAddress) or response.status != 200 or response.flags:
            return response
        # The page's date, for this run and for an import of the WARC file.
        now = request.meta["fetched"] = self.clock.now().replace(microsecond=0)
        is_same_address = StoryAddress.parse(response.url, self.spider.own_hosts) == story
        try:
            self.folder.keep(request, response, now, "" if is_same_address else story.url)
        except OSError as error:
            what = f"cannot be written: {error}"
            self.signals.end_requests(f"KEEP_RAW {self.folder.folder}", what)
            raise NotAskedError(what) from error
        return response

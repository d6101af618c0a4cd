"""Keep the pictures of stories that will be written, if ``KEEP_PICTURES`` is on."""

import asyncio
import logging
from collections import Counter
from dataclasses import replace

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError, DropItem, IgnoreRequest
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.httpobj import urlparse_cached

from zbcrawler.archive import pictures, story_versions
from zbcrawler.archive.disk import PICTURES, link_from_post
from zbcrawler.cleaning.links import picture_key
from zbcrawler.common.addresses import PUBLIC_SITE
from zbcrawler.common.arguments import site_url
from zbcrawler.common.errors import PostError
from zbcrawler.downloading.failures import reason_of
from zbcrawler.downloading.spider_protocol import CrawlerPart
from zbcrawler.items import Story
from zbcrawler.pipelines.write_post import decide_on

_PLACEHOLDER = link_from_post(PICTURES)  # the link to a picture that is not downloaded yet
# Pictures of one host without an answer. With the default timeout and retries, each takes three minutes.
_MOST_UNANSWERED = 3


class KeepPicturesPipeline(CrawlerPart):
    """Link kept pictures in ``body``; if ``KEEP_PICTURES`` is on, first download those that are missing.

    A picture that cannot be downloaded stays linked on the site, and is requested again when its story is.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        settings = crawler.settings
        self.keeps = settings.getbool("KEEP_PICTURES")
        self.maxsize = settings.getint("PICTURE_MAXSIZE")
        self.picture_site = site_url(settings, "PICTURE_SITE")
        self.failures: list[str] = []
        self.unanswered: Counter[str] = Counter()  # by host, the pictures in a row without an answer
        # By address, so that a run requests a picture once: the file in the archive, and the reason if there is none.
        self._fetches: dict[str, asyncio.Future[tuple[str, str]]] = {}

    async def process_item(self, item: Story) -> Story:
        """Link kept pictures, and keep others; raise DropItem if the archive cannot be read or written."""
        try:
            links = self._known_links(item)
            item.body = pictures.with_sources(item.body, links)
            if links:
                self.signals.count("pictures/known", len(links))
            if self.keeps and not item.imported:  # an import sends no requests
                await self._keep(item)
        except (OSError, PostError) as error:
            raise DropItem(f"{item.address}: {error}") from error
        return item

    def close_spider(self) -> None:
        if self.failures:
            what = f"{len(self.failures)} could not be kept and stay linked, the first: {self.failures[0]}"
            self.signals.note("pictures", what)

    def _known_links(self, item: Story) -> dict[str, str]:
        """Return the links to the story's pictures that are kept already, by address."""
        note = self.archive.notes.pictures.find(item.address)
        note = {address: file for address, file in note.items() if (self.archive.root / file).is_file()}
        kept = {picture_key(address): link_from_post(file) for address, file in note.items()}
        links = {one: kept[key] for one in pictures.sources(item.body) if (key := picture_key(one)) in kept}
        if note and (path := self.archive.find(item.address)):
            # Another edition may have other addresses for the same pictures. If nothing else differs, keep the links.
            old = self.archive.read(path)
            origins = {link_from_post(file): address for address, file in note.items()}
            then = replace(old, body=pictures.with_sources(old.body, origins))
            if story_versions.same_news(replace(old, body=item.body), then):
                pairs = zip(pictures.sources(item.body), pictures.sources(old.body), strict=True)
                links = {one: link for one, link in pairs if link in origins} | links
        return links

    async def _keep(self, item: Story) -> None:
        own_hosts = self.spider.own_hosts
        wanted = [one for one in dict.fromkeys(pictures.sources(item.body)) if pictures.is_on_site(one, own_hosts)]
        if not wanted or not self._would_be_written(item, wanted):
            return
        for address in wanted:
            if address not in self._fetches:
                self._fetches[address] = asyncio.ensure_future(self._fetch(address))
        results = {address: await self._fetches[address] for address in wanted}
        for address, (_, reason) in results.items():
            if reason:
                self.failures.append(f"{address}: {reason}")
                self.signals.count("pictures/failed")
                self.logger.info("not kept: %s", self.failures[-1])
        if kept := {address: file for address, (file, _) in results.items() if file}:
            self.archive.notes.pictures.add(item.address, kept)
            links = {address: link_from_post(file) for address, file in kept.items()}
            item.body = pictures.with_sources(item.body, links)
            self.signals.count("pictures/kept", len(kept))

    def _would_be_written(self, item: Story, wanted: list[str]) -> bool:
        """Whether the pictures of this version of a story would be in its post."""
        linked = replace(item, body=pictures.with_sources(item.body, dict.fromkeys(wanted, _PLACEHOLDER)))
        try:
            decision, _ = decide_on(linked, self.archive)
        except (OSError, PostError):
            return False  # WritePostPipeline reports the error
        return decision.outcome.is_written and decision.story.body is linked.body

    async def _fetch(self, address: str) -> tuple[str, str]:
        request = Request(
            pictures.request_address(address, self.spider.site, self.picture_site),
            callback=NO_CALLBACK,
            # Some hosts refuse requests without a Referer, and re-encode a picture if Accept names a format.
            headers={"Referer": f"{PUBLIC_SITE}/", "Accept": "image/*,*/*;q=0.1"},
            meta={
                "allow_offsite": True,  # see pictures.is_on_site()
                "dont_redirect": True,  # the target might be any host
                "download_maxsize": self.maxsize,
                "give_up_log_level": logging.INFO,  # an error in the log would make the run fail
            },
        )
        host = urlparse_cached(request).netloc
        # Do not wait again for a host that does not answer.
        if self.unanswered[host] >= _MOST_UNANSWERED:
            return "", f"not requested: {host} does not answer"
        try:
            response = await self.crawler.engine.download_async(request)
        except DownloadCancelledError:
            return "", f"has more than {self.maxsize} bytes (PICTURE_MAXSIZE)"
        except IgnoreRequest as error:
            return "", f"not fetched: {error}"
        except Exception as error:  # any network error; the story is still archived
            self.unanswered[host] += 1
            return "", f"no answer: {reason_of(error)}"
        self.unanswered.pop(host, None)
        if response.status != 200:
            return "", f"answered {response.status}"
        if not pictures.extension_of(response.body):
            return "", "is not a picture of a format that is kept"
        file = pictures.file_of(response.body)
        try:
            self.archive.write(self.archive.root / file, response.body)
        except OSError as error:
            reason = f"could not be written: {error}"
            self.signals.problem("pictures", f"{request.url}: {reason}")
            return "", reason
        return file, ""

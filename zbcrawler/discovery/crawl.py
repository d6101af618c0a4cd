"""What the parts of a crawl share."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from urllib.parse import urlsplit

from scrapy.http import Response
from scrapy.settings import BaseSettings
from typing_extensions import Self

from zbcrawler.archive.front_matter import front_matter_keys
from zbcrawler.archive.state import RunState
from zbcrawler.archive.store import Archive
from zbcrawler.common import options
from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.clock import Clock
from zbcrawler.common.outcomes import Outcome
from zbcrawler.downloading.failures import FailureStreak
from zbcrawler.signals import RunSignals


class SiteOrigin:
    """The host of the site that a run stays on: the one of ``SITE_URL``, or the one to which that redirects.

    :ivar url: ``scheme://host[:port]``
    :ivar hosts: hosts (with port, if any) that stand for the site besides its public ones
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.hosts = frozenset({urlsplit(url).netloc.lower()})
        self._answered = asyncio.Event()

    def learn(self, response: Response) -> None:
        """Stay on the host that sent a page, which was read successfully."""
        asked = response.meta.get("redirect_urls", [response.url])[0]
        parts = urlsplit(response.url)
        if urlsplit(asked).path == parts.path:
            self.url = f"{parts.scheme}://{parts.netloc}"
            self.hosts |= {parts.netloc.lower()}

    def note_answer(self) -> None:
        """Let the other first requests be made; to be called whatever the first answer was."""
        self._answered.set()

    async def wait(self) -> None:
        await self._answered.wait()


@dataclass
class Crawl:
    """What the parts of a crawl share; ``wants_details``: for optional keys of the front matter."""

    site: SiteOrigin
    archive: Archive
    state: RunState
    signals: RunSignals
    failures: FailureStreak
    wants_details: bool
    clock: Clock

    @classmethod
    def of(cls, settings: BaseSettings, signals: RunSignals, spider: str, state_name: str) -> Self:
        """Return what the parts of a spider share.

        :param state_name: name of the file of the run state
        :raises ArgumentError: if a setting is not allowed
        """
        site = SiteOrigin(options.site_url(settings))
        archive = Archive.from_settings(settings)
        state = RunState.of(archive, spider, state_name)
        failures = FailureStreak(signals, options.whole_number(settings, "GIVE_UP_AFTER", 1))
        options.site_url(settings, "PICTURE_SITE")
        wants_details = bool(front_matter_keys(settings))
        return cls(site, archive, state, signals, failures, wants_details, Clock.from_settings(settings))

    def fail(self, section: str, address: StoryAddress, reason: str) -> None:
        """Settle a story that was not fetched or read; after many in a row the run ends."""
        self.signals.settle(section, address, Outcome.FAILED, reason)
        self.failures.add(reason)

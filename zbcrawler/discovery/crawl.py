"""What the parts of a crawl share."""

from __future__ import annotations

from dataclasses import dataclass

from scrapy.settings import BaseSettings
from typing_extensions import Self

from zbcrawler.archive.front_matter import front_matter_keys
from zbcrawler.archive.notes import OwedNotes
from zbcrawler.archive.state import RunState
from zbcrawler.archive.store import Archive
from zbcrawler.common import options
from zbcrawler.common.clock import Clock
from zbcrawler.downloading.failures import FailureStreak
from zbcrawler.downloading.site_origin import SiteOrigin
from zbcrawler.signals import RunSignals


@dataclass
class Crawl:
    """What the parts of a crawl share.

    :ivar wants_details: whether optional keys of the front matter need what a page says besides its story
    """

    site: SiteOrigin
    archive: Archive
    owed: OwedNotes
    state: RunState
    signals: RunSignals
    failures: FailureStreak
    wants_details: bool
    clock: Clock

    @classmethod
    def of(cls, settings: BaseSettings, signals: RunSignals, name: str, state_name: str) -> Self:
        """Return the parts of a spider's crawl.

        :param name: the spider's
        :param state_name: name of the file of the run state
        :raises ArgumentError: if a setting is not allowed
        """
        site = SiteOrigin(options.site_url(settings))
        archive = Archive.from_settings(settings)
        state = RunState.of(archive, name, state_name)
        failures = FailureStreak(signals, options.whole_number(settings, "GIVE_UP_AFTER", 1))
        options.site_url(settings, "PICTURE_SITE")
        wants_details = bool(front_matter_keys(settings))
        clock = Clock.from_settings(settings)
        return cls(site, archive, archive.notes.owed, state, signals, failures, wants_details, clock)

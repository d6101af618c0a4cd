"""The outcomes of a story in a run, and the errors that the project raises on purpose."""

from datetime import datetime
from enum import Enum

from scrapy.exceptions import DropItem, IgnoreRequest


class Outcome(str, Enum):
    """The outcome of a story in a run; summaries show the outcomes in this order."""

    NEW = "new"  # written for the first time
    CHANGED = "changed"  # fetched again, and the post was rewritten
    SHORTENED = "shortened"  # as changed, and the text lost more than a few characters
    UNCHANGED = "unchanged"  # in the archive already
    SKIPPED = "skipped"  # not a story of this archive, see the reason
    GONE = "gone"  # listed, but the site has answered 404 or 410 for a day
    OWED = "owed"  # not available yet: absent for less than a day (see the reason), or not due (no reason)
    DOUBTFUL = "doubtful"  # the text is shorter, perhaps cut, and was not written; see the reason
    FAILED = "failed"  # could not be archived, see the reason
    LEFT = "left"  # not reached, because the run ended early; the journal has it

    @property
    def is_written(self) -> bool:
        return self in (Outcome.NEW, Outcome.CHANGED, Outcome.SHORTENED)

    @property
    def is_archived(self) -> bool:
        """Whether the archive has the current version of the story."""
        return self.is_written or self is Outcome.UNCHANGED

    @property
    def is_open(self) -> bool:
        """Whether a later run has to fetch the story."""
        return self in (Outcome.OWED, Outcome.DOUBTFUL, Outcome.FAILED, Outcome.LEFT)


class ZbcrawlerError(Exception):
    """The base of all errors here; never raised itself."""


class ArgumentError(ZbcrawlerError, ValueError):
    """A spider argument or a setting is not allowed; the message says what is. Raised before any request."""


class PageError(ZbcrawlerError):
    """A page cannot be read as the expected kind of page. Raised by ``zbcrawler.editions``."""

    is_unreadable = False  # no edition can read the page, perhaps because of a redesign


class UnknownEditionError(PageError):
    """No edition recognises the page: an error page, a captcha, or a redesign of the site."""

    is_unreadable = True


class EditionFileError(ArgumentError):
    """The file of a learnt edition cannot be used. Raised by ``zbcrawler.editions.learnt``."""


class LandmarkMissingError(PageError):
    """The edition is known, but the page lacks a part that the edition has (a selector or JSON path)."""

    is_unreadable = True


class OtherStoryError(PageError):
    """A page says that it is another story's. Raised by ``zbcrawler.editions.page``."""

    def __init__(self, address: str, other: str) -> None:
        super().__init__(f"{address}: is the page of another story: {other}")
        self.other = other


class PageTooHardError(PageError):
    """A page has more markup than any real page of a story. Raised by ``zbcrawler.common.markup``."""


class PageTooSlowError(PageError):
    """Reading or cleaning a page took longer than ``PAGE_SECONDS``. Raised by ``zbcrawler.common.markup``."""


class BodyError(ZbcrawlerError):
    """A body cannot be made into blocks safely. Raised by ``zbcrawler.cleaning``."""


class PostError(ZbcrawlerError, ValueError):
    """A file of the archive is not a post of this project. Raised by ``zbcrawler.archive.posts``."""


class GitError(ZbcrawlerError):
    """A git command failed. Raised by ``zbcrawler.archive.git``."""


class StoppedError(ZbcrawlerError):
    """SIGTERM or SIGINT stopped a commit or a push. Raised by ``zbcrawler.archive.git``."""


class HeldError(ZbcrawlerError):
    """Another run of the same kind has been at work since an (aware) time. Raised by ``zbcrawler.archive.disk``."""

    def __init__(self, what: str, since: datetime) -> None:
        super().__init__(what)
        self.since = since


class NotTakenError(ZbcrawlerError, DropItem):
    """The archive cannot be written; a later run fetches the story. Raised by ``zbcrawler.pipelines.write_post``."""


class NotAskedError(ZbcrawlerError, IgnoreRequest):
    """The run sends no more requests, so this request was not sent. Raised by ``zbcrawler.downloading``."""


class LeavesTheSiteError(ZbcrawlerError, IgnoreRequest):
    """A request or a redirect leads to another host. Raised by ``zbcrawler.downloading.middlewares``."""

    def __init__(self, asked: str, address: str) -> None:
        way = f"{asked}: redirects to {address}, which is not on the site"
        way = f"{address}: is not on the site" if asked == address else way
        super().__init__(f"{way}; if its host belongs to the site, add it to SITE_HOSTS")
        self.address = address

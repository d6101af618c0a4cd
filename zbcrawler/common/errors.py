"""Every error the project raises on purpose, and where it is raised from."""

from __future__ import annotations

from scrapy.exceptions import DropItem


class ZbcrawlerError(Exception):
    """The root of the tree; nothing raises it itself."""


class ArgumentError(ZbcrawlerError, ValueError):
    """A spider argument or a setting has a value that is not allowed.

    Raised while a spider is made (``zbcrawler.spiders``), before any request.
    The message is one line that names the argument and what is allowed.
    """


class PageError(ZbcrawlerError):
    """A page could not be read as what it should be. Raised by ``zbcrawler.editions``."""


class UnknownEditionError(PageError):
    """No edition knows the page: an error page, a captcha, or a redesign of the site."""


class LandmarkMissingError(PageError):
    """The edition is known, but the part of the page that should hold something is not there.

    :param edition: name of the edition, e.g. ``react``
    :param landmark: the selector or JSON path that was looked for
    :param address: address of the page
    """

    def __init__(self, edition: str, landmark: str, address: str) -> None:
        super().__init__(f"{address}: the {edition} edition should have {landmark} here, and has not")
        self.edition = edition
        self.landmark = landmark
        self.address = address


class PageTooHardError(PageError):
    """A page has more markup than any story, as only one made to be hard has. Raised by ``zbcrawler.common.markup``."""


class BodyError(ZbcrawlerError):
    """A body could not be made into blocks safely. Raised by ``zbcrawler.cleaning``."""


class PostError(ZbcrawlerError, ValueError):
    """A file of the archive is not a post of ours. Raised by ``zbcrawler.archive.posts``."""


class WarcError(ZbcrawlerError):
    """A page that was kept cannot be read again. Raised by ``zbcrawler.tools.importing.warcs``."""


class QueueError(ZbcrawlerError):
    """An entry of a cluster's queue is none of ours. Raised by ``zbcrawler.cluster.entries``."""


class GitError(ZbcrawlerError):
    """git did not do what it was asked for. Raised by ``zbcrawler.archive.git``."""


class NotTakenError(ZbcrawlerError, DropItem):
    """The archive takes no story at all, and the run ends; a later one fetches this story.

    Raised by ``zbcrawler.pipelines.write_post``, which tells of the archive by ``asking_must_end``.
    """

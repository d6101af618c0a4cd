"""The site's two hosts. The client's country decides which one serves it (site-layouts 1.4)."""

from __future__ import annotations

from types import TracebackType

from zbcrawler.replica.newsroom import Newsroom
from zbcrawler.replica.server import Replica

# Here www.zaobao.com serves an edition of its own. It sends all other clients to the Singapore host.
MAINLAND_COUNTRIES = frozenset(("CN", "HK"))


class Domains:
    """Both hosts of one newsroom, each at a port of its own. A context manager.

    :ivar com: stands for www.zaobao.com
    :ivar sg: stands for www.zaobao.com.sg, which serves every client
    """

    def __init__(
        self,
        newsroom: Newsroom,
        singapore: str = "react",
        mainland: str = "astro",
        country: str = "SG",
        ports: tuple[int, int] = (0, 0),
    ) -> None:
        """Prepare to serve. ``start()`` or ``with`` begins.

        :param singapore: edition of the Singapore host
        :param mainland: edition of the other host, for clients of the mainland and Hong Kong
        :param country: the client's country, two letters
        :param ports: of ``com`` and ``sg``; 0 takes a free one
        :raises ValueError: if there is no such edition
        """
        self.com = Replica(newsroom, mainland, ports[0])
        self.sg = Replica(newsroom, singapore, ports[1])
        self._country = country
        self._started = False

    @property
    def country(self) -> str:
        """Return the client's country. It can be changed at any time."""
        return self._country

    @country.setter
    def country(self, country: str) -> None:
        self._country = country
        if self._started:
            self.com.redirect_to = None if country.upper() in MAINLAND_COUNTRIES else self.sg.url

    def start(self) -> Domains:
        """Begin to listen on both hosts.

        :raises OSError: if a port is taken
        """
        self.sg.start()
        self._started = True
        self.country = self._country  # before the first request
        try:
            self.com.start()
        except OSError:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Close both ports and every connection."""
        self._started = False
        self.com.stop()
        self.sg.stop()

    def __enter__(self) -> Domains:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

"""Where the site answers."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from scrapy.http import Response


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
        """Wait for the first answer."""
        await self._answered.wait()

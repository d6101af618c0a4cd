"""Read pages in a real Chromium."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from support.programs import needs

# A GIF of one pixel.
DOT = bytes.fromhex("47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a browser. Close it at the end."""
    # Chromium's sandbox does not work for root.
    words = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=needs("chromium"), args=words)
        yield browser
        browser.close()


class Visit:
    """The visit of a reader, in a window of its own.

    :ivar page: Playwright's page
    :ivar trouble: messages of the console and errors of scripts
    :ivar foreign: requests to other hosts: kind and address
    """

    def __init__(
        self, browser: Browser, width: int = 1000, theme: str = "light", pictures: bool = True, **more
    ) -> None:
        """Open a window.

        :param pictures: whether other hosts answer requests for pictures; they answer no other request
        """
        self.page: Page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=theme, **more)
        self.trouble: list[str] = []
        self.foreign: list[tuple[str, str]] = []
        self._pictures = pictures
        self.page.on("console", lambda message: self.trouble.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))
        self.page.route(lambda address: urlsplit(address).hostname not in {"127.0.0.1", None}, self._elsewhere)

    def _elsewhere(self, route) -> None:
        kind = route.request.resource_type
        self.foreign.append((kind, route.request.url))
        if kind == "image" and self._pictures:
            route.fulfill(body=DOT, content_type="image/gif")
        else:
            route.abort()

    def overflow(self) -> int:
        """Return by how many pixels the page is wider than the window."""
        return self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")

    def hindrances(self) -> list[str]:
        """Return the serious and critical findings of axe."""
        found = Axe().run(self.page, options={"resultTypes": ["violations"]}).response["violations"]
        return [
            f"{one['id']}: {node['html']}"
            for one in found
            if one["impact"] in {"serious", "critical"}
            for node in one["nodes"]
        ]

"""Log lines about stories that name them instead of printing their text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy import logformatter

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.http import Response
    from scrapy.logformatter import LogFormatterResult
    from twisted.python.failure import Failure

    from zbcrawler.items import Story


class StoryLogFormatter(logformatter.LogFormatter):
    """Scrapy's formatter prints whole items; a story's body would drown the log."""

    def scraped(self, item: Story, response: Response | Failure | None, spider: Spider) -> None:
        """Nothing: ``WritePost`` logs what became of the story."""

    def dropped(
        self, item: Story, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> None:
        """Nothing: ``Verdict`` logs the failure with its reason."""

    def item_error(
        self, item: Story, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        result: dict[str, Any] = super().item_error(item, exception, response, spider)
        return {**result, "args": {"item": str(item.address)}}

"""Log the address of a story instead of its text."""

from __future__ import annotations

from typing import Any

from scrapy import Spider
from scrapy.http import Response
from scrapy.logformatter import LogFormatter, LogFormatterResult
from twisted.python.failure import Failure

from zbcrawler.items import Story


class StoryLogFormatter(LogFormatter):
    """Scrapy's formatter prints whole items; the bodies of stories would fill the log."""

    # Scrapy allows None, which logs nothing; its types do not say so.

    def scraped(self, item: Story, response: Response | Failure | None, spider: Spider) -> Any:
        """Log nothing: ``WritePostPipeline`` logs the outcome of the story."""

    def dropped(
        self, item: Story, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> Any:
        """Log nothing: ``Books`` logs the failure with its reason."""

    def item_error(
        self, item: Story, exception: BaseException, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult:
        result = super().item_error(item, exception, response, spider)
        return {"level": result["level"], "msg": result["msg"], "args": {"item": str(item.address)}}

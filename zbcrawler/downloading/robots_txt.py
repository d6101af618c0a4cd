"""Stop a run when robots.txt is not available: it might forbid the next request."""

from __future__ import annotations

from urllib.parse import urlsplit

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response, TextResponse

from zbcrawler.common.errors import LeavesTheSiteError
from zbcrawler.downloading.failures import first_address
from zbcrawler.downloading.spider_protocol import is_on_site
from zbcrawler.signals import CrawlerPart

_FORBIDS_ALL = b"User-agent: *\nDisallow: /\n"
# RFC 9309 (2.5) asks for 500 KiB at least. Scrapy reads all lines, and a large file would take minutes.
_MOST_BYTES = 512 * 1024


class RobotsAnswerMiddleware(CrawlerPart):
    """Read the answer to a request for robots.txt as RFC 9309 (2.3.1) does: 4xx allows all, 5xx allows nothing.

    Neither does a redirect that is not followed, or a 304, which nobody asked for. Of a large file, the first lines
    count. Scrapy reads an error page as rules,
    and a missing answer as permission. This middleware is nearer to the spider than Scrapy's retries, so it sees only
    the last answer.
    """

    def process_response(self, request: Request, response: Response) -> Response:
        if not is_for_robots(request):
            return response
        if 200 <= response.status < 300:
            # Half a rule could forbid more than the whole one.
            whole = len(response.body) <= _MOST_BYTES
            return response if whole else response.replace(body=response.body[:_MOST_BYTES].rpartition(b"\n")[0])
        if 400 <= response.status < 500:
            return TextResponse(request.url, body=b"")
        return self._forbid(request, f"{request.url}: answered {response.status}")

    def process_exception(self, request: Request, exception: Exception) -> Response | None:
        if not is_for_robots(request):
            return None
        if isinstance(exception, LeavesTheSiteError):
            return self._forbid(request, str(exception))
        # Another part of the run refused the request, or it redirects endlessly, which RFC 9309 takes as permission.
        if isinstance(exception, IgnoreRequest):
            return None
        return self._forbid(request, f"{request.url}: no answer: {exception}")

    def _forbid(self, request: Request, what: str) -> Response:
        if is_on_site(self.crawler, urlsplit(first_address(request)).netloc):
            self.signals.end_requests("robots.txt", what)
            return TextResponse(request.url, body=b"")
        # If the file is missing on another host, only that host is forbidden.
        return TextResponse(request.url, body=_FORBIDS_ALL)


def is_for_robots(request: Request) -> bool:
    """Return whether a request is Scrapy's own request for robots.txt."""
    is_without_rules = bool(request.meta.get("dont_obey_robotstxt"))
    return is_without_rules and urlsplit(first_address(request)).path == "/robots.txt"

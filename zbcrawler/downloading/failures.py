"""Read and describe failed requests."""

from typing import Any, cast

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from zbcrawler.common.errors import LeavesTheSiteError, NotAskedError

TOO_MANY_REQUESTS = 429


def request_of(failure: Failure) -> Request:
    """Return the request that failed; Scrapy adds it to the failure."""
    return cast("Request", cast("Any", failure).request)


def first_address(request: Request) -> str:
    """Return the address that was requested before any redirect."""
    return str(request.meta.get("redirect_urls", [request.url])[0])


def status_of(failure: Failure) -> int:
    """Return the HTTP status of an error answer; 0 if the failure is not such an answer."""
    return failure.value.response.status if isinstance(failure.value, HttpError) else 0


def was_not_sent(failure: Failure) -> bool:
    return isinstance(failure.value, NotAskedError)


def describe_failure(failure: Failure) -> str:
    return describe_error(failure.value, request_of(failure))


def describe_error(error: BaseException | None, request: Request) -> str:
    """Describe why a request has no answer that can be read."""
    if isinstance(error, HttpError):
        return f"{error.response.url}: answered {error.response.status}"
    if isinstance(error, LeavesTheSiteError):
        return str(error)
    what = f"not fetched: {error}" if isinstance(error, IgnoreRequest) else f"no answer: {reason_of(error)}"
    return f"{request.url}: {what}"


def reason_of(error: BaseException | None) -> str:
    """Return what an error says, without its full stop; its name if it says nothing, or a list, as Twisted's errors."""
    message = str(error)
    return type(error).__name__ if not message or message.startswith("[<") else message.removesuffix(".")

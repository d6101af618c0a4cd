"""The entries of the queue: facts about stories, as JSON. scrapy-redis calls ``dumps`` and ``loads``."""

from __future__ import annotations

import json
from typing import Any

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import QueueError

# A section's path and an address have a tenth of this.
_LONGEST = 2000


def dumps(request: dict[str, Any]) -> str:
    """Return the entry of a story's request, which Scrapy has made a dict."""
    details = request["cb_kwargs"]
    return json.dumps({"story": details["address"].url, "section": details["section"]}, ensure_ascii=False)


def loads(entry: bytes) -> dict[str, Any]:
    """Return an entry's request as a dict; a worker makes a new request for the host where its site answers.

    :raises QueueError: if the entry is not one of ours
    """
    try:
        if len(entry) > _LONGEST:
            raise ValueError("too long")
        details = json.loads(entry)
        address, section = StoryAddress.parse(details["story"]), details["section"]
        if address is None or not isinstance(section, str):
            raise ValueError("no story")
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
        what = f"an entry of the queue is none of ours, and was left out: {entry[:200]!r} ({error})"
        raise QueueError(what) from error
    return {"url": address.url, "cb_kwargs": {"section": section, "address": address}}

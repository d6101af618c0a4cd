"""What stands in the queue: data of stories, as JSON. scrapy-redis calls ``dumps`` and ``loads``."""

from __future__ import annotations

import json
from typing import Any

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import QueueError

# A section's path and an address have a tenth of it.
_LONGEST = 2000


def dumps(request: dict[str, Any]) -> str:
    """Return the entry of a request for a story, which was made a dict by Scrapy."""
    told = request["cb_kwargs"]
    return json.dumps({"story": told["address"].url, "section": told["section"]}, ensure_ascii=False)


def loads(entry: bytes) -> dict[str, Any]:
    """Return the request that an entry stands for, as a dict; a worker makes it again for where its site answers.

    :raises QueueError: if it is not one of ours
    """
    try:
        if len(entry) > _LONGEST:
            raise ValueError("too long")
        told = json.loads(entry)
        address, section = StoryAddress.parse(told["story"]), told["section"]
        if address is None or not isinstance(section, str):
            raise ValueError("no story")
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
        raise QueueError(
            f"an entry of the queue is none of ours, and was left out: {entry[:200]!r} ({error})"
        ) from error
    return {"url": address.url, "cb_kwargs": {"section": section, "address": address}}

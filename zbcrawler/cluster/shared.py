"""What the runs of a cluster share in Redis: the queue of stories, signs of life of the workers, and the pace."""

from __future__ import annotations

import json
import os
import socket
from contextlib import suppress
from typing import cast

from redis import Redis, RedisError
from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings

from zbcrawler.common.addresses import StoryAddress
from zbcrawler.common.errors import ArgumentError, NotAskedError
from zbcrawler.common.text import excerpt
from zbcrawler.downloading.spider_protocol import CrawlerPart

_QUEUE, _HANDED_OUT, _WORKING = "zbcrawler:queue", "zbcrawler:handed-out", "zbcrawler:working:"
_TIMEOUT = 30  # seconds after which Redis counts as unreachable
# Use Redis's clock, because the clocks of the machines may differ.
_TAKE_A_TURN = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local turn = math.max(now, (tonumber(redis.call('GET', KEYS[1])) or 0) + ARGV[1])
redis.call('SET', KEYS[1], string.format('%.6f', turn), 'PX', math.ceil((turn - now + ARGV[1]) * 1000) + 1)
return string.format('%.6f', turn - now)
"""


class Shared:
    def __init__(self, settings: BaseSettings) -> None:
        self.redis = Redis.from_url(settings["REDIS_URL"], socket_timeout=_TIMEOUT, socket_connect_timeout=_TIMEOUT)
        self._me = f"{_WORKING}{socket.gethostname()}-{os.getpid()}"

    @classmethod
    def checked(cls, settings: BaseSettings) -> Shared:
        """Return the Redis of the settings; raise an ArgumentError if it does not answer."""
        try:
            shared = cls(settings)
            shared.redis.ping()
        except (RedisError, ValueError) as error:
            where = str(settings["REDIS_URL"]).rpartition("@")[2]  # the part before @ may hold a password
            raise ArgumentError(f"REDIS_URL={where}: {excerpt(error)}; is redis-server running there?") from error
        return shared

    def hand_out(self, section: str, address: StoryAddress) -> None:
        """Put a story into the queue, unless this round has handed it out, perhaps from another section."""
        if self.redis.sadd(_HANDED_OUT, address.key_in(())):
            self.redis.lpush(_QUEUE, json.dumps({"story": address.url, "section": section}, ensure_ascii=False))

    def take_story(self) -> tuple[str, StoryAddress] | None:
        """Take a section and a story from the queue, None if it is empty; raise ValueError for another's entry."""
        entry = cast("bytes | None", self.redis.rpop(_QUEUE))
        if entry is None:
            return None
        try:
            details = json.loads(entry)
            address, section = StoryAddress.parse(details["story"]), details["section"]
            if address is None or not isinstance(section, str):
                raise ValueError("not a story")
        except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
            what = f"an entry of the queue was not written by zbcrawler, and was left out: {entry[:200]!r} ({error})"
            raise ValueError(what) from error
        return section, address

    def count_queued(self) -> int:
        return self.redis.llen(_QUEUE)

    def begin_round(self) -> None:
        self.redis.delete(_QUEUE, _HANDED_OUT)

    def is_anyone_working(self) -> bool:
        """Return whether a worker has stories that it has not pushed yet."""
        return any(self.redis.scan_iter(f"{_WORKING}*", count=1000))

    def begin_work(self, seconds: int) -> None:
        self.redis.set(self._me, 1, ex=seconds)

    def end_work(self) -> None:
        """Announce that this process has pushed everything."""
        with suppress(RedisError):  # the lease ends later
            self.redis.delete(self._me)


class RedisPace(CrawlerPart):
    """The common pace of all machines of a cluster; see :class:`zbcrawler.downloading.pace.FilePace`."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._take_a_turn = Shared(crawler.settings).redis.register_script(_TAKE_A_TURN)

    def reserve(self, host: str, delay: float) -> float:
        """Take a turn; raise NotAskedError if Redis does not answer, as the turns of other runs are then unknown."""
        try:
            return float(self._take_a_turn(keys=[f"zbcrawler:pace:{host}"], args=[delay]))
        except RedisError as error:
            what = f"no turns can be taken: {error}"
            self.signals.end_requests("redis", what)
            raise NotAskedError(what) from error

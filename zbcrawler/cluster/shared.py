"""What the runs of a cluster share in Redis beside the queue: the signs of life of those that work."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

from redis import RedisError
from scrapy_redis import connection

from zbcrawler.common.errors import ArgumentError

if TYPE_CHECKING:
    from redis import Redis
    from scrapy.settings import BaseSettings

_WORKING = "zbcrawler:working:"


class Shared:
    """The cluster's Redis."""

    def __init__(self, settings: BaseSettings) -> None:
        self.redis: Redis = connection.from_settings(settings)
        self._queue, self._handed_out = settings["SCHEDULER_QUEUE_KEY"], settings["SCHEDULER_DUPEFILTER_KEY"]
        self._me = f"{_WORKING}{socket.gethostname()}-{os.getpid()}"

    @classmethod
    def checked(cls, settings: BaseSettings) -> Shared:
        """:raises ArgumentError: if it does not answer"""
        try:
            shared = cls(settings)
            shared.redis.ping()
        except (RedisError, ValueError) as error:
            what = " ".join(str(error).split())
            # The rest of the address may be a password.
            where = str(settings["REDIS_URL"]).rpartition("@")[2]
            raise ArgumentError(f"REDIS_URL={where}: {what}; is redis-server running there?") from error
        return shared

    def waiting(self) -> int:
        """How many stories are in the queue."""
        return self.redis.llen(self._queue)

    def begin_round(self) -> None:
        """Forgets what was handed out."""
        self.redis.delete(self._queue, self._handed_out)

    def is_anyone_working(self) -> bool:
        """Whether a worker has stories that it has not pushed yet."""
        return any(True for _ in self.redis.scan_iter(f"{_WORKING}*", count=1000))

    def work(self, seconds: int) -> None:
        """Tells the others that this process works, for so many seconds from now."""
        self.redis.set(self._me, 1, ex=seconds)

    def rest(self) -> None:
        """Tells the others that this process has pushed all that it did."""
        self.redis.delete(self._me)

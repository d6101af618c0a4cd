"""The pace of a cluster: its runs take turns, whatever machine they are on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redis import RedisError

from zbcrawler.cluster.shared import Shared
from zbcrawler.downloading.retry_after import NotAskedError
from zbcrawler.signals import asking_must_end

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from typing_extensions import Self

# Redis's own clock counts: those of the machines may differ.
_TAKE_A_TURN = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local turn = math.max(now, (tonumber(redis.call('GET', KEYS[1])) or 0) + ARGV[1])
redis.call('SET', KEYS[1], string.format('%.6f', turn), 'PX', math.ceil((turn - now + ARGV[1]) * 1000) + 1)
return string.format('%.6f', turn - now)
"""


class RedisPace:
    """See :class:`zbcrawler.downloading.pace.Pace`."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._take_a_turn = Shared(crawler.settings).redis.register_script(_TAKE_A_TURN)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def reserve(self, host: str, delay: float) -> float:
        """See :class:`zbcrawler.downloading.pace.Pace`.

        :raises NotAskedError: if Redis does not answer: nobody knows when the others ask
        """
        try:
            return float(self._take_a_turn(keys=[f"zbcrawler:pace:{host}"], args=[delay]))
        except RedisError as error:
            what = f"no turns can be taken: {error}"
            self.crawler.signals.send_catch_log(asking_must_end, where="redis", what=what)
            raise NotAskedError(what) from error

"""Settings of a cluster (``SCRAPY_PROJECT=cluster``), in addition to :mod:`zbcrawler.settings`."""

from zbcrawler.settings import *  # noqa: F403

SPIDER_MODULES = ["zbcrawler.spiders", "zbcrawler.cluster.spiders"]

# The Redis that all machines share; use another number at its end for each archive. Only the cluster should have
# access: whoever can write to Redis decides what is requested.
REDIS_URL = "redis://127.0.0.1:6379/0"
# All runs of the cluster together send a host at most one request in DOWNLOAD_DELAY seconds.
PACE_CLASS = "zbcrawler.cluster.shared.RedisPace"
WORK_WAIT = 60  # seconds without a story after which a worker's run ends, commits and pushes
# The number of stories after which it also ends; those that a lost worker had not pushed are fetched again.
WORK_STORIES = 1000
WORK_LEASE = 60  # seconds without a sign of life after which the stories of a worker are handed out again
# Two machines may get their first pages from different halves of the site, and must not choose different homes.
CHOOSE_HOME = False

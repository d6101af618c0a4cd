"""Settings of a cluster (``SCRAPY_PROJECT=cluster``), in addition to :mod:`zbcrawler.settings`."""

from zbcrawler.settings import *  # noqa: F403

SPIDER_MODULES = ["zbcrawler.spiders", "zbcrawler.cluster.spiders"]

# The Redis that all machines of a cluster share; use another number at its end for each archive. Only the
# cluster should have access: whoever can write to Redis decides what is requested.
REDIS_URL = "redis://127.0.0.1:6379/0"
# All runs of the cluster together send a host at most one request in DOWNLOAD_DELAY seconds.
PACE_CLASS = "zbcrawler.cluster.shared.RedisPace"
# A worker's run ends, commits and pushes when it got no story for this number of seconds, or when it got
WORK_WAIT = 60
# this number of stories. If the worker is lost, stories that it has not pushed are fetched again.
WORK_STORIES = 1000
# After this number of seconds without a sign of life, the stories of a worker are handed out again.
WORK_LEASE = 60

# Two machines may get their first pages from different halves of the site, and must not choose different homes.
CHOOSE_HOME = False

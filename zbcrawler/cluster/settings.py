"""Settings of a cluster: ``SCRAPY_PROJECT=cluster``. Those of :mod:`zbcrawler.settings`, and these."""

from zbcrawler.settings import *  # noqa: F403

SPIDER_MODULES = ["zbcrawler.spiders", "zbcrawler.cluster.spiders"]

# The Redis that all machines of a cluster share; the number at its end sets several archives apart. Whoever can write
# to it decides what is asked for, so it should answer to the cluster alone.
REDIS_URL = "redis://127.0.0.1:6379/0"
# All runs of the cluster, on whatever machine, ask a host no more than once in DOWNLOAD_DELAY seconds.
PACE_CLASS = "zbcrawler.cluster.shared.RedisPace"
# A worker's run ends, and is committed and pushed, when it was given nothing for so many seconds,
WORK_WAIT = 60
# or has been given so many stories. What it has not pushed is fetched again if it is lost.
WORK_STORIES = 1000
# After so many seconds without a sign of life a worker is taken for dead, and what it had is handed out again.
WORK_LEASE = 60

# The first pages of two machines may be of two halves of the site; each half would take the other's posts for its own.
CHOOSE_HOME = False

# -- scrapy-redis ----------------------------------------------------------------------------------

# `seed` and `work` use them; other spiders have Scrapy's own scheduler.
SCHEDULER_QUEUE_CLASS = "scrapy_redis.queue.FifoQueue"
SCHEDULER_QUEUE_KEY = "zbcrawler:queue"
SCHEDULER_DUPEFILTER_KEY = "zbcrawler:handed-out"
# Default: pickles, with which whoever writes to the queue could run anything here.
SCHEDULER_SERIALIZER = "zbcrawler.cluster.scheduler"
# Default: False. A worker that ends must not empty the queue of the others.
SCHEDULER_PERSIST = True
# Scrapy reads it, too (zbcrawler.settings says why it is off), so `seed` and `work` set it themselves.
CLUSTER_SPIDER_SETTINGS = {
    "SCHEDULER": "zbcrawler.cluster.scheduler.Scheduler",
    "DUPEFILTER_CLASS": "zbcrawler.cluster.scheduler.StoryFilter",
}

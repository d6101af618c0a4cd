"""The settings that ``scrapy startproject`` writes, and a pipeline."""

BOT_NAME = "bare"
SPIDER_MODULES = ["bare.spiders"]
NEWSPIDER_MODULE = "bare.spiders"
ROBOTSTXT_OBEY = True
FEED_EXPORT_ENCODING = "utf-8"
ITEM_PIPELINES = {"bare.pipelines.Write": 300}
# As in zbcrawler: a line for every request would cost more than the request.
LOG_LEVEL = "INFO"

"""Parts that observe a run: bookkeeping, verdict, summary, alarms, progress, owed stories.

Reads spiders only through ``downloading.spider_protocol``. Imports ``downloading`` and below.
"""

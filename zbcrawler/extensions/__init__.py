"""Parts that observe a run: bookkeeping, verdict, alarms, progress, owed stories, shared parts.

Reads spiders only through ``downloading.spider_protocol``. Imports ``downloading`` and below.
"""

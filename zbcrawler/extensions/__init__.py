"""What watches a run: bookkeeping, verdict, summary, alarms, progress, the stories that later runs owe.

Reads spiders only through ``downloading.spider_protocol``. Imports ``downloading`` and below.
"""

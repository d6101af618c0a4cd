"""What ``scrapy crawl`` runs: each spider declares its arguments and requests what ``discovery`` finds.

Imports ``discovery`` and below, and no extension.
"""

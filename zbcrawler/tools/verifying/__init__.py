"""Proves an archive sound: every file against the layout and today's rules; ``scrapy verify``."""

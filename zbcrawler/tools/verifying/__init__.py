"""Check every file of an archive against the layout and today's rules: ``scrapy verify``."""

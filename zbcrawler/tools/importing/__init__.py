"""Read the posts of archives that others made, for ``scrapy import``."""

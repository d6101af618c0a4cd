"""The website of an archive: pages from templates, the search, and what a build must write again; ``scrapy site``."""

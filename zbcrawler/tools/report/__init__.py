"""Report on one page what an archive covers and what it lacks: ``scrapy verify --report``."""

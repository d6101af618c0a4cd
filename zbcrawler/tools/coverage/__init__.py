"""What an archive covers and what it lacks, as one page: ``scrapy verify --report``."""

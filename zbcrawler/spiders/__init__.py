"""What ``scrapy crawl`` runs: arguments, and requests for what ``discovery`` finds. Imports ``discovery`` and below."""

"""What ``scrapy learn`` runs: learning by hand, and what becomes of a learnt edition."""

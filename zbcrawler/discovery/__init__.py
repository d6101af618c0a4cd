"""What a spider requests next: listings, candidates, sitemaps, the index of a web archive.

Imports ``downloading``, ``editions``, ``archive`` and below, and no spider.
"""

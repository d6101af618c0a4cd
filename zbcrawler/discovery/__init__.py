"""What is asked for next: sections, candidates, sitemaps, the index of a web archive."""

"""What a spider requests next: listings, candidates, sitemaps, a web archive. Imports ``downloading`` and below."""

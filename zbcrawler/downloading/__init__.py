"""Stand between the spiders and the site."""

"""What stands between the spiders and the site."""

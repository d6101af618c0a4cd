"""Between the spiders and the site: middlewares, the pace of requests, raw pages. Imports ``archive`` and below."""

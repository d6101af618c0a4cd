"""Make an archive the source of a static website: what Jekyll or Hugo needs beside the posts; ``scrapy site``."""

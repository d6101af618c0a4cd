"""One verb a file; in the order of ``ITEM_PIPELINES``."""

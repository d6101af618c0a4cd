"""Parts that observe a run; they read of spiders only the ``spider_protocol``. Imports ``downloading`` and below."""

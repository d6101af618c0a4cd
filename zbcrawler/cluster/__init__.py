"""Many machines, one Redis: stories of the past are handed out by ``seed`` and fetched by ``work``; docs/cluster.md."""

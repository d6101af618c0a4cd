"""Many machines share a backfill (docs/cluster.md). Optional: nothing else imports this package."""

"""Many machines share a backfill (docs/how-to/cluster.md). Optional: nothing else imports this package."""

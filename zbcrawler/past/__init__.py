"""Where ``backfill`` learns of the past, and where it gets it from."""

"""What to fetch next; nothing else."""

"""What works on a finished archive, or on one page."""

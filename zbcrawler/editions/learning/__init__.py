"""Learn an edition from archived stories and their pages now, purely (docs/explanation/learning.md)."""

"""Learn an edition from archived stories and their pages now (docs/learning.md). Pure: a declaration comes out."""

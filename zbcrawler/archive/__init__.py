"""The folder of the archive: its layout, its posts and notes, its history in git."""

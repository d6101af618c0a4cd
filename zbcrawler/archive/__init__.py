"""The folder of the archive: paths, posts, notes, what runs remember, git, and the decision about a new version."""

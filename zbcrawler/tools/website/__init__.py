"""Makes the archive a site's source: what Jekyll needs beside the posts."""

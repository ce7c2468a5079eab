"""Pages of notifications/, one noun a file."""

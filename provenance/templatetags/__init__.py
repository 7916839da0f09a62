"""Template tags and filters for the verdict's labels."""

"""A consent from its request to its withdrawal."""

"""Parts that are not bundled, and that docs/extending.md shows as examples."""

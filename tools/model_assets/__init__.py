"""Makes the files in generation/animation/assets and weights from their sources."""

"""Pages of the partner console and the review queue. Thin: forms in, services or selectors, templates out."""

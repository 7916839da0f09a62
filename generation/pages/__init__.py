"""Pages of the partner console and the review queue: forms, services or selectors, templates."""

"""Pages of the studio: the page itself, and the drafts that its script asks for."""

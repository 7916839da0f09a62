"""Pages of the studio: the page itself, the drafts that its script asks for, and motion tracks."""

"""Days and moments in Spanish."""

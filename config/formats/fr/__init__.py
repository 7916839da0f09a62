"""Days and moments in French."""

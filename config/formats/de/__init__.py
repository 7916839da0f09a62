"""Days and moments in German."""

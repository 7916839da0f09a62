"""Days and moments in Italian."""

"""What a file holds and what a player shows of it: tracks, segments, damage, pieces."""

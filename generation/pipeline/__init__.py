"""From frames to a marked, encoded file in one stream; no Django, no ids, no settings."""

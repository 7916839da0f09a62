"""What manifests of ours may state: the facts about a rendition, and the schema of their definitions."""

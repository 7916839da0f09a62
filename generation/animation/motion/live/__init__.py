"""Motion while the speech is still arriving, with controls that change meanwhile."""

"""Template tags and filters: the labels of a verdict, and sentences in the language of the page."""

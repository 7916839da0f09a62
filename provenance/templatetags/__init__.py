"""Template tags and filters: labels of a verdict, sentences and days in the language of the page."""

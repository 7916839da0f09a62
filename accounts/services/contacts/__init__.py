"""Contacts of living subjects: look-up, codes, limits on asking, and links to "My likeness"."""

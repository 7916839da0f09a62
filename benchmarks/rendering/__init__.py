"""How well frames follow what was asked, and how fast they are made."""

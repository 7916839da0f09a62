"""Looks at a sample of the rendered frames, and says how well the face in them does what was ordered."""

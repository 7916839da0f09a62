"""The first stage: a person's geometry. Needs `anny`, SciPy and OpenCV."""

"""Training of the probe that tells a voice from music and noise, and the music it learns from."""

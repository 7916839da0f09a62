"""Training of the probes that tell a voice from music and noise, and what they learn from."""

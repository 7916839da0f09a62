"""What the verdict says about one part of a file: its container, its credentials, its sound, its label."""

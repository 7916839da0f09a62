"""One attempt at one video, for workers: its folder, its progress, what is made and what it states."""

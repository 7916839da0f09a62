"""Long videos in segments: closed stretches of frames that workers make apart from one another."""

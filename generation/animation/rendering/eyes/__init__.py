"""Drawing the eyes of a frame: iris and sclera, gaze, catch light and lids.

Nothing of the mouth or of the skin around. May import `portrait`, `face` and `geometry`.
"""

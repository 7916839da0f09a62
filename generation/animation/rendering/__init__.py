"""From a FittedPortrait and a MotionTrack to frames.

Everything that is done once for a frame lives here; the eyes, the mouth and the drawing back ends have rooms
of their own inside. May import `portrait`, `face`, `geometry` and `track`, never the sound side.
"""

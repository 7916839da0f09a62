"""From a FittedPortrait and a MotionTrack to frames.

Everything that is done for every frame lives here; the eyes, the mouth and the back ends that draw the
surface have packages of their own inside. May import `portrait`, `face`, `geometry` and `track`, never the
sound side.
"""

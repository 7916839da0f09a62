"""Capture: the motion of one performer from video, by landmarks followed from frame to frame and a fit of the
rig's actions to them.

May import everything below `rendering`, and of `rendering` how a frame is posed: capture inverts that.
"""

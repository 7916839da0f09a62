"""From speech and controls to a MotionTrack: the motion plan, its kinematics, emotion, and the mouth on top.

Knows nothing of portraits and pixels. May import `speech` and `track`.
"""

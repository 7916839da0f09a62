"""From speech and controls to a MotionTrack: voice features, MotionFlow, the motion plan and its kinematics.

Knows nothing of portraits and pixels. May import `speech` and `track`.
"""

"""The procedural animator: rule-based motion for a recording, from which MotionFlow is trained.

Used in training only; nothing that runs in the service imports it.
"""

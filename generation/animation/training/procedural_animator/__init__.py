"""The teacher of MotionFlow: a hand-set animator that performs a recording.

Used in training only; nothing that runs in the service imports it.
"""

"""The interface between speech and rendering: MotionTrack, the ARKit actions, Live Link Face files.

Numbers only: nothing here analyses, renders or loads weights, and nothing of the other rooms is imported.
"""

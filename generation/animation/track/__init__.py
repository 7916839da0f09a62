"""What passes from the sound side to the picture side: MotionTrack, the ARKit actions, Live Link Face files.

Numbers only: nothing here hears, draws or loads weights, and nothing of the other rooms is imported.
"""

"""The mouth of a frame: the inside with teeth and tongue, the edge of the opening, the line between the lips.

Nothing of the eyes. May import `portrait`, `face` and `geometry`.
"""

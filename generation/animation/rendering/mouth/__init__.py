"""Drawing the mouth of a frame: interior with teeth and tongue, lip aperture, shadow between closed lips.

Nothing of the eyes. May import `portrait`, `face` and `geometry`.
"""

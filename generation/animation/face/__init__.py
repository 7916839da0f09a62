"""Networks that analyse a picture: face detection, landmarks, matting, occlusion, appearance.

They measure and decide nothing: refusals live in `portrait`. May import `geometry` and `arrays`.
"""

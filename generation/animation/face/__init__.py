"""Networks that look at a picture: where faces are, their landmarks, who is in front, what covers a face.

They measure and decide nothing: refusals live in `portrait`. May import `geometry` and `arrays`.
"""

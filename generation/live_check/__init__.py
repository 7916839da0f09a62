"""The live check: is it the person in the portrait who agrees, now, and not a picture or a film of them?

One-time phrases, and the checks of a recorded video in a confined process. Knows no rows and no settings.
"""

"""From one picture to a FittedPortrait, or to a refusal with a code.

Everything that is done once for a portrait lives here, nothing that is done for a frame. May import `face`,
`geometry` and `track`.
"""

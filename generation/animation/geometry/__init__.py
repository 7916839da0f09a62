"""Numbers about faces and pixels: the rig, the camera, the light, triangles and compiled kernels.

Nothing here loads a network or knows a portrait. May import `track` and `arrays`.
"""

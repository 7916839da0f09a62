"""Geometry and image primitives: the face rig, camera, light, rasterisation and compiled kernels.

Nothing here loads a network or knows a portrait. May import `track` and `arrays`.
"""

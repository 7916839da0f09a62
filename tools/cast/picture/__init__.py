"""The second stage: draws a person with Blender. Needs `bpy`."""

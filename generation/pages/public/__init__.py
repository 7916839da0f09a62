"""What everybody may see of a video that was released, and only while it is."""

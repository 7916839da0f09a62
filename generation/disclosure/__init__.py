"""What eyes and ears are told: the label in the frames, the tone at the start of the sound, and presets."""

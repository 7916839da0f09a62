"""LivePortrait's networks as a second renderer, with weights that the operator supplies."""

"""Sound: decodes a recording with a map of what is missing in it, and finds the channel that speaks."""

"""Direction: controls with keyframes and a layer that is added to the performance, as data, and what they say
at each time."""

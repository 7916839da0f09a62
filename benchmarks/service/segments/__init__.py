"""How much sooner several workers make one long video than one does."""

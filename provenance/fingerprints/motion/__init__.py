"""How the picture of a video moves over time: measured, kept with the record, and compared."""

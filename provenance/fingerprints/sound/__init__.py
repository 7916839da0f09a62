"""The sound of a video: measured, kept with the record, and compared."""

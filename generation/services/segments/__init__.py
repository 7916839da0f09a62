"""Long videos made by several workers: who makes which segment, and what lies in the storage meanwhile."""

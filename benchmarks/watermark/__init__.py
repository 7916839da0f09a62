"""What the watermark costs, survives, and how often it is wrong."""

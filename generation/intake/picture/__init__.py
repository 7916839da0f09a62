"""Picture: decodes a portrait of any size and format into upright sRGB, and proves that it renders."""

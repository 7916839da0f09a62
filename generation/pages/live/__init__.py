"""The page on which a portrait speaks live. The stream goes between the browser and the live server."""

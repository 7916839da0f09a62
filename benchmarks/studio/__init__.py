"""How long somebody who directs a portrait waits for what they see."""

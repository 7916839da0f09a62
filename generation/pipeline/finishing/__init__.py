"""From rendered frames to marked pictures: where they are made, and which encoder takes them."""

"""Motion tracks of performers: taken in for a recording, with the performer's consent named."""

"""The speaker's consent to the use of a recording: asked at their contact, answered, withdrawn, checked."""

"""The studio: who may open it, and drafts that are made only while the subject's consent is in force."""

"""Portrait and speech to moving pictures: torch and numpy only, no Django, no Celery, no settings."""

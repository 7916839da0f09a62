"""The settings, topic by topic; `config.settings.base` is all of them together."""

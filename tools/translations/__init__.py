"""What is there to translate, which of it is missing in a language, and the catalogues in locale/."""

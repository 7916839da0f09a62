"""What a person may do with what is, or would be, made of them: see a draft, take it along, erase it."""

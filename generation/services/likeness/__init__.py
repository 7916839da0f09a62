"""What a person may do with everything that was made of them: take it along, have it erased."""

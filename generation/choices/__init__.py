"""What a job states beside its inputs: the format of its video, and its label."""

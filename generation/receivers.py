"""What happens to jobs when consent is withdrawn or a partner is suspended."""

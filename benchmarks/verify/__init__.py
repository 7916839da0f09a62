"""How long verification takes, alone and with many at once, and fuzzed readers."""

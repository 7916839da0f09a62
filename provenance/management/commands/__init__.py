"""Commands for operators: parse, call one service or selector, print."""

"""Pages about what a partner has: samples to begin with, small pictures, lists, tables, archives."""

"""Pages, with their addresses: parse, call a service or selector, render a template; no rule lives here."""

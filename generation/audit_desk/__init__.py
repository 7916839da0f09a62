"""What auditors ask: which videos there are, who decided on one, how decisions go, and what is exported."""

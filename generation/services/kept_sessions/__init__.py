"""Files of live sessions that were opened to be kept: handed out, and erased."""

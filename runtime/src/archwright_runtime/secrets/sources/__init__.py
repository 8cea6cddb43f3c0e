"""Where secrets come from: one technology per file."""

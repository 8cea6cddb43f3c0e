"""Where spans go: one technology per file."""

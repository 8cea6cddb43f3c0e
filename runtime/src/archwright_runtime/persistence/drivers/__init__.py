"""One file per way to reach a database; only ``opening`` imports them, and only the one that is asked for."""

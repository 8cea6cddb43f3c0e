"""The three documents: text in, typed values and findings out. Pure: no network, clock, process or disk."""

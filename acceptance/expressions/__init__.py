"""A small world of rows, and expressions about it, on which every way to evaluate must agree."""

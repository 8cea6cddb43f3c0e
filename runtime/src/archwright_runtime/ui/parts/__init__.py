"""The kinds of parts, one per file, as the plan names them."""

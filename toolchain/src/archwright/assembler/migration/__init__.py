"""From the schema of the previous lock to the one of a plan: difference, phases, statements for both databases."""

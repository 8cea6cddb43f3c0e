"""Which components exist, and which of them may be used."""

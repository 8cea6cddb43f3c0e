"""The databases that expressions are compiled for."""

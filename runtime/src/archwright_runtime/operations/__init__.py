"""What a service does: compiled operations, their transactions, effects and jobs."""

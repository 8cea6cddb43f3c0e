"""Sources of secrets; a value is never printed, logged or kept where a repr shows it."""

"""Pages: rendered by the server, working without scripts, drawn from the plan alone."""

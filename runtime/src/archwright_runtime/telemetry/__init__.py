"""What a service tells about itself: one log line per request, metrics, spans. Never personal data, never secrets."""

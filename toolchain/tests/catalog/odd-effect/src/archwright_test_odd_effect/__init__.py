"""Never loaded: only its digest matters here."""

"""The service's HTTP interface as OpenAPI 3.1: what it takes, what it answers, and with which statuses."""

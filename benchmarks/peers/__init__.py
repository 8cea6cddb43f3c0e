"""The same helpdesk service in other ways: written the way their own guides and an assistant would write it.

They check the token of each request and do nothing else that an assembled service does: no permissions for rows or
columns, no request log, no telemetry, no audit.
"""

"""Rows in and out of a database: drivers, statements, migrations."""

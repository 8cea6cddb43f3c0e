"""``database/``: PostgreSQL roles, so that the service can change rows and nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from ..emitter import Facts
from ..migration.names import quote

_ROWS = "SELECT, INSERT, UPDATE, DELETE"
_SYSTEM = {
    "archwright_audit": "SELECT, INSERT",
    "archwright_blob": _ROWS,
    "archwright_blob_part": "SELECT, INSERT, DELETE",
    "archwright_idempotency": _ROWS,
    "archwright_job": _ROWS,
    "archwright_migration": "SELECT",
    "archwright_outbox": _ROWS,
}
"""What the service does with the runtime's own tables: what was audited or migrated stays as it is."""
_ROLES = """\
-- Roles of {name}; run once in its database, by somebody who may create roles, before the first migration.
-- {owner} owns the tables and migrates; {app} is what the service signs in as.
-- Passwords or certificates are given by whoever runs this; none is written here.

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{owner}') THEN
    CREATE ROLE {owner_name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{app}') THEN
    CREATE ROLE {app_name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
  END IF;
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO {owner_name}, {app_name}', current_database());
END
$$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO {owner_name};
GRANT USAGE ON SCHEMA public TO {app_name};
"""


def emit(facts: Facts) -> Mapping[str, bytes]:
    """One file for the roles, one for what they may do with each table."""
    stem = facts.plan.name.replace("-", "_")[:55]
    owner, app = f"{stem}_owner", f"{stem}_app"
    roles = _ROLES.format(name=facts.plan.name, owner=owner, app=app, owner_name=quote(owner), app_name=quote(app))
    return {"database/roles.sql": roles.encode(), "database/grants.sql": _grants(facts, owner, app)}


def _grants(facts: Facts, owner: str, app: str) -> bytes:
    tables = {table.name: "SELECT, INSERT, DELETE" if len(table.key) > 1 else _ROWS for table in facts.schema.tables}
    lines = [
        f"-- What {app} may do; run by {owner} after each migration. Repeating it changes nothing.",
        "",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {quote(app)};",
        *(f"GRANT {rights} ON {quote(table)} TO {quote(app)};" for table, rights in sorted((tables | _SYSTEM).items())),
    ]
    return ("\n".join(lines) + "\n").encode()

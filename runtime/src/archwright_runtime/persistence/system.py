"""The runtime's own tables: what makes effects, jobs and repeated requests survive a crash.

Times are stored as every datetime is (see the table of types).
"""

from __future__ import annotations

from .database import DialectName

_TABLES = """
CREATE TABLE IF NOT EXISTS archwright_migration (
    name {text} PRIMARY KEY, digest {text} NOT NULL, applied_at {time} NOT NULL
);
CREATE TABLE IF NOT EXISTS archwright_outbox (
    id {text} PRIMARY KEY, target {text} NOT NULL, payload {text} NOT NULL, caller {text}, roles {text} NOT NULL,
    created_at {time} NOT NULL, due_at {time} NOT NULL,
    attempts {int} NOT NULL, dead {bool} NOT NULL, error {text}
);
CREATE INDEX IF NOT EXISTS archwright_outbox_due ON archwright_outbox (dead, due_at);
CREATE TABLE IF NOT EXISTS archwright_job (name {text} PRIMARY KEY, due_at {time} NOT NULL, ran_at {time});
CREATE TABLE IF NOT EXISTS archwright_idempotency (
    operation {text} NOT NULL, caller {text} NOT NULL, name {text} NOT NULL, digest {text} NOT NULL,
    outcome {text} NOT NULL, created_at {time} NOT NULL, PRIMARY KEY (operation, caller, name)
);
CREATE INDEX IF NOT EXISTS archwright_idempotency_age ON archwright_idempotency (created_at);
CREATE TABLE IF NOT EXISTS archwright_audit (
    id {serial}, at {time} NOT NULL, request {text} NOT NULL, caller {text}, operation {text} NOT NULL,
    entity {text} NOT NULL, subject {text} NOT NULL, action {text} NOT NULL, fields {text} NOT NULL
);
CREATE INDEX IF NOT EXISTS archwright_audit_subject ON archwright_audit (entity, subject);
CREATE TABLE IF NOT EXISTS archwright_blob (
    id {text} PRIMARY KEY, size {int} NOT NULL, place {text} NOT NULL, content {bytes} NOT NULL,
    created_at {time} NOT NULL, unused_at {time}
);
CREATE TABLE IF NOT EXISTS archwright_blob_part (
    blob {text} NOT NULL, number {int} NOT NULL, content {bytes} NOT NULL, PRIMARY KEY (blob, number)
);
CREATE INDEX IF NOT EXISTS archwright_blob_age ON archwright_blob (created_at);
"""
_TYPES: dict[DialectName, dict[str, str]] = {
    "postgresql": {
        "text": 'text COLLATE "C"',
        "time": "timestamptz",
        "int": "bigint",
        "bool": "boolean",
        "bytes": "bytea",
        "serial": "bigint GENERATED ALWAYS AS IDENTITY",
    },
    "sqlite": {
        "text": "TEXT",
        "time": "TEXT",
        "int": "INTEGER",
        "bool": "INTEGER",
        "bytes": "BLOB",
        "serial": "INTEGER PRIMARY KEY",
    },
}


def tables(dialect: DialectName) -> str:
    """The statements that make the runtime's own tables."""
    return _TABLES.format_map(_TYPES[dialect])

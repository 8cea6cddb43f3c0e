"""The invariants, in the order in which they are explained."""

from __future__ import annotations

from . import (
    blob_store,
    bounded_values,
    component_claims,
    component_entities,
    component_needs,
    declared_egress,
    information_flow,
    known_classes,
    novel_code,
    operation_access,
    personal_data,
    public_writes,
    secret_values,
    self_granted_roles,
    unique_keys,
)
from .proof import Invariant

INVARIANTS: tuple[Invariant, ...] = (
    component_needs.check,
    component_claims.check,
    component_entities.check,
    operation_access.check,
    public_writes.check,
    self_granted_roles.check,
    unique_keys.check,
    information_flow.check,
    known_classes.check,
    personal_data.check,
    bounded_values.check,
    secret_values.check,
    declared_egress.check,
    blob_store.check,
    novel_code.check,
)

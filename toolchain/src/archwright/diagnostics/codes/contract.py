"""Where a service and the contract that was promised for it differ."""

from __future__ import annotations

TITLES = {
    "bound-twice": "Two operations are bound to one of the contract",
    "media-type": "A media type of the contract is not served",
    "missing-body": "A body of the contract is not taken",
    "missing-header": "A header of the contract is not sent",
    "missing-operation": "An operation of the contract is not served",
    "missing-parameter": "A parameter of the contract is not taken",
    "missing-status": "An answer of the contract is never given",
    "not-openapi": "The contract is no OpenAPI document that can be read",
    "other-body": "A body must be sent where the contract does not ask for it",
    "other-parameter": "A parameter is taken otherwise than the contract says",
    "other-route": "An operation is triggered otherwise than the contract says",
    "other-status": "An answer has a status that is not in the contract",
    "outside": "The contract lies outside of the assembly's folder",
    "reference": "A reference of the contract leads nowhere",
    "request-schema": "A body that keeps the contract is not taken",
    "response-schema": "An answer does not keep the contract",
    "security": "Callers show who they are otherwise than the contract says",
    "unknown-operation": "The contract has no such operation",
    "unproven": "Something in the contract cannot be compared",
}

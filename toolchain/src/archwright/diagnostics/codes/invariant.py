"""What every assembly keeps, and what breaks it."""

from __future__ import annotations

TITLES = {
    "above-bound": "A size is above the bound that holds",
    "borrowed-rights": "An operation lends people the rights of another role",
    "cleared-secret": "A role clears secrets",
    "declassified-secret": "A secret would lose its label",
    "direct-data-access": "A component may reach data around the persistence layer",
    "foreign-entity": "Rows of a component are reached around it",
    "foreign-role": "A role of a component would be held by others",
    "label-in-header": "A labelled value stands in an address or a header",
    "lost-label": "A value is stored where its data class is lost",
    "missing-capability": "A component needs a capability that nothing provides",
    "no-access-rule": "An operation or exposed view does not say who may use it",
    "no-principal": "A job does not say as whom it runs",
    "no-retention": "Personal data is kept for ever",
    "no-subject": "Personal data belongs to nobody in particular",
    "no-telemetry": "A component does not report what it does",
    "novel-expired": "A piece of novel code has expired",
    "novel-over-budget": "There is more novel code than allowed",
    "novel-unapproved": "A piece of novel code is not approved",
    "novel-unexplained": "A piece of novel code does not say why it is needed",
    "process-state": "A component keeps state in its process",
    "public-write": "Anybody may write, and no reason is given",
    "public-write-denied": "Anybody may write, which the architecture denies",
    "secret-by-value": "A secret stands in a document",
    "self-granted": "People could give themselves a right",
    "unbounded-value": "A value may be of any size",
    "uncleared-flow": "A value reaches somebody to whom its data class may not be shown",
    "undeclared-egress": "A component has an effect that it does not declare as it should",
    "unknown-class": "A data class is not defined",
}

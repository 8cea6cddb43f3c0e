"""How grants unite."""

from __future__ import annotations

from archwright_runtime.authorization.policy import Policy, unite
from archwright_runtime.caller import ANONYMOUS, Caller
from archwright_runtime.plan import FORMAT, Access, Entity, Grant, Operation, Plan, Role, Trigger

_OWN = {"op": "name", "name": "own", "type": "bool"}
_TEAM = {"op": "name", "name": "team", "type": "bool"}


def _grant(principal: str, where: dict[str, object] | None, *fields: str) -> Grant:
    return Grant(principal=principal, action="read", where=where, fields=fields)


def _plan() -> Plan:
    grants = (_grant("clerk", _OWN, "a"), _grant("anyone", None, "b"), _grant("signed-in", _TEAM, "b"))
    entity = Entity(id="E", table="e", fields={}, grants=grants)
    operation = Operation(trigger=Trigger(kind="internal"), access=(Access(role="boss"),))
    roles = {"clerk": Role(), "boss": Role(includes=("clerk",)), "idle": Role()}
    return Plan(
        format=FORMAT, requires=(), name="t", version="1.0.0", owner="o", entities={"E": entity}, roles=roles,
        operations={"Do": operation},
    )  # fmt: skip


def test_the_same_rule_is_one_rule() -> None:
    """Grants with the same condition join their fields."""
    rules = unite([_grant("x", _OWN, "a"), _grant("y", dict(_OWN), "b")])

    assert [(rule.where, rule.fields) for rule in rules] == [(_OWN, {"a", "b"})]


def test_rows_of_one_rule_never_meet_fields_of_another() -> None:
    """Grants with different conditions stay pairs of rows and fields."""
    rules = unite([_grant("x", _OWN, "a", "b"), _grant("y", _TEAM, "a")])

    assert [(rule.where, rule.fields) for rule in rules] == [(_OWN, {"a", "b"}), (_TEAM, {"a"})]


def test_a_rule_that_gives_nothing_more_is_dropped() -> None:
    """A conditional rule whose fields are readable everywhere makes no difference."""
    rules = unite([_grant("x", _OWN, "a"), _grant("y", None, "a", "b")])

    assert [(rule.where, rule.fields) for rule in rules] == [(None, {"a", "b"})]


def test_callers_with_the_same_rights_share_a_standing() -> None:
    """Roles without any meaning in the plan, and the person, make no difference."""
    policy = Policy(_plan())

    first = policy.standing(Caller("a", frozenset({"clerk", "idle"})))
    second = policy.standing(Caller("b", frozenset({"clerk"})))

    assert first is second
    assert first is not policy.standing(ANONYMOUS)
    assert policy.standing(ANONYMOUS).principals == {"anyone"}


def test_roles_bring_what_they_include_and_nothing_unknown() -> None:
    """A role that the plan does not know gives nothing, even if it is called like a principal."""
    policy = Policy(_plan())

    assert policy.expand(["boss", "ghost", "anyone", "operation:Do"]) == {"boss", "clerk"}


def test_nothing_is_readable_without_a_grant() -> None:
    """An entity without a grant for somebody has no rules for them."""
    plan = _plan()
    policy = Policy(plan)

    assert policy.readable("E", policy.of(frozenset())) == ()

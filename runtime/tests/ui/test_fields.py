"""Fields of forms: the right control for every type, and a way back for every value."""

from __future__ import annotations

from typing import Any

import pytest

from archwright_runtime.http.forms import Form
from archwright_runtime.http.inputs import FormFields
from archwright_runtime.plan import Input, Operation, Step, Trigger, Type
from archwright_runtime.ui.fields import Field, compile_field
from archwright_runtime.ui.views import Control

from .plans import HELPDESK

MINUTE = 60_000_000
COLOUR = Type(kind="enum", values=("red", "green"))
MANY = Type(kind="enum", values=("a", "b", "c", "d", "e", "f"))


def field(type: Type, name: str = "value", **more: Any) -> Field:
    """A compiled field."""
    operation = Operation(trigger=Trigger(kind="internal"), input=(Input(name=name, type=type, **more),))
    return compile_field(HELPDESK, operation, operation.input[0])


def control(type: Type, *texts: str, name: str = "value", **more: Any) -> Control:
    """What is drawn for it."""
    return field(type, name, **more).control("p", texts)


@pytest.mark.parametrize(
    ("type", "more", "drawn"),
    [
        (Type(kind="text", max=100), {}, ("input", "text")),
        (Type(kind="text", max=2000), {}, ("textarea", "")),
        (Type(kind="text"), {}, ("textarea", "")),
        (Type(kind="markdown"), {}, ("textarea", "")),
        (Type(kind="json"), {}, ("textarea", "")),
        (Type(kind="email"), {}, ("input", "email")),
        (Type(kind="url"), {}, ("input", "url")),
        (Type(kind="phone"), {}, ("input", "tel")),
        (Type(kind="int"), {}, ("input", "text")),
        (Type(kind="money", currency="EUR"), {}, ("input", "text")),
        (Type(kind="date"), {}, ("input", "date")),
        (Type(kind="datetime"), {}, ("input", "datetime-local")),
        (Type(kind="bool"), {}, ("checkbox", "")),
        (Type(kind="bool"), {"nullable": True}, ("select", "")),
        (COLOUR, {"required": True}, ("radios", "")),
        (COLOUR, {}, ("select", "")),
        (MANY, {"required": True}, ("select", "")),
        (Type(kind="list", item=COLOUR), {}, ("checks", "")),
        (Type(kind="list", item=Type(kind="text")), {}, ("textarea", "")),
        (Type(kind="ref", entity="Ticket"), {}, ("select", "")),
        (Type(kind="file"), {}, ("file", "")),
        (Type(kind="image"), {}, ("file", "")),
    ],
)
def test_every_type_has_its_control(type: Type, more: dict[str, Any], drawn: tuple[str, str]) -> None:
    """A value is asked for by the control that fits it."""
    made = control(type, **more)

    assert (made.widget, made.kind if made.widget == "input" else "") == drawn


@pytest.mark.parametrize(
    ("type", "stored", "value"),
    [
        (Type(kind="text", max=20), "plain", "plain"),
        (Type(kind="int"), -5, -5),
        (Type(kind="decimal", digits=9, scale=3), "1234.500", 1_234_500),
        (Type(kind="money", currency="EUR", digits=9, scale=2), "-12.30", -1230),
        (Type(kind="bool"), True, True),
        (Type(kind="enum", values=("red", "green")), "red", "red"),
        (Type(kind="list", item=Type(kind="text", max=9)), ["one", "two"], ["one", "two"]),
        (Type(kind="list", item=COLOUR), ["red", "green"], ["red", "green"]),
        (Type(kind="duration"), "P1DT2H3M4S", 26 * 60 * MINUTE + 3 * MINUTE + 4_000_000),
        (Type(kind="duration"), "PT0.5S", 500_000),
        (Type(kind="json"), {"a": [1, None]}, {"a": [1, None]}),
        (Type(kind="ref", entity="Ticket"), "T" * 22, "T" * 22),
    ],
)
def test_what_is_stored_comes_back_unchanged(type: Type, stored: Any, value: Any) -> None:
    """A value put into a form and sent again is the same value."""
    one = field(type)

    sent = one.submitted(one.texts(stored))
    values, problems = FormFields([one.input], lenient=False).read(Form({"value": sent or []}))

    assert (values, problems) == ({"value": value}, [])


@pytest.mark.parametrize(
    ("kind", "typed", "taken"),
    [
        (Type(kind="int"), " 1,234 ", "1234"),
        (Type(kind="int"), "1 234 567", "1234567"),
        (Type(kind="int"), "−5", "-5"),
        (Type(kind="money", scale=2), "12,50", "12.50"),
        (Type(kind="money", scale=2), "1,234.50", "1234.50"),
        (Type(kind="decimal", scale=3), "1,234", "1234"),
        (Type(kind="money", scale=2), "twelve", "twelve"),
        (Type(kind="datetime"), "2026-03-01T10:00", "2026-03-01T10:00:00Z"),
        (Type(kind="datetime"), "2026-03-01T10:00:05+02:00", "2026-03-01T10:00:05+02:00"),
        (Type(kind="duration"), "1 h 30 min", "P0DT1H30M0S"),
        (Type(kind="duration"), "2d", "P2DT0H0M0S"),
        (Type(kind="duration"), "pt36h", "PT36H"),
        (Type(kind="duration"), "soon", "soon"),
        (Type(kind="email"), " a@b.test ", "a@b.test"),
    ],
)
def test_people_type_as_they_like(kind: Type, typed: str, taken: str) -> None:
    """Spaces, thousands, decimal commas and spoken durations become what the wire takes; nonsense stays nonsense."""
    assert field(kind).submitted([typed]) == [taken]


def test_nothing_chosen_is_sent_as_nothing() -> None:
    """A box that is not checked is false, and boxes of which none is checked are an empty list."""
    assert field(Type(kind="bool")).submitted(None) == ["false"]
    assert field(Type(kind="list", item=COLOUR)).submitted(None) == [""]
    assert field(Type(kind="text")).submitted(None) is None


def test_secrets_are_never_shown_again() -> None:
    """A password is asked for in a field that hides it and that always comes back empty."""
    made = control(Type(kind="text", max=200), "hunter2", name="secret_word", classes=("secret",))

    assert (made.kind, made.value) == ("password", "")


@pytest.mark.parametrize(
    ("capability", "name", "hint"),
    [
        ("accounts.sign_in", "password", "current-password"),
        ("accounts.register", "password", "new-password"),
        ("accounts.change_password", "current", "current-password"),
        ("accounts.change_password", "new", "new-password"),
    ],
)
def test_password_managers_know_which_password_is_meant(capability: str, name: str, hint: str) -> None:
    """Old and new passwords are told apart."""
    entry = Input(name=name, type=Type(kind="text", max=200), classes=("secret",))
    operation = Operation(
        trigger=Trigger(kind="internal"), input=(entry,), steps=(Step(kind="call", capability=capability),)
    )

    made = compile_field(HELPDESK, operation, entry).control("p", [])

    assert dict(made.attributes)["autocomplete"] == hint


def test_choices_say_what_is_chosen() -> None:
    """A stored choice is marked; without one the first choice is none."""
    chosen = control(COLOUR, "green")
    none = control(COLOUR)

    assert [option.chosen for option in chosen.options] == [False, False, True]
    assert [option.label for option in none.options] == ["—", "Red", "Green"]


def test_roles_are_chosen_from_those_that_there_are() -> None:
    """Where people are given roles, the roles of the plan are offered by their labels."""
    entry = Input(name="roles", type=Type(kind="list", item=Type(kind="text"), max=20))
    operation = Operation(trigger=Trigger(kind="internal"), input=(entry,), component="accounts")

    made = compile_field(HELPDESK, operation, entry).control("p", ["agent"])

    assert [(option.value, option.label, option.chosen) for option in made.options] == [("agent", "Agent", True)]


def test_limits_are_told_before_they_are_met() -> None:
    """Length, media types and sizes stand at the field."""
    text = control(Type(kind="text", max=20))
    file = control(Type(kind="file", max=5 * 1_048_576, media=("application/pdf",)))

    assert ("maxlength", "20") in text.attributes
    assert ("accept", "application/pdf") in file.attributes
    assert file.help == "Up to 5 MB."

"""Signing in and out, and what a stranger can learn or gain by trying."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from archwright_runtime.errors import Refusal

PASSWORD = "seven quiet herons"


async def _refused(service: Any, email: str, password: str) -> tuple[Any, ...]:
    service.work.clear()
    with pytest.raises(Refusal) as caught:
        await service.call("sign_in", email=email, password=password)
    refusal = caught.value
    return refusal.kind, refusal.detail, refusal.problems, refusal.retry_after, refusal.keep, tuple(service.work)


async def test_the_right_password_starts_a_session(service: Any) -> None:
    """Signing in gives a token by which the caller is recognised."""
    registered = await service.register()

    session = await service.call("sign_in", email="ada@example.org", password=PASSWORD)

    assert (await service.recognise(session["token"])).id == registered["user"]


async def test_unknown_wrong_deactivated_and_invited_look_the_same(service: Any) -> None:
    """Four reasons to refuse give one answer and one verification of a hash each."""
    for name in ("known", "former"):
        await service.register(email=f"{name}@example.org", name="X")
    await service.rows("User").update({"email": "former@example.org"}, {"active": False})
    await service.call("invite", email="invited@example.org", name="I")

    answers = {
        await _refused(service, "known@example.org", "a wrong password"),
        await _refused(service, "nobody@example.org", "a wrong password"),
        await _refused(service, "former@example.org", PASSWORD),
        await _refused(service, "invited@example.org", "a wrong password"),
    }

    assert answers == {
        ("wrong-credentials", "The e-mail address or the password is wrong.", (), None, True, ("_matches",))
    }


@pytest.mark.parametrize("email", ["ada@example.org", "nobody@example.org"])
async def test_lockout_does_not_say_whether_an_account_exists(service: Any, email: str) -> None:
    """After five failures an address is refused without work, whether it has an account or not."""
    await service.register()
    for _ in range(5):
        await _refused(service, email, "a wrong password")

    kind, _, _, retry_after, _, work = await _refused(service, email, PASSWORD)

    assert (kind, retry_after, work) == ("too-many", 30, ())


async def test_the_wait_doubles_up_to_a_limit(service: Any) -> None:
    """Each failure after a wait makes the next wait twice as long, up to fifteen minutes."""
    waits = []
    for _ in range(12):
        kind, _, _, retry_after, _, _ = await _refused(service, "ada@example.org", "a wrong password")
        if kind == "too-many":
            waits.append(retry_after)
            service.later(seconds=retry_after)

    assert waits == [30, 60, 120, 240]


async def test_after_the_wait_the_right_password_works(service: Any) -> None:
    """A lockout ends by itself."""
    await service.register()
    for _ in range(5):
        await _refused(service, "ada@example.org", "a wrong password")
    service.later(seconds=30)

    session = await service.call("sign_in", email="ada@example.org", password=PASSWORD)

    assert session["token"]


async def test_success_forgets_the_failures_of_the_account(service: Any) -> None:
    """Four failures, a success and four failures do not lock anybody out."""
    await service.register()
    for _ in range(2):
        for _ in range(4):
            await _refused(service, "ada@example.org", "a wrong password")
        await service.call("sign_in", email="ada@example.org", password=PASSWORD)

    assert await service.rows("Attempt").find({"failures": 4}) == []


async def test_a_source_that_tries_many_accounts_is_slowed_down(service: Any) -> None:
    """Fifty failures from one address block it for every account, and no other address."""
    await service.register()
    for number in range(50):
        await _refused(service, f"guess{number}@example.org", "a wrong password")

    kind = (await _refused(service, "ada@example.org", PASSWORD))[0]
    service.source = "192.0.2.2"
    session = await service.call("sign_in", email="ada@example.org", password=PASSWORD)

    assert (kind, bool(session["token"])) == ("too-many", True)


async def test_one_customer_of_ipv6_is_one_source(make_service: Any) -> None:
    """Changing the address within a network of 64 bits does not evade the count."""
    service = make_service(config={"lockout": {"source": 3}})
    for number in range(3):
        service.source = f"2001:db8::{number + 1}"
        await _refused(service, f"guess{number}@example.org", "a wrong password")
    service.source = "2001:db8::ffff"

    kind = (await _refused(service, "ada@example.org", PASSWORD))[0]

    assert kind == "too-many"


async def test_guesses_sent_at_once_gain_nothing(make_service: Any) -> None:
    """Of many guesses that all pass the first check only as many are answered as would be one after another."""
    service = make_service(config={"hashing": {"passes": 1, "memory": 8, "lanes": 1, "together": 100, "waiting": 100}})
    await service.register()
    arrived = asyncio.Event()
    verify = service.offload

    async def together(work: Any, *arguments: Any) -> Any:
        if len(service.work) + 1 == 20:
            arrived.set()
        result = await verify(work, *arguments)
        await arrived.wait()
        return result

    service.offload = together
    service.implementation = type(service.implementation)(capabilities=_create(service))
    service.work.clear()
    passwords = [f"wrong guess {number}" for number in range(19)]
    passwords.insert(10, PASSWORD)
    guesses = [service.call("sign_in", email="ada@example.org", password=password) for password in passwords]

    answers = await asyncio.gather(*guesses, return_exceptions=True)

    kinds = [answer.kind for answer in answers if isinstance(answer, Refusal)]
    assert (kinds.count("wrong-credentials"), kinds.count("too-many")) == (5, 15)


def _create(service: Any) -> Any:
    from archwright_std_accounts import create

    return create(service).capabilities


async def test_a_flood_of_sign_ins_is_told_to_come_again(make_service: Any) -> None:
    """No more hashes wait than configured, since each takes memory."""
    service = make_service(config={"hashing": {"passes": 1, "memory": 8, "lanes": 1, "waiting": 0}})

    refused = await _refused(service, "ada@example.org", PASSWORD)

    assert (refused[0], refused[3]) == ("busy", 1)


async def test_a_sign_in_ends_the_session_it_came_with(service: Any) -> None:
    """A token that was there before the sign-in is worth nothing afterwards, so none can be planted."""
    first = await service.register()
    await service.act_as(first["token"])

    second = await service.call("sign_in", email="ada@example.org", password=PASSWORD)

    assert (await service.recognise(first["token"]), second["token"] != first["token"]) == (None, True)


async def test_signing_out_ends_this_session_only(service: Any) -> None:
    """The other sessions of the caller go on."""
    first = await service.register()
    second = await service.call("sign_in", email="ada@example.org", password=PASSWORD)
    await service.act_as(first["token"])
    session = service.caller.session

    await service.call("sign_out")

    assert await service.recognise(first["token"]) is None
    assert await service.recognise(second["token"]) is not None
    assert service.forgotten == [session]


async def test_signing_out_everywhere_ends_all_sessions(service: Any) -> None:
    """No session of the caller is left."""
    first = await service.register()
    second = await service.call("sign_in", email="ada@example.org", password=PASSWORD)
    await service.act_as(first["token"])

    await service.call("sign_out_everywhere")

    assert [await service.recognise(session["token"]) for session in (first, second)] == [None, None]


async def test_changing_the_password_ends_all_sessions_and_starts_one(service: Any) -> None:
    """Whoever else was signed in is out; the person who changed it is not."""
    first = await service.register()
    second = await service.call("sign_in", email="ada@example.org", password=PASSWORD)
    await service.act_as(second["token"])

    third = await service.call("change_password", current=PASSWORD, new="eight louder herons")

    recognised = [await service.recognise(session["token"]) for session in (first, second, third)]
    assert [caller is not None for caller in recognised] == [False, False, True]


async def test_changing_the_password_needs_the_present_one(service: Any) -> None:
    """An open session alone is not enough to change the password."""
    await service.act_as((await service.register())["token"])

    with pytest.raises(Refusal) as refusal:
        await service.call("change_password", current="not this one at all", new="eight louder herons")

    assert refusal.value.problems[0].pointer == "/current"


async def test_guessing_the_present_password_is_slowed_down(service: Any) -> None:
    """A stolen session gives no unlimited guesses at the password."""
    await service.act_as((await service.register())["token"])
    for _ in range(5):
        with pytest.raises(Refusal):
            await service.call("change_password", current="not this one at all", new="eight louder herons")

    with pytest.raises(Refusal) as refusal:
        await service.call("change_password", current=PASSWORD, new="eight louder herons")

    assert refusal.value.kind == "too-many"


async def test_a_contract_can_do_without_the_present_password(make_service: Any) -> None:
    """Where changes need no confirmation, an open session is enough."""
    service = make_service(config={"confirm_changes": False})
    await service.act_as((await service.register())["token"])

    session = await service.call("change_password", new="eight louder herons")

    assert session["token"]


async def test_changing_the_address_needs_the_present_password(service: Any) -> None:
    """After the change only the new address signs in."""
    await service.act_as((await service.register())["token"])
    with pytest.raises(Refusal):
        await service.call("change_email", email="ada@example.com", current="not this one")

    await service.call("change_email", email="ADA@example.com", current=PASSWORD)

    assert (await service.call("sign_in", email="ada@example.com", password=PASSWORD))["token"]


async def test_an_address_of_somebody_else_cannot_be_taken_over(service: Any) -> None:
    """Changing to an address that has an account is refused."""
    await service.register(email="ben@example.org", name="Ben")
    await service.act_as((await service.register())["token"])

    with pytest.raises(Refusal) as refusal:
        await service.call("change_email", email="Ben@example.org", current=PASSWORD)

    assert refusal.value.kind == "address-taken"


async def test_a_further_session_leaves_the_first_alone(service: Any) -> None:
    """An answer that repeats the token gives a new one, and both are accepted."""
    first = await service.register()
    await service.act_as(first["token"])

    second = await service.call("issue")

    assert None not in [await service.recognise(session["token"]) for session in (first, second)]


async def test_a_session_ends_after_being_idle(service: Any) -> None:
    """A token that nobody used for a day is not accepted."""
    session = await service.register()
    service.later(days=1)

    assert await service.recognise(session["token"]) is None


async def test_use_keeps_a_session_alive_until_its_full_length(service: Any) -> None:
    """A session in daily use ends after thirty days all the same."""
    session = await service.register()
    for _ in range(44):
        service.later(hours=16)
        alive = await service.recognise(session["token"]) is not None
    service.later(hours=16)

    assert (alive, await service.recognise(session["token"])) == (True, None)


async def test_a_deactivated_user_is_not_recognised(service: Any) -> None:
    """Open sessions of a user end when the user is deactivated."""
    session = await service.register()

    await service.rows("User").update({"id": session["user"]}, {"active": False})

    assert await service.recognise(session["token"]) is None


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "x" * 10_000_000, "\0", "naïve", "' or 1=1 --"])
async def test_a_made_up_token_is_nobody(service: Any, token: str) -> None:
    """Whatever is sent as a token, only one that was given out is accepted."""
    await service.register()

    assert await service.recognise(token) is None


async def test_tokens_are_stored_as_digests_only(service: Any) -> None:
    """Who reads the database cannot sign in with it."""
    session = await service.register()

    assert session["token"] not in "\n".join(service.connection.iterdump())


async def test_a_user_has_a_bounded_number_of_sessions(make_service: Any) -> None:
    """The session that was used least recently makes room for a new one."""
    service = make_service(config={"sessions": 3})
    tokens = [(await service.register())["token"]]
    for _ in range(3):
        service.later(minutes=1)
        tokens.append((await service.call("sign_in", email="ada@example.org", password=PASSWORD))["token"])

    assert [await service.recognise(token) is not None for token in tokens] == [False, True, True, True]


async def test_the_scheme_is_configurable(make_service: Any) -> None:
    """An existing contract can demand another word before the token."""
    service = make_service(config={"scheme": "Token", "session": "bearer"})

    assert (service.implementation.schemes, service.implementation.cookie) == (("token",), None)

"""Every kind of step, on both databases."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from tempfile import TemporaryFile

import pytest

from archwright_runtime.caller import ANONYMOUS
from archwright_runtime.errors import PlanError, Refusal
from archwright_runtime.operations.call import Call, Upload
from archwright_runtime.persistence.database import Database
from runtime.tests.operations import parts
from runtime.tests.operations.composed import composed
from runtime.tests.operations.world import NOW, World, person, start

CLERK = person("kim", "clerk")


@pytest.fixture
async def world(database: Database) -> World:
    """One item in stock."""
    for kept in (parts.LETTERS, parts.BROKEN, parts.ASKED):
        kept.clear()
    made = await start(database, composed())
    await made.insert("user", id="kim", name="Kim", team="blue")
    await made.insert("user", id="lou", name="Lou", team="red")
    await made.run("Item.create", CLERK, code="a", stock=5)
    return made


async def _id(world: World, code: str = "a") -> str:
    return str(await world.value(f"SELECT id FROM item WHERE code = '{code}'"))


async def test_a_value_over_the_row_is_computed_in_the_statement(world: World) -> None:
    """Concurrent additions all count."""
    id = await _id(world)

    await asyncio.gather(*(world.run("Receive", CLERK, id=id, amount=1) for _ in range(20)))

    assert await world.value("SELECT stock FROM item") == 25


async def test_a_computed_value_stays_within_its_bounds(world: World) -> None:
    """A sum beyond the field's bound is refused and nothing is written."""
    refusal = await world.refused("Receive", CLERK, id=await _id(world), amount=10_000)

    assert (refusal.kind, refusal.problems[0].code) == ("invalid", "range")
    assert await world.value("SELECT stock FROM item") == 5


async def test_a_requirement_holds_while_others_write(world: World) -> None:
    """What was read and required still holds when it is written: stock never goes below zero."""
    id = await _id(world)

    ends = await asyncio.gather(*(world.run("Take", CLERK, id=id, amount=2) for _ in range(5)), return_exceptions=True)

    assert sum(not isinstance(end, BaseException) for end in ends) == 2
    assert {end.kind for end in ends if isinstance(end, Refusal)} == {"not-enough"}
    assert await world.value("SELECT stock FROM item") == 1


async def test_an_upsert_creates_and_then_changes(world: World) -> None:
    """The unique key decides between a new row and a changed one."""
    created = await world.run("Put", CLERK, code="b", amount=1)
    changed = await world.run("Put", CLERK, code="b", amount=2)

    assert (created.body["id"], created.body["stock"]) == (changed.body["id"], 1)
    assert (changed.body["stock"], changed.version) == (2, 2)


async def test_concurrent_upserts_of_one_key_make_one_row(world: World) -> None:
    """Whoever loses the race changes the row of the one who won."""
    await asyncio.gather(*(world.run("Put", CLERK, code="c", amount=number) for number in range(8)))

    assert await world.value("SELECT count(*) FROM item WHERE code = 'c'") == 1


async def test_a_step_runs_for_each_of_a_list(world: World) -> None:
    """Each item is written, and all are answered; one that fails takes all of them back."""
    outcome = await world.run("AddMany", CLERK, codes=["x", "y"])
    refusal = await world.refused("AddMany", CLERK, codes=["z", "x"])

    assert [item["code"] for item in outcome.body["items"]] == ["x", "y"]
    assert refusal.kind == "conflict"
    assert await world.value("SELECT count(*) FROM item") == 3


async def test_a_capability_runs_in_the_transaction_and_only_when_it_should(world: World) -> None:
    """A step with ``when`` is left out where that does not hold; records are answered member by member."""
    id = await _id(world)

    small = await world.run("Noted", CLERK, id=id, amount=3)
    large = await world.run("Noted", CLERK, id=id, amount=30)

    assert (small.body["at"], small.body["code"], small.body["masked"]) == (None, "a", "*")
    assert large.body["at"] == "2026-03-01T08:30:00.000000Z"
    assert large.body["item"]["id"] == id
    assert await world.value("SELECT text FROM parts_note") == "took a"


@pytest.mark.parametrize(("keep", "notes"), [(True, 1), (False, 0)])
async def test_a_refusal_keeps_what_it_says(world: World, keep: bool, notes: int) -> None:
    """A refusal takes back what was written, unless it is to be kept."""
    refusal = await world.refused("Refuse", CLERK, keep=keep)

    assert refusal.kind == "notes.full"
    assert await world.value("SELECT count(*) FROM parts_note") == notes


async def test_a_capability_that_gives_something_else_is_stopped(world: World) -> None:
    """What a capability gives is tested against its manifest."""
    with pytest.raises(PlanError, match=r"parts\.wrong"):
        await world.run("Wrong", CLERK)


async def test_an_effect_is_delivered_after_the_commit_and_once_it_works(world: World) -> None:
    """A failed delivery is tried again later with the same key; an operation that failed causes none."""
    outbox = world.engine.background.outbox
    deliver = world.engine.background.deliver
    parts.BROKEN.append(True)
    await world.run("Write", CLERK, code="to-ann")
    await world.refused("WriteThenFail", CLERK, code="to-nobody")

    first = await outbox.round(deliver, NOW)
    parts.BROKEN.clear()
    too_soon = await outbox.round(deliver, NOW)
    later = await outbox.round(deliver, NOW + timedelta(minutes=1))
    done = await outbox.round(deliver, NOW + timedelta(days=1))

    assert (first, too_soon, later, done) == (1, 0, 1, 0)
    assert [(letter["to"], letter["at"]) for _, letter in parts.LETTERS] == [("to-ann", NOW)]


async def test_two_workers_deliver_each_effect_once(world: World) -> None:
    """An effect that one worker claimed is not delivered by another."""
    background = world.engine.background
    for number in range(30):
        await world.run("Write", CLERK, code=str(number))

    while sum(await asyncio.gather(*(background.outbox.round(background.deliver, NOW) for _ in range(3)))):
        pass

    assert sorted(int(letter["to"]) for _, letter in parts.LETTERS) == list(range(30))
    assert len({key for key, _ in parts.LETTERS}) == 30


async def test_a_dead_effect_is_set_aside(world: World) -> None:
    """After its attempts an effect is dead and is not tried any more."""
    background = world.engine.background
    parts.BROKEN.append(True)
    await world.run("Write", CLERK, code="to-ann")

    for day in range(20):
        await background.outbox.round(background.deliver, NOW + timedelta(days=day))

    assert await world.value("SELECT attempts FROM archwright_outbox") == 12
    assert await world.value("SELECT error FROM archwright_outbox WHERE dead") == "OSError"


async def test_a_change_starts_an_operation(world: World) -> None:
    """The condition compares the row before and after; the operation runs with its own rights, after the commit."""
    id = await _id(world)
    await world.run("Receive", CLERK, id=id, amount=0)
    await world.run("Receive", CLERK, id=id, amount=3)

    await world.engine.background.outbox.round(world.engine.background.deliver, NOW)

    rows = await world.database.fetch("SELECT what, item FROM log")
    assert [tuple(row) for row in rows] == [("a", id)]


async def test_a_condition_about_the_caller_reads_their_row(world: World) -> None:
    """Steps and access rules may ask about the caller's own row."""
    outcome = await world.run("ForTeam", CLERK)
    refusal = await world.refused("ForTeam", person("lou", "clerk"))
    outsider = await world.refused("BlueOnly", person("lou", "clerk"))

    assert (outcome.body, refusal.kind, outsider.kind) == ("blue", "wrong-team", "forbidden")
    assert (await world.run("BlueOnly", CLERK)).status == 204


async def test_a_stale_version_is_refused(world: World) -> None:
    """A write that names a version goes through only for that version, and tells a stale one from a missing row."""
    id = await _id(world)
    values = {"id": id, "stock": 7}

    await world.engine.run("Item.update", Call(CLERK, dict(values), version=1, now=NOW))
    with pytest.raises(Refusal) as update:
        await world.engine.run("Item.update", Call(CLERK, dict(values), version=1, now=NOW))
    with pytest.raises(Refusal) as delete:
        await world.engine.run("Item.delete", Call(CLERK, {"id": id}, version=1, now=NOW))
    with pytest.raises(Refusal) as missing:
        await world.engine.run("Item.delete", Call(CLERK, {"id": "nothing"}, version=1, now=NOW))

    assert (update.value.kind, delete.value.kind, missing.value.kind) == ("stale", "stale", "not-found")


async def test_a_repeated_key_gets_the_recorded_answer(world: World) -> None:
    """The same key and body create one row; the same key with another body is refused; callers do not share keys."""

    def call(code: str, caller: object = CLERK) -> Call:
        return Call(caller, {"code": code}, idempotency_key="k1", now=NOW)  # type: ignore[arg-type]

    first, again = [await world.engine.run("Item.create", call("new")) for _ in range(2)]
    other = await world.engine.run("Item.create", call("theirs", person("lou", "clerk")))
    with pytest.raises(Refusal) as caught:
        await world.engine.run("Item.create", call("another"))

    assert first == again
    assert other.body["id"] != first.body["id"]
    assert caught.value.kind == "invalid"


async def test_one_key_at_the_same_time_creates_one_row(world: World) -> None:
    """Concurrent repeats of one request all get the same answer."""
    calls = [Call(CLERK, {"code": "new"}, idempotency_key="k1", now=NOW) for _ in range(6)]

    outcomes = await asyncio.gather(*(world.engine.run("Item.create", call) for call in calls))

    assert len({outcome.body["id"] for outcome in outcomes}) == 1
    assert await world.value("SELECT count(*) FROM item WHERE code = 'new'") == 1


async def test_an_encrypted_field_is_unreadable_in_the_database(world: World) -> None:
    """The value is sealed for its row: it opens there, and nowhere else."""
    id = await _id(world)
    created = await world.run("Item.create", CLERK, code="s", secret="pin 1234")
    updated = await world.run("Item.update", CLERK, id=id, secret="pin 5678")
    stored = await world.value("SELECT secret FROM item WHERE code = 's'")

    assert (created.body["secret"], updated.body["secret"]) == ("pin 1234", "pin 5678")
    assert (await world.run("Item.get", CLERK, id=id)).body["secret"] == "pin 5678"
    assert "1234" not in stored
    await world.database.write(f"UPDATE item SET secret = '{stored}' WHERE code = 'a'")
    with pytest.raises(Exception, match="does not open"):
        await world.run("Item.get", CLERK, id=id)


async def test_a_file_is_kept_with_its_row(world: World) -> None:
    """An upload's bytes are stored in the transaction of its row and streamed to whoever may read the field."""
    created = await world.run("Item.create", CLERK, code="f", manual=Upload("m.txt", "text/plain", b"read me"))
    outcome = await world.run("Download", CLERK, id=created.body["id"])

    assert {**created.body["manual"], "id": ""} == {"id": "", "name": "m.txt", "media": "text/plain", "size": 7}
    assert outcome.file is not None
    pieces = [piece async for piece in outcome.file.pieces(0, outcome.file.size)]
    assert (b"".join(pieces), outcome.file.name) == (b"read me", "m.txt")
    await world.refused("Item.create", CLERK, code="f", manual=Upload("n.txt", "text/plain", b"never"))
    assert await world.value("SELECT count(*) FROM archwright_blob") == 1


async def test_a_large_file_is_kept_in_pieces(world: World) -> None:
    """Bytes from a file on disk come back whole and in parts, and go all together."""
    content = bytes(range(256)) * 2_500
    with TemporaryFile() as file:
        file.write(content)
        created = await world.run("Item.create", CLERK, code="f", manual=Upload("m.txt", "text/plain", file))
    outcome = await world.run("Download", CLERK, id=created.body["id"])

    async def read(start: int, end: int) -> bytes:
        assert outcome.file is not None
        return b"".join([piece async for piece in outcome.file.pieces(start, end)])

    assert created.body["manual"]["size"] == len(content)
    assert await read(0, len(content)) == content
    assert [await read(*part) for part in ((262_143, 262_145), (600_000, 600_010), (5, 5))] == [
        content[262_143:262_145],
        content[600_000:600_010],
        b"",
    ]
    await world.run("Item.delete", CLERK, id=created.body["id"])
    await _job(world, "sweeps:files", days=1)
    await _job(world, "sweeps:files", days=2)
    assert await world.value("SELECT count(*) FROM archwright_blob_part") == 0


async def test_a_file_that_nothing_refers_to_is_swept(world: World) -> None:
    """Bytes without a row are marked, and gone an hour later; those with one stay."""
    await world.run("Item.create", CLERK, code="f", manual=Upload("m.txt", "text/plain", b"stay"))
    await world.run("Item.create", CLERK, code="g", manual=Upload("m.txt", "text/plain", b"go"))
    await world.run("Item.delete", CLERK, id=await _id(world, "g"))

    await _job(world, "sweeps:files", days=1)
    marked = await world.value("SELECT count(*) FROM archwright_blob")
    await _job(world, "sweeps:files", days=2)

    assert (marked, await world.value("SELECT count(*) FROM archwright_blob")) == (2, 1)


async def _job(world: World, name: str, *, days: float) -> list[str]:
    jobs = world.engine.background.jobs
    await jobs.enter(NOW)
    return [one for one in await jobs.round(NOW + timedelta(days=days)) if one == name]


async def test_rows_are_kept_no_longer_than_stated(world: World) -> None:
    """Old rows are deleted, or lose what is classified; a row without its moment is not old."""
    await world.run("Item.create", CLERK, code="old", seen=NOW - timedelta(days=5), contact="Ann", secret="hers")
    await world.run("Item.create", CLERK, code="young", seen=NOW, contact="Bob")
    await world.insert("log", id="l1", what="old", created_at=NOW)

    await _job(world, "retention:Item", days=6)

    rows = await world.database.fetch("SELECT code, contact, secret FROM item ORDER BY code")
    assert [tuple(row) for row in rows] == [
        ("a", "somebody", None), ("old", "anonymised", None), ("young", "Bob", None),
    ]  # fmt: skip
    assert await world.value("SELECT count(*) FROM log WHERE what = 'old'") == 1
    await world.engine.background.jobs.round(NOW + timedelta(days=11))
    assert await world.value("SELECT count(*) FROM log WHERE what = 'old'") == 0


async def test_a_schedule_runs_once_when_it_is_due(world: World) -> None:
    """However many processes look, a job that is due runs in one of them."""
    jobs = world.engine.background.jobs
    await jobs.enter(NOW)

    early = await jobs.round(NOW + timedelta(hours=1))
    ran = await asyncio.gather(*(jobs.round(NOW + timedelta(days=1)) for _ in range(4)))

    assert "operation:Nightly" not in early
    assert [name for names in ran for name in names].count("operation:Nightly") == 1
    assert await world.value("SELECT count(*) FROM log WHERE what = 'night'") == 1


async def test_a_token_is_asked_about_once_until_it_is_forgotten(world: World) -> None:
    """Roles are expanded, unknown ones dropped; a sign-out is felt at once; a wrong token is nobody's."""
    await world.insert("parts_note", id="s1", text="token", by="kim")

    first = await world.engine.authenticate("bearer", "token")
    again = await world.engine.authenticate("bearer", "token")
    assert first is again is not None
    assert (first.id, first.roles) == ("kim", frozenset({"lead", "clerk"}))
    world.engine.forget("s1")
    await world.database.write("DELETE FROM parts_note")

    assert await world.engine.authenticate("bearer", "token") is None
    assert await world.engine.authenticate("bearer", "wrong") is None
    assert parts.ASKED == ["token", "token", "wrong"]
    assert (await world.refused("Write", ANONYMOUS, code="x")).kind == "unauthenticated"

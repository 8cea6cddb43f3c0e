"""A first assembly for a contract: what it tells plainly is written, what it leaves open is asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from . import wire
from .inheritance import members, success
from .interface import Interface, Spot
from .names import pascal, plain, snake
from .promise import Promise
from .resources import Recognised, Resource, Resources, recognise
from .types import taken, typed, value_of

_BUILT_IN = {"id": "id", "created_at": "created_at", "updated_at": "updated_at", "created": "created_at",
             "updated": "updated_at"}  # fmt: skip
"""Members that every row has by itself."""
_ACCOUNT = ("email", "name", "password", "token", "roles", "active", "deactivated_at")
"""Members of an account that the component for accounts keeps."""
_NAMES = ("this", "old", "caller", "now", "today", "input", "settings", "item", "row")
"""Names that mean something in steps already."""
_SIGN_IN = ("login", "signin", "signup", "register", "logout", "signout", "token", "session")
_HEAD = """\
# A first assembly for the contract {contract}, to be completed: `questions.md` says what the contract leaves open,
# and `archwright check --left` what is not served yet. Nobody may do anything until `permissions` and `access` say so.
"""


class _Plain(yaml.SafeDumper):
    """Writes no aliases, which our documents do not have."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def draft(promise: Promise, name: str) -> dict[str, bytes]:
    """The files of a first assembly, by path; the contract itself is the caller's to copy.

    Args:
        name: the name of the service.
    """
    drafted = _Draft(promise.interface, name, promise.name)
    text = yaml.dump(
        drafted.assembly(), Dumper=_Plain, sort_keys=False, default_flow_style=None, width=118, allow_unicode=True
    )
    head = _HEAD.format(contract=promise.name)
    return {"assembly.yaml": f"{head}{text}".encode(), "questions.md": _questions(name, drafted.questions)}


def _questions(name: str, questions: list[str]) -> bytes:
    lines = [f"# Open questions of {name}", "", "What the contract does not say and somebody has to decide.", ""]
    return ("\n".join([*lines, *(f"- [ ] {one}" for one in dict.fromkeys(questions))]) + "\n").encode()


class _Draft:
    """Gathers the parts of an assembly and what is open about them."""

    def __init__(self, interface: Interface, name: str, contract: str) -> None:
        self._interface = interface
        self._name = name
        self._contract = contract
        self._found: Resources = recognise(interface)
        self._signs_in = any(requirement.value for one in interface.operations for requirement in one.security.items())
        self.questions: list[str] = []
        self._unbounded: list[str] = []
        self._unsent: list[str] = []

    def assembly(self) -> dict[str, Any]:
        """The document as plain data, in the order in which people read it."""
        made: dict[str, Any] = {"assembly": self._name, "version": "0.1.0", "owner": "my-team"}
        made["contract"] = self._contract
        if self._signs_in:
            made["components"] = {"accounts": {"use": "std/accounts@^1", "config": self._sign_in()}}
        self.questions.append("Which team owns the service? `owner` says `my-team`.")
        self.questions.append("Which roles are there, and who may do what? Nothing is allowed yet.")
        made["entities"] = {self._entity(one): self._fields(one) for one in self._found.resources.values()}
        made["views"] = {f"{name}View": self._view(one) for name, one in self._found.resources.items()}
        made["operations"] = dict(self._operations())
        self._gathered()
        return {key: value for key, value in made.items() if value != {}}

    def _gathered(self) -> None:
        """Questions that many fields share."""
        for fields, question in (
            (self._unbounded, "What bounds these? The contract says nothing, so usual bounds were taken"),
            (self._unsent, "Who sets these? They are answered and never sent; some may have to be computed"),
        ):
            if fields:
                self.questions.append(f"{question}: {', '.join(dict.fromkeys(fields))}.")
        if any(self._fails(one.responses) for one in self._interface.operations):
            self.questions.append(
                "How do failures look? The contract describes their bodies: write them under `errors`."
            )

    def _fails(self, responses: dict[str, Spot]) -> bool:
        return any(status[:1] in "45" and answer.at("content").value for status, answer in responses.items())

    def _sign_in(self) -> dict[str, Any]:
        """How the contract carries what shows who calls."""
        config: dict[str, Any] = {"api": False, "pages": False}
        for name, spot in self._interface.root.at("components", "securitySchemes").entries():
            scheme = spot.followed()
            place, header = scheme.at("in").text, (scheme.at("name").text or "").lower()
            kind = f"{scheme.at('type').text} {scheme.at('scheme').text or ''}".strip().lower()
            if place == "cookie":
                config |= {"session": "cookie"}
            elif kind in ("http bearer", "oauth2", "openidconnect"):
                config |= {"session": "bearer"}
            elif place == "header" and header == "authorization":
                config |= {"session": "bearer", "scheme": "Token"}
                self.questions.append(f"Which word stands before the token of `{name}`? `scheme` says `Token`.")
            else:
                self.questions.append(f"How does a caller get and show `{name}`? The component has no such way.")
        return config

    # -- entities -----------------------------------------------------------------------------------------------

    def _entity(self, resource: Resource) -> str:
        return "accounts.User" if self._is_account(resource.name) else resource.name

    def _is_account(self, name: str) -> bool:
        return self._signs_in and plain(name) in ("user", "account")

    def _fields(self, resource: Resource) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        for name, spots in {**resource.answered, **resource.sent}.items():
            key = snake(name)
            if key in _BUILT_IN or (self._is_account(resource.name) and key in _ACCOUNT):
                self._identifier(resource, name, spots)
                continue
            written = self._field(resource, name, spots)
            if written is not None:
                fields.setdefault(key, written)
        for owner in sorted(resource.owners):
            if not self._is_account(resource.name):
                entity = self._entity(self._found.resources[owner])
                fields.setdefault(snake(owner), {"ref": entity, "required": True, "on_delete": "cascade"})
        return {"fields": fields} if fields else {}

    def _identifier(self, resource: Resource, name: str, spots: tuple[Spot, ...]) -> None:
        found = value_of(*spots)
        if snake(name) == "id" and found is not None and found.type == "integer":
            self.questions.append(
                f"`{resource.name}.{name}` is a whole number in the contract, and ids are random texts here: "
                "which field holds the number, and who counts?"
            )

    def _field(self, resource: Resource, name: str, spots: tuple[Spot, ...]) -> dict[str, Any] | str | None:
        where = f"`{resource.name}.{name}`"
        if not wire.NAME.fullmatch(name):
            self.questions.append(f"A member of `{resource.name}` has a name that no column can have; who renames it?")
            return None
        if any(spot.followed().at("format").text == "password" for spot in spots):
            self.questions.append(f"{where} is a password: which component keeps it? It is no field here.")
            return None
        referred = self._referred(spots)
        if referred is not None:
            return {"ref": self._entity(referred)}
        made = typed(*(resource.sent.get(name) or spots))
        if "list" not in made.keys and made.keys.get("type", "").startswith("json"):
            self.questions.append(f"What does {where} hold? It is kept as JSON until an entity or a type says more.")
        elif made.guessed:
            self._unbounded.append(where)
        if name not in resource.sent:
            self._unsent.append(where)
        keys = dict(made.keys)
        if name in resource.demanded:
            keys["required"] = True
        if snake(name) in {snake(key) for key in resource.keys}:
            keys["index"] = True
            self.questions.append(f"Is {where} unique? Rows are looked up by it.")
        return f"{keys['type']}{'!' if keys.get('required') else ''}" if not set(keys) - {"type", "required"} else keys

    def _referred(self, spots: tuple[Spot, ...]) -> Resource | None:
        """The resource that a member holds a row of."""
        found = value_of(*spots)
        if found is None or found.type != "object":
            return None
        pointer = found.spot.pointer
        name = pascal(str(pointer[2])) if len(pointer) == 3 and pointer[1] == "schemas" else None
        return self._found.resources.get(name or "")

    # -- views --------------------------------------------------------------------------------------------------

    def _view(self, resource: Resource) -> dict[str, Any]:
        columns = [
            column for name, spots in resource.answered.items() for column in self._column(resource, name, spots)
        ]
        return {"of": self._entity(resource), "fields": columns or ["id"]}

    def _column(self, resource: Resource, name: str, spots: tuple[Spot, ...]) -> Iterator[Any]:
        key = snake(name)
        account = self._is_account(resource.name)
        if (account and key in ("password", "token")) or self._is_secret(spots) or not wire.NAME.fullmatch(name):
            return
        referred = self._referred(spots)
        if referred is not None:
            nested = [
                column
                for below, inner in referred.answered.items()
                if self._referred(inner) is None
                for column in self._column(referred, below, inner)
            ]
            yield {name: {"of": key, "fields": nested or ["id"]}}
            return
        stored = _BUILT_IN.get(key, key)
        yield name if stored == name else {name: f"this.{stored}"}

    def _is_secret(self, spots: tuple[Spot, ...]) -> bool:
        return any(spot.followed().at("format").text == "password" for spot in spots)

    # -- operations ---------------------------------------------------------------------------------------------

    def _operations(self) -> Iterator[tuple[str, dict[str, Any]]]:
        taken_names: set[str] = set()
        for one in self._found.operations:
            described = one.described
            if described.method in ("HEAD", "OPTIONS", "TRACE"):
                continue
            name = pascal(described.id or f"{described.method} {described.written}")
            while name in taken_names:
                name = f"{name}X"
            taken_names.add(name)
            self.questions.append(f"Who may run `{name}` ({described.title})?")
            keys: dict[str, Any] = {}
            summary = described.spot.at("summary").text
            if summary and len(summary) <= 200 and "\n" not in summary:
                keys["summary"] = summary
            if described.id is None:
                keys["contract"] = f"{described.method} {described.written}"
            yield name, {**keys, **self._body(name, one)}

    def _body(self, name: str, one: Recognised) -> dict[str, Any]:
        resource = self._found.resources.get(one.resource or "")
        if any(word in plain(f"{name} {one.described.written}") for word in _SIGN_IN):
            self.questions.append(f"`{name}` looks like signing in or out: which capability does it?")
            return {}
        if one.action is None or resource is None:
            self.questions.append(f"What does `{name}` do? Its steps are not plain from the contract.")
            return {}
        if self._is_account(resource.name) and one.action in ("create", "delete"):
            self.questions.append(f"`{name}` is about accounts: which capability of the component does it?")
            return {}
        return self._steps(one, resource)

    def _steps(self, one: Recognised, resource: Resource) -> dict[str, Any]:
        entity, row = self._entity(resource), _bound(resource.name)
        steps: list[dict[str, Any]] = []
        conditions: list[str] = []
        if one.owner is not None:
            owner = self._found.resources[one.owner[0]]
            above = _bound(owner.name)
            steps.append({"get": self._entity(owner), "where": self._named(owner, one.owner[1]), "as": above})
            conditions.append(f"this.{snake(owner.name)} == {above}.id")
        if one.key is not None:
            conditions.insert(0, self._named(resource, one.key))
        where = {"where": " && ".join(conditions)} if conditions else {}
        shown = {"view": f"{resource.name}View", "as": row}
        again = {"get": entity, "where": f"this.id == {row}_row.id", **shown}
        match one.action:
            case "list":
                steps.append({"list": entity, **where, "view": f"{resource.name}View", "as": f"{row}_list"})
            case "get":
                steps.append({"get": entity, **where, **shown})
            case "create":
                values = self._values(one, resource)
                if one.owner is not None:
                    values[snake(one.owner[0])] = f"${{{_bound(one.owner[0])}.id}}"
                steps += [{"create": entity, "set": values, "as": f"{row}_row"}, again]
            case "update":
                # All inputs: only members that came are written.
                steps += [{"update": entity, **where, "set": "${input}", "as": f"{row}_row"}, again]
            case _:
                steps.append({"delete": entity, **where})
        made = {"input": self._inputs(one, resource), "steps": steps, "returns": self._returns(one, row)}
        return {key: value for key, value in made.items() if value}

    def _values(self, one: Recognised, resource: Resource) -> dict[str, str]:
        known = self._fields(resource).get("fields", {})
        return {key: f"${{input.{key}}}" for name in members(one.described) if (key := snake(name)) in known}

    def _named(self, resource: Resource, parameter: str) -> str:
        """The condition by which a parameter of the path names a row."""
        key = snake(parameter)
        return f"this.{key if self._is_member(resource, parameter) else 'id'} == input.{key}"

    def _is_member(self, resource: Resource, parameter: str) -> bool:
        return snake(parameter) != "id" and snake(parameter) in {snake(name) for name in resource.answered}

    def _inputs(self, one: Recognised, resource: Resource) -> dict[str, Any]:
        """Inputs are written where a parameter of the path is a reference; else they come from the contract."""
        references: dict[str, Any] = {}
        named = (
            [(resource, one.key), (self._found.resources.get(one.owner[0]), one.owner[1])]
            if one.owner
            else [(resource, one.key)]
        )
        for owner, parameter in named:
            if owner is not None and parameter is not None and not self._is_member(owner, parameter):
                references[snake(parameter)] = {"ref": self._entity(owner), "required": True}
        if not references or (set(references) == {"id"} and one.owner is None):
            return {}
        given: dict[str, Any] = {}
        for (place, name), spot in one.described.parameters.items():
            if place == "path":
                given[snake(name)] = references.get(snake(name)) or {**taken(spot.at("schema")).keys, "required": True}
        for name, member in members(one.described).items():
            given[snake(name)] = {**member.keys, **({} if snake(name) == name else {"name": name})}
        return given

    def _returns(self, one: Recognised, row: str) -> dict[str, Any]:
        status = success(one.described)
        answer = one.described.responses.get(str(status))
        if one.action == "delete" or answer is None or not answer.at("content").value:
            return {}
        return {"body": f"${{{row}_list}}" if one.action == "list" else f"${{{row}}}"}


def _bound(name: str) -> str:
    """The name under which a step binds a row."""
    key = snake(name)
    return f"the_{key}" if key in _NAMES else key

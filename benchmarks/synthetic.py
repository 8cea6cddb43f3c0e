"""Assemblies of any size: every entity refers to the one before it and has rights, a view and an operation."""

from __future__ import annotations

from pathlib import Path

_HEAD = """\
assembly: synthetic-{count}
version: 1.0.0
owner: team-archwright

components:
  accounts: {{use: std/accounts@^1, config: {{session: bearer, pages: false}}}}

roles:
  clerk: {{}}
  auditor: {{}}

"""

_ENTITY = """\
  Thing{number}:
    title: name
    fields:
      owner: {{ref: accounts.User, default: "${{caller}}", immutable: true}}
      name: text(120)!
      state: {{enum: [draft, active, retired], default: draft, index: true}}
      amount: {{type: int(0..1000000), default: 0}}
      price: {{type: money(EUR)}}
      starts: {{type: date!, index: true}}
      ends: date!
      active: {{type: bool, default: true}}
{parent}    check: "this.ends >= this.starts"
    permissions:
      clerk:
        read: {{where: "this.owner == caller || this.state == 'active'"}}
        create: {{fields: [name, amount, price, starts, ends{parent_field}]}}
        update: {{fields: [name, amount, price], where: "this.owner == caller"}}
      auditor:
        read: {{fields: [id, name, state, amount]}}
      Retire{number}:
        update: {{fields: [state], where: "this.state == 'active'"}}
    expose:
      path: /api/things-{number}
      operations: [list, get, create, update]
      filter: [state, starts]
      sort: [starts]
"""

_OPERATION = """\
  Retire{number}:
    trigger: {{http: "POST /api/things-{number}/{{id}}/retirement"}}
    access: [clerk]
    steps:
      - {{update: Thing{number}, where: "this.id == input.id", set: {{state: retired}}, else: not-active, as: thing}}
    returns: {{body: "${{thing}}"}}
    failures: {{not-active: 409}}
"""

_VIEW = """\
  Card{number}:
    of: Thing{number}
    fields: [id, name, {{owner_name: this.owner.name}}{parent_name}]
    sort: [name]
"""


def write(directory: Path, count: int) -> Path:
    """Write an assembly of ``count`` entities and return its path."""
    directory.mkdir(parents=True, exist_ok=True)
    place = directory / "assembly.yaml"
    place.write_text(text(count))
    return place


def text(count: int) -> str:
    """An assembly of ``count`` entities."""
    numbers = range(count)
    return "".join((
        _HEAD.format(count=count),
        "entities:\n",
        *(_entity(number) for number in numbers),
        "\noperations:\n",
        *(_OPERATION.format(number=number) for number in numbers),
        "\nviews:\n",
        *(_view(number) for number in numbers),
    ))  # fmt: skip


def _entity(number: int) -> str:
    parent = f"      parent: {{ref: Thing{number - 1}}}\n" if number else ""
    return _ENTITY.format(number=number, parent=parent, parent_field=", parent" if number else "")


def _view(number: int) -> str:
    parent_name = ", {parent_name: this.parent.name}" if number else ""
    return _VIEW.format(number=number, parent_name=parent_name)

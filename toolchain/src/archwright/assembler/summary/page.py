"""The summary page as a whole."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from ..account import TIERS, tiers, uses
from ..emitter import ComponentFacts, Facts
from ..plan import Access, Entity, Field, Operation, Plan, Trigger
from ..wording import expression, type_name
from .contract import contract
from .diagram import diagram
from .markup import Markup, chip, code, join, table, tag
from .permissions import permissions
from .style import STYLE

_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}")
_MEANING = {
    0: "settings for a ready-made part; nothing to review",
    1: "steps over certified capabilities; review the steps",
    2: "entities and permissions, from which the rest follows; review the data model",
    3: "own code; review the code",
}


def page(facts: Facts) -> bytes:
    """The whole document."""
    plan = facts.plan
    sections = [section for section in _sections(facts) if section[2]]
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http__equiv="Content-Security-Policy", content="default-src 'none'; style-src 'unsafe-inline'"),
        tag("title", f"{plan.name} {plan.version}"),
        tag("style", Markup(STYLE.replace("BRAND", _brand(plan)))),
    )
    body = tag(
        "body",
        tag("a", "Skip to the content", href="#content", class_="skip"),
        _top(facts, [(key, title) for key, title, _ in sections]),
        tag("main", [_section(*section) for section in sections], id="content"),
        tag("footer", f"Written by archwright {facts.archwright}; the same input gives the same page."),
    )
    return ("<!doctype html>\n" + tag("html", head, body, lang="en") + "\n").encode()


def _brand(plan: Plan) -> str:
    return plan.theme.brand if _COLOUR.fullmatch(plan.theme.brand) else "#0b5fff"


def _top(facts: Facts, sections: list[tuple[str, str]]) -> Markup:
    plan = facts.plan
    links = tag("ul", [tag("li", tag("a", title, href=f"#{key}")) for key, title in sections])
    return tag(
        "header",
        tag(
            "div",
            tag("h1", plan.theme.name or plan.name),
            tag("p", plan.description, class_="lead") if plan.description else None,
            tag(
                "p", f"{plan.name} {plan.version} · owned by {plan.owner} · for runtime {facts.runtime}", class_="meta"
            ),
            tag("nav", links, aria__label="Contents"),
        ),
        class_="top",
    )


def _sections(facts: Facts) -> Iterator[tuple[str, str, Markup]]:
    plan = facts.plan
    yield "overview", "Overview", _overview(facts)
    yield "entities", "What it keeps", _entities(plan)
    yield "permissions", "Who may do what", permissions(plan)
    yield "operations", "What it does", _operations(plan)
    yield "contract", "Contract", contract(facts.contract)
    yield "pages", "Pages", _pages(plan)
    yield "components", "Components", _components(facts)
    yield "flows", "Classified data", _flows(facts)
    yield "deployment", "Deployment", _deployment(facts)


def _section(key: str, title: str, content: Markup) -> Markup:
    return tag("section", tag("h2", title, id=f"{key}-title"), content, id=key, aria__labelledby=f"{key}-title")


def _overview(facts: Facts) -> Markup:
    plan = facts.plan
    counts = {
        "Entities": len(plan.entities),
        "Operations": len(plan.operations),
        "Pages": len(plan.pages),
        "Roles": len(plan.roles),
        "Components": len(plan.components),
        "Open to anyone": sum(1 for found in plan.operations.values() if _open(found.access)),
    }
    figures = tag(
        "dl", [tag("div", tag("dt", name), tag("dd", count)) for name, count in counts.items()], class_="figures"
    )
    found = Counter(tier for elements in tiers(facts).values() for tier in elements.values())
    bar = tag(
        "div",
        [tag("span", class_=f"t{tier}", style=f"flex-grow:{count}") for tier, count in sorted(found.items())],
        class_="bar",
        aria__hidden="true",
    )
    key = tag("ul", [_tier_line(tier, found[tier]) for tier in TIERS], class_="key")
    return join((figures, tag("h3", "How much of it was derived"), bar, key))


def _tier_line(tier: int, count: int) -> Markup:
    return tag(
        "li",
        tag("span", class_=f"t{tier}", aria__hidden="true"),
        tag("b", f"{count} × {TIERS[tier]}"),
        f" – {_MEANING[tier]}",
    )


def _entities(plan: Plan) -> Markup:
    if not plan.entities:
        return Markup("")
    picture = tag(
        "div", diagram(plan), class_="picture", tabindex="0", role="group", aria__label="Diagram of the entities"
    )
    legend = tag(
        "p", "Dashed boxes belong to components. Dashed lines are optional, bold ones join many to many.", class_="meta"
    )
    own_first = sorted(plan.entities.items(), key=lambda item: item[1].component is not None)
    return join((legend, picture, [_entity(name, entity) for name, entity in own_first]))


def _entity(name: str, entity: Entity) -> Markup:
    own = entity.component is None
    heading = tag("h3", entity.label or name, id=f"entity-{name}")
    notes = list(_notes(name, entity))
    rows = [_field(key, found) for key, found in entity.fields.items() if found.generated is None or own]
    made = table(["Field", "Type", "Present", "Notes"], rows, caption=f"Fields of {name}", kind="fields")
    return tag("article", heading, tag("p", [chip(note) for note in notes]) if notes else None, made)


def _notes(name: str, entity: Entity) -> Iterator[str]:
    yield name
    if entity.component:
        yield f"from {entity.component}"
    if entity.subject:
        yield f"about {entity.subject}"
    if entity.retention:
        yield f"{entity.retention.then}d {entity.retention.days} days after {expression(entity.retention.start)}"
    for names in entity.unique:
        yield f"unique {', '.join(names)}"


def _field(key: str, field: Field) -> list[object]:
    notes: list[object] = [chip(name, "class") for name in field.classes]
    if field.default is not None:
        notes.append(join(("default ", code(expression(field.default)), " ")))
    if field.computed is not None:
        notes.append(join(("computed ", code(expression(field.computed)), " ")))
    notes += [chip(word) for word, holds in (("immutable", field.immutable), ("encrypted", field.encrypted)) if holds]
    return [code(key), type_name(field.type), "always" if field.present else "optional", notes]


def _operations(plan: Plan) -> Markup:
    rows = [
        [code(name), _trigger(found.trigger), _access(plan, found), _tier(found.tier), found.summary or ""]
        for name, found in sorted(plan.operations.items())
    ]
    return (
        table(["Operation", "Started by", "For", "Tier", "Summary"], rows, caption="Operations") if rows else Markup("")
    )


def _trigger(trigger: Trigger) -> Markup:
    match trigger.kind:
        case "http":
            return code(f"{trigger.method} {trigger.path}")
        case "schedule":
            return join(("every ", f"{trigger.every} s" if trigger.every else code(trigger.cron or "")))
        case "changed":
            when = ", within its transaction" if trigger.within else ""
            return join(("a change of ", code(trigger.entity or ""), f" ({', '.join(trigger.actions)}){when}"))
        case "queue":
            return join(("messages of ", code(trigger.path or "")))
        case _:
            return Markup("pages alone")


def _access(plan: Plan, operation: Operation) -> Markup:
    if operation.principal is not None:
        return chip(f"runs as {operation.principal}")
    return join(_roles(plan, operation.access))


def _roles(plan: Plan, access: tuple[Access, ...]) -> Iterator[Markup]:
    for one in access:
        role = plan.roles.get(one.role)
        label = (role.label if role else None) or one.role
        yield chip(label, "open" if one.role == "anyone" else "")


def _open(access: tuple[Access, ...]) -> bool:
    return any(one.role == "anyone" and one.when is None for one in access)


def _tier(tier: int) -> Markup:
    return chip(f"{tier} {TIERS[tier]}", f"tier{tier}")


def _pages(plan: Plan) -> Markup:
    rows = [
        [code(path), found.title, join(_roles(plan, found.access)), ", ".join(part.kind for part in found.parts)]
        for path, found in sorted(plan.pages.items())
    ]
    return table(["Address", "Title", "For", "Shows"], rows, caption="Pages") if rows else Markup("")


def _components(facts: Facts) -> Markup:
    rows = []
    for name, chosen in sorted(facts.plan.components.items()):
        known = facts.components.get(name, ComponentFacts())
        why = [tag("div", _ticked(reason)) for reason in uses(facts.plan, name)]
        version = join((f"{chosen.use} {chosen.version}", tag("br"), tag("small", code(chosen.digest[:19] + "…"))))
        rows.append([code(name), version, known.summary, why, join(chip(item) for item in known.claims)])
    head = ["Name", "Component", "What it does", "Why it is here", "Certified as"]
    return table(head, rows, caption="Components") if rows else Markup("")


def _ticked(text: str) -> Markup:
    """Text in which what stands in backticks is code."""
    return join(code(part) if index % 2 else part for index, part in enumerate(text.split("`")))


def _flows(facts: Facts) -> Markup:
    """For each class of data: where it is kept, who may see it, and through which components it may leave."""
    plan = facts.plan
    classes = sorted(
        {name for entity in plan.entities.values() for field in entity.fields.values() for name in field.classes}
    )
    rows = [[chip(name, "class"), _kept(plan, name), _seen(plan, name), _leaves(facts, name)] for name in classes]
    if not rows:
        return Markup("")
    made = table(["Class", "Kept in", "Readable by", "May leave through"], rows, caption="Classes of data")
    lowered = [[code(one.where), one.to, one.why] for one in facts.declassifications]
    extra = table(["Where", "To", "Why"], lowered, caption="Labels that are lowered") if lowered else None
    return join((made, extra))


def _kept(plan: Plan, wanted: str) -> Markup:
    found = [
        f"{name}.{key}"
        for name, entity in plan.entities.items()
        for key, field in entity.fields.items()
        if wanted in field.classes
    ]
    return join(tag("div", code(name)) for name in found)


def _seen(plan: Plan, wanted: str) -> Markup:
    readers = {
        grant.principal
        for entity in plan.entities.values()
        for grant in entity.grants
        if grant.action == "read"
        and any(wanted in entity.fields[key].classes for key in grant.fields if key in entity.fields)
    }
    return join(chip(name) for name in sorted(readers)) or Markup("nobody")


def _leaves(facts: Facts, wanted: str) -> Markup:
    """A component that clears the class and reaches outside."""
    found = [
        f"{name} ({', '.join(known.egress)})"
        for name, known in sorted(facts.components.items())
        if wanted in known.clears and known.egress
    ]
    return join(chip(name) for name in found) or Markup("nothing")


def _deployment(facts: Facts) -> Markup:
    plan = facts.plan
    secrets = [
        "service-key",
        *(f"{alias}.{name}" for alias, found in sorted(plan.components.items()) for name in found.secrets),
    ]
    reach = sorted({name for known in facts.components.values() for name in known.egress})
    lists = {"Secrets, by name": secrets, "Reaches outside": reach, "Other origins that may ask": list(plan.cors)}
    parts: list[Markup] = [
        tag("p", tag("b", f"{title}: "), [chip(name) for name in names] or "none") for title, names in lists.items()
    ]
    rows = [
        [
            code(name),
            type_name(found.type),
            "" if found.default is None else code(str(found.default)),
            "yes" if found.required else "",
        ]
        for name, found in sorted(plan.settings.items())
    ]
    if rows:
        parts.append(table(["Setting", "Type", "Default", "Must be given"], rows, caption="Settings"))
    return join(parts)

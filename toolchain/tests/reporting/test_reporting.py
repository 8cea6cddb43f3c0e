"""How findings look to people, programs, code hosts and bots."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest

from archwright import reporting
from archwright.diagnostics import Diagnostic, Location, Related, Severity
from archwright.language.assembly import read_assembly

_SOURCE = "assembly: shop\nversion: 1.0.0\nonwer: team\n"
_FLOW = Diagnostic(
    "flow/uncleared",
    Severity.WARNING,
    Location("a b.yaml", 2, 1, 2, 8),
    "`reason` reaches `anyone`",
    path=(
        Related(Location("a b.yaml", 1, 1, 1, 9), "`reason` is personal"),
        Related(Location("c.yaml", 9, 1), "shown here"),
    ),
)


def _findings() -> tuple[Diagnostic, ...]:
    return read_assembly(_SOURCE, "shop/assembly.yaml").findings


def test_text() -> None:
    """A person reads what is wrong, where, the line itself, and what to do."""
    found = reporting.text(_findings(), {"shop/assembly.yaml": _SOURCE})

    assert re.sub("`assembly.*`", "...", found) == (
        "error[assembly/unknown-key]: an assembly has no key `onwer`\n"
        "  --> shop/assembly.yaml:3:1\n"
        " 3 | onwer: team\n"
        "   | ^^^^^\n"
        "  expected: one of ...\n"
        "hint: did you mean `owner`?\n"
        "\n"
        "1 error\n"
    )


def test_no_findings() -> None:
    """Where there is nothing to say, nothing is said."""
    assert reporting.text((), {}) == ""


def test_colour() -> None:
    """Colour changes how it looks and not what it says."""
    sources = {"shop/assembly.yaml": _SOURCE}

    coloured = reporting.text(_findings(), sources, colour=True)

    assert "\x1b[1;31m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == reporting.text(_findings(), sources)


def test_path() -> None:
    """The path of a finding is told place by place."""
    found = reporting.text((_FLOW,), {"a b.yaml": "one line\nanother\n"})

    assert found.split("\n") == [
        "warning[flow/uncleared]: `reason` reaches `anyone`",
        "  --> a b.yaml:2:1",
        " 2 | another",
        "   | ^^^^^^^",
        "  then: `reason` is personal",
        "  --> a b.yaml:1:1",
        " 1 | one line",
        "   | ^^^^^^^^",
        "  then: shown here",
        "  --> c.yaml:9:1",
        "",
        "1 warning",
        "",
    ]


@pytest.mark.parametrize(
    ("line", "column", "caret"),
    [("名前: x", 1, " 1 | 名前: x\n   | ^^^^"), ("a: 名前b", 4, "   |    ^^^^"), ("e\u0301: x", 1, "   | ^\n")],
)
def test_caret(line: str, column: int, caret: str) -> None:
    """The caret stands below what it marks, also where letters are wide or combine."""
    finding = Diagnostic("yaml/tag", Severity.ERROR, Location("f", 1, column, 1, column + 2), "m")

    assert caret in reporting.text((finding,), {"f": line})


def test_long_lines() -> None:
    """Of a very long line the stretch around the place is shown."""
    finding = Diagnostic("yaml/tag", Severity.ERROR, Location("f", 1, 5001, 1, 5002), "m")

    shown = reporting.text((finding,), {"f": "a" * 5000 + "!" + "b" * 5000}).split("\n")

    assert max(map(len, shown)) < 130
    assert shown[2][shown[3].index("^")] == "!"


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_terminals_are_safe(form: str) -> None:
    """What a document or a file name holds never controls a terminal."""
    finding = Diagnostic("yaml/tag", Severity.ERROR, Location("\x1b[2J", 1, 1), "\x1b]0;x\x07", "\u202e", "\x9b", "\r")

    shown = reporting.text((finding,), {"\x1b[2J": "\x1b[31m"}) if form == "text" else reporting.markdown((finding,))

    assert shown.replace("\n", "").isprintable()


def test_json() -> None:
    """A program reads the same, with nothing left to parse."""
    found = json.loads(reporting.json(_findings()))

    finding = found["findings"][0]
    assert (found["format"], found["summary"]) == (1, {"error": 1, "warning": 0, "note": 0})
    assert (finding["code"], finding["hint"]) == ("assembly/unknown-key", "did you mean `owner`?")
    assert finding["location"] == {"file": "shop/assembly.yaml", "line": 3, "column": 1, "endLine": 3, "endColumn": 6}


def _object(required: str, optional: str = "", **properties: object) -> dict[str, object]:
    names = [*required.split(), *optional.split(), *properties]
    return {
        "type": "object",
        "required": required.split(),
        "properties": {name: properties.get(name, {}) for name in names},
        "additionalProperties": False,
    }


_MESSAGE = {
    "type": "object",
    "properties": {"text": {"type": "string"}, "markdown": {"type": "string"}},
    "required": ["text"],
    "additionalProperties": False,
}
_POSITION = {"type": "integer", "minimum": 1}
_PLACE = _object(
    "artifactLocation region",
    artifactLocation=_object("uri", uri={"type": "string", "pattern": r"^[A-Za-z0-9._~%:/@!$&'()*+,;=-]+$"}),
    region=_object("startLine", startLine=_POSITION, startColumn=_POSITION, endLine=_POSITION, endColumn=_POSITION),
)
_LOCATION = _object(
    "physicalLocation", physicalLocation=_PLACE, message=_MESSAGE, id={"type": "integer", "minimum": -1}
)
_THREAD = _object(
    "locations", locations={"type": "array", "minItems": 1, "items": _object("location", location=_LOCATION)}
)
_RESULT = _object(
    "message ruleId ruleIndex",
    message=_MESSAGE,
    ruleId={"type": "string"},
    ruleIndex={"type": "integer", "minimum": -1},
    level={"enum": ["none", "note", "warning", "error"]},
    locations={"type": "array", "items": _LOCATION},
    relatedLocations={"type": "array", "items": _LOCATION, "uniqueItems": True},
    codeFlows={
        "type": "array",
        "items": _object("threadFlows", threadFlows={"type": "array", "minItems": 1, "items": _THREAD}),
    },
    partialFingerprints={"type": "object", "additionalProperties": {"type": "string"}},
)
_RULE = _object("id", id={"type": "string"}, shortDescription=_MESSAGE, help=_MESSAGE)
_DRIVER = _object("name", name={"type": "string"}, rules={"type": "array", "uniqueItems": True, "items": _RULE})
_RUN = _object(
    "tool",
    tool=_object("driver", driver=_DRIVER),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    results={"type": "array", "items": _RESULT},
)
# The members of SARIF 2.1.0 (OASIS, sections 3.13 to 3.52) that are written, each as the standard has it.
_SARIF = _object("version runs $schema", version={"enum": ["2.1.0"]}, runs={"type": "array", "items": _RUN})


@pytest.mark.parametrize("findings", [(), (_FLOW,), _findings(), (*_findings(), _FLOW)])
def test_sarif(findings: tuple[Diagnostic, ...]) -> None:
    """A code host reads SARIF 2.1.0."""
    log = json.loads(reporting.sarif(findings))

    jsonschema.validate(log, _SARIF)
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == [each.code for each in findings]


def test_sarif_path() -> None:
    """The path of a finding is a code flow, and its places are related locations."""
    result = json.loads(reporting.sarif((_FLOW,)))["runs"][0]["results"][0]

    steps = result["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [step["location"]["message"]["text"] for step in steps] == ["`reason` is personal", "shown here"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b.yaml"


def test_fingerprint() -> None:
    """A finding stays the same finding when lines are inserted above it."""
    moved = read_assembly("# a comment\n" + _SOURCE, "shop/assembly.yaml").findings

    before, after = (
        json.loads(reporting.sarif(findings))["runs"][0]["results"][0]["partialFingerprints"]
        for findings in (_findings(), moved)
    )

    assert before == after


def test_markdown() -> None:
    """A comment shows names as code and takes everything else literally."""
    finding = Diagnostic("yaml/tag", Severity.NOTE, Location("a`b", 1, 2), "<b> `x_y` [a](b) `", hint="*do*")

    assert reporting.markdown((finding,)) == (
        "### 1 note\n\n- **note** `yaml/tag` ``a`b:1:2``: \\<b\\> `x_y` \\[a\\](b) \\`\n  - hint: \\*do\\*\n"
    )

"""Reading YAML: what scalars mean, where things stand, and that no text does harm."""

from __future__ import annotations

import sys
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archwright.diagnostics import Location
from archwright.language.nodes import Mapping, Scalar, Sequence, to_data
from archwright.language.reader import MOST_NODES, MOST_TEXT, read


def data(text: str) -> Any:
    """What a document holds."""
    tree = read(text, "f")
    assert tree.findings == ()
    assert tree.root is not None
    return to_data(tree.root)


def codes(source: bytes | str) -> set[str]:
    """Which findings a document has."""
    return {finding.code for finding in read(source, "f").findings}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("yes", "yes"),
        ("Off", "Off"),
        ("y", "y"),
        ("true", True),
        ("True", True),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("NULL", None),
        ("0", 0),
        ("-17", -17),
        ("+5", 5),
        ("007", 7),
        ("0o17", 15),
        ("0x1F", 31),
        ("1_000", "1_000"),
        ("0b11", "0b11"),
        ("1:30", "1:30"),
        ("2020-01-01", "2020-01-01"),
        ("1.50", Decimal("1.50")),
        (".5", Decimal("0.5")),
        ("1.", Decimal(1)),
        ("1e3", Decimal("1e3")),
        ("-1.5E-2", Decimal("-0.015")),
        ("1.0.0", "1.0.0"),
        (".", "."),
        ("9223372036854775807", 2**63 - 1),
        ("nan", "nan"),
        ("inf", "inf"),
        ("é", "é"),
    ],
)
def test_plain_scalars(text: str, value: Any) -> None:
    """A plain scalar means what the core schema of YAML 1.2 says, and numbers are exact."""
    found = data(f"key: {text}")["key"]

    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("text", ["'1'", '"true"', "'null'", '"0x1F"', "|-\n  5"])
def test_quoted_scalars(text: str) -> None:
    """A quoted scalar is text, whatever it looks like."""
    found = data(f"key: {text}")["key"]

    assert isinstance(found, str)


def test_places() -> None:
    """Every key and value knows its line, its column and its end, counted from 1 in code points."""
    tree = read("ä: 1\nlist:\n  - 'x y'\n  - {b: 2}\n", "f")

    assert isinstance(tree.root, Mapping)
    entry = tree.root.entries["list"]
    assert isinstance(entry.value, Sequence)
    assert tree.root.entries["ä"].value.location == Location("f", 1, 4, 1, 5)
    assert entry.key == Location("f", 2, 1, 2, 5)
    assert entry.value.location == Location("f", 3, 3, 4, 11)
    assert [item.location for item in entry.value.items] == [Location("f", 3, 5, 3, 10), Location("f", 4, 5, 4, 11)]


@pytest.mark.parametrize(
    ("text", "column"), [("abcdef", 4), ("'abcdef'", 5), ('"abcdef"', 5), ('"abc\\x64ef"', 1), ("'abc''ef'", 1)]
)
def test_parts_of_text(text: str, column: int) -> None:
    """A part of a text is found in the source, unless it is written with escapes."""
    tree = read(f"{text}", "f")
    assert isinstance(tree.root, Scalar)

    place = tree.root.part(3, 2)

    assert place.column == column


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (b"a: x\x00y", "yaml/hidden-character"),
        (b"a: \x1b[2J", "yaml/hidden-character"),
        ("a: \u202eb", "yaml/hidden-character"),
        ("a: \u2028b", "yaml/hidden-character"),
        ("a: \ud800", "yaml/hidden-character"),
        ('a: "\\0"', "yaml/hidden-character"),
        ('a: "\\u202e"', "yaml/hidden-character"),
        ("a: b".encode("utf-16"), "yaml/encoding"),
        ("a: b".encode("utf-16-be"), "yaml/encoding"),
        ("a: b".encode("utf-32"), "yaml/encoding"),
        ("a: é".encode("latin-1"), "yaml/encoding"),
        (b"\xef\xbb\xbfa: b", "yaml/byte-order-mark"),
        (b"a: " + b"x" * 10_000_000, "yaml/too-large"),
        ("a: " + "x" * (MOST_TEXT + 1), "yaml/value-too-long"),
        ("[" * 100_000, "yaml/too-deep"),
        ("{a: " * 100_000, "yaml/too-deep"),
        ("- " * 100_000, "yaml/too-deep"),
        ("? " * 100_000, "yaml/too-deep"),
        ("[" + "1," * (MOST_NODES + 1) + "]", "yaml/too-many-nodes"),
        ("a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]", "yaml/anchor"),
        ("a: &a {b: *a}", "yaml/anchor"),
        ("a: !!python/object/apply:os.system [id]", "yaml/tag"),
        ("? {a: b}\n: c", "yaml/key-not-text"),
        ("a: .inf", "yaml/number"),
        ("a: .NaN", "yaml/number"),
        ("a: 1e1000000000", "yaml/number"),
        ("a: " + "9" * 100_000, "yaml/value-too-long"),
        ("a: " + "9" * 5000, "yaml/number"),
        ("a: 1\n'a': 2", "yaml/duplicate-key"),
        ("é: 1\ne\u0301: 2", "yaml/duplicate-key"),
        ("", "yaml/empty"),
        ("\n# nothing\n", "yaml/empty"),
        ("a\n--- b", "yaml/several-documents"),
        ("a: [b", "yaml/syntax"),
        ("%TAG ! tag:x,2000:\n--- a", "yaml/directive"),
    ],
)
def test_hostile_documents(source: bytes | str, code: str) -> None:
    """A hostile document is answered with its finding."""
    assert code in codes(source)


def test_reading_goes_on() -> None:
    """What is wrong with one value does not hide what is wrong with the next."""
    assert codes("a: &x 1\nb: !t 2\na: 3\n5: 4\n<<: 5\nc: .inf\n") == {
        "yaml/anchor", "yaml/tag", "yaml/duplicate-key", "yaml/key-not-text", "yaml/merge-key", "yaml/number",
    }  # fmt: skip


def test_first_of_two_keys_counts() -> None:
    """Of a key that appears twice the first value is kept for further checks."""
    root = read("a: 1\na: 2", "f").root

    assert root is not None
    assert to_data(root) == {"a": 1}


_PIECES = st.sampled_from(
    [
        "a",
        "b: ",
        "- ",
        "? ",
        ": ",
        "\n",
        "\n  ",
        "[",
        "]",
        "{",
        "}",
        ",",
        "'",
        '"',
        "|",
        ">",
        "&x ",
        "*x",
        "!t ",
        "#",
        "%",
        "---",
        "...",
        "\t",
        "\\",
        "\\u0000",
        "1",
        "0x",
        ".inf",
        "~",
        "<<",
        "é",
        "\U0001f600",
        "\r",
        "@",
        "`",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200), st.lists(_PIECES, max_size=60).map("".join)))
def test_no_text_makes_the_reader_raise(source: bytes | str) -> None:
    """Whatever the bytes, the answer is a tree, or findings that say why there is none."""
    tree = read(source, "f")

    assert tree.root is not None or tree.findings


@pytest.mark.parametrize("line", ["k{0}: {{a: [1, two, 'three'], b: x}}", "k{0}: &a !t 1", "{0}: 2", "k: {0}"])
def test_reading_is_linear(line: str) -> None:
    """Twice the document takes twice the steps."""
    small, large = (_steps("\n".join(line.format(number) for number in range(count))) for count in (500, 1000))

    assert large < 2.1 * small


def _steps(text: str) -> int:
    """Count the calls that reading makes, so that nothing depends on the clock."""
    calls = 0

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        read(text, "f")
    finally:
        sys.setprofile(before)
    return calls

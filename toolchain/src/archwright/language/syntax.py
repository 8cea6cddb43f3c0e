"""What libyaml says about broken YAML, in our words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Syntax:
    """One kind of broken YAML: a piece of libyaml's message, what is wrong, and what to do."""

    problem: str
    context: str
    message: str
    hint: str | None = None
    at_start: bool = False
    """Whether the place where it began tells more than the place where it was noticed."""


_QUOTE_BRACES = "quote text that holds `{`, `}`, `[`, `]` or `,` inside a flow collection"

_KINDS = (
    Syntax("mapping values are not allowed", "", "a second `key:` follows on one line, or this key is indented too far",
           "quote text that holds `: `, or bring the key under its siblings"),
    Syntax("block sequence entries are not allowed", "", "a list item `-` cannot stand here",
           "begin the list on its own line, below the key"),
    Syntax("block mapping keys are not allowed", "", "a key cannot stand here"),
    Syntax("found unexpected end of stream", "quoted scalar", "the quoted text does not end", "add the closing quote",
           at_start=True),
    Syntax("unexpected end of stream", "", "the document ends in the middle of something"),
    Syntax("found unexpected document indicator", "", "the quoted text does not end before the document does",
           "add the closing quote", at_start=True),
    Syntax("expected ',' or '}'", "", "`,` or `}` is missing in a flow mapping", _QUOTE_BRACES),
    Syntax("expected ',' or ']'", "", "`,` or `]` is missing in a flow list", _QUOTE_BRACES),
    Syntax("did not find expected key", "", "a key was expected here",
           "line up the keys of one mapping, and write `''` for a quote inside single quotes"),
    Syntax("did not find expected '-' indicator", "", "a list item `-` was expected here",
           "line up the items of one list"),
    Syntax("did not find expected node content", "", "a value was expected here"),
    Syntax("found a tab character", "", "a tab is used for indentation", "indent with spaces"),
    Syntax("cannot start any token", "", "a plain value cannot begin with this character", "quote the text"),
    Syntax("invalid Unicode character", "", "the escape does not name a Unicode character"),
    Syntax("unknown escape character", "", "the escape is unknown", "double the backslash, or use single quotes"),
    Syntax("expected hexdecimal number", "", "the escape lacks its hexadecimal digits"),
    Syntax("alphabetic or numeric character", "anchor", "`&` begins an anchor", "quote the text"),
    Syntax("alphabetic or numeric character", "alias", "`*` begins an alias", "quote the text"),
    Syntax("expected comment or line break", "block scalar", "only an indicator may follow `|` or `>` on its line",
           "begin the text on the next line"),
    Syntax("could not find expected ':'", "", "a key without `:`", "end each key with `:` and a space"),
    Syntax("incompatible YAML document", "", "the directive asks for a YAML version that is not read here",
           "remove the `%YAML` line; documents are YAML 1.2"),
    Syntax("document start", "", "text follows the end of the document", "remove the text after `...`"),
)  # fmt: skip


TAB = Syntax("tab", "", "a tab is used for indentation", "indent with spaces")


def explain(problem: str, context: str) -> Syntax:
    """Return our words for what libyaml found."""
    for kind in _KINDS:
        if kind.problem in problem and kind.context in context:
            return kind
    return Syntax(problem, context, f"broken YAML: {problem or 'not readable'}")

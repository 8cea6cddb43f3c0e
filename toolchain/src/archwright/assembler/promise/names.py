"""Names of a contract in the forms that the language has."""

from __future__ import annotations

import re

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+|[0-9]+")
_LONGEST = 60


def plain(name: str) -> str:
    """A name without case and punctuation, by which names are found to be the same.

    >>> plain("getCurrent_user") == plain("GetCurrentUser")
    True
    """
    return re.sub(r"[^a-z0-9]", "", name.lower())


def words(name: str) -> list[str]:
    """The words of a name in small letters.

    >>> words("createdAt"), words("HTTPServer-id")
    (['created', 'at'], ['http', 'server', 'id'])
    """
    return [word.lower() for word in _WORD.findall(name[:200])]


def snake(name: str, otherwise: str = "value") -> str:
    """A name of an input or a field.

    >>> snake("tagList"), snake("X-Request-Id"), snake("3d")
    ('tag_list', 'x_request_id', 'value_3d')
    """
    return _begun("_".join(words(name)), f"{otherwise}_")[:_LONGEST].rstrip("_") or otherwise


def pascal(name: str, otherwise: str = "Thing") -> str:
    """A name of an entity or an operation.

    >>> pascal("list-articles"), pascal("getArticle")
    ('ListArticles', 'GetArticle')
    """
    return _begun("".join(word.capitalize() for word in words(name)), otherwise)[:_LONGEST] or otherwise


def kebab(name: str, otherwise: str = "service") -> str:
    """A name of a service or a role.

    >>> kebab("RealWorld Conduit API")
    'real-world-conduit-api'
    """
    return _begun("-".join(words(name)), f"{otherwise}-")[:_LONGEST].rstrip("-") or otherwise


def _begun(name: str, beginning: str) -> str:
    return f"{beginning}{name}" if name[:1].isdecimal() else name


def route(path: str) -> str:
    """A path whose parameters have names of the language.

    >>> route("/users/{userId}")
    '/users/{user_id}'
    """
    return re.sub(r"\{([^{}/]*)\}", lambda match: "{" + snake(match[1]) + "}", path)

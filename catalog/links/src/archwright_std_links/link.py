"""Reads an address strictly and writes it in one form.

Browsers read addresses more freely than any standard says: they drop tabs, take backslashes for slashes and numbers for
hosts. What two readers could take for two places is refused, so that what was checked is what is followed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote, urlsplit

import idna

from archwright_runtime.errors import Refusal

_LONGEST = 2000
_SHOWN = 80
_SPLIT = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(.*)", re.DOTALL)
_REFUSED = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_PHONE = re.compile(r"\+?[0-9][0-9().-]{2,30}")
_MAIL = re.compile(r"[A-Za-z0-9.!#$&'*+/=^_`{|}~-]{1,64}@([A-Za-z0-9.-]{1,253})")
_PORTS = {"http": 80, "https": 443}
_PATH_SAFE = "/%:@!$&()*+,;=~-._"
_QUERY_SAFE = _PATH_SAFE + "?"
_NUMERIC = re.compile(r"(0[xX][0-9a-fA-F]*|[0-9]+)")


@dataclass(frozen=True)
class Rules:
    """What a service takes."""

    schemes: frozenset[str] = frozenset({"https", "http"})
    allowed: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    addresses: bool = False


@dataclass(frozen=True)
class Link:
    """An address in its one form.

    Attributes:
        host: in ASCII; empty for a phone number.
        shown: what people read: the host's own letters where nothing speaks against it, shortened.
    """

    url: str
    host: str
    external: bool
    shown: str


def read(text: str, rules: Rules) -> Link:
    """An address that is safe to store and to follow.

    Raises:
        Refusal: it is none, or not one that the service takes.
    """
    found = _SPLIT.fullmatch(text.strip(" "))
    if found is None or len(text) > _LONGEST or _REFUSED.search(text.strip(" ")):
        raise _unsafe("this is not an address")
    scheme = found[1].lower()
    if scheme not in rules.schemes:
        raise _unsafe("addresses of this kind are not taken")
    if scheme == "tel":
        return _phone(found[2])
    if scheme == "mailto":
        return _mail(found[2], rules)
    return _web(scheme, text.strip(" "), rules)


def _phone(number: str) -> Link:
    if not _PHONE.fullmatch(number):
        raise _unsafe("this is not a phone number")
    return Link(f"tel:{number}", "", True, number)


def _mail(address: str, rules: Rules) -> Link:
    found = _MAIL.fullmatch(address)
    if found is None:
        raise _unsafe("this is not one mail address")
    host = _host(found[1], rules)
    _allowed(host, rules)
    return Link(f"mailto:{address.rpartition('@')[0]}@{host}", host, not _among(host, rules.own), address)


def _web(scheme: str, text: str, rules: Rules) -> Link:
    if not re.match(r"[A-Za-z]+://[^/?#]", text):
        raise _unsafe("this address has no host")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise _unsafe("this is not an address") from None
    if "@" in parts.netloc:
        raise _unsafe("an address holds no name and no password")
    host = _host(parts.hostname or "", rules)
    _allowed(host, rules)
    if port == 0 or parts.netloc.endswith(":"):
        raise _unsafe("this is not a port")
    named = f"[{host}]" if ":" in host else host
    place = named if port is None or port == _PORTS[scheme] else f"{named}:{port}"
    rest = quote(parts.path, safe=_PATH_SAFE) or "/"
    rest += f"?{quote(parts.query, safe=_QUERY_SAFE)}" if parts.query else ""
    rest += f"#{quote(parts.fragment, safe=_QUERY_SAFE)}" if parts.fragment else ""
    url = f"{scheme}://{place}{rest}"
    if len(url) > _LONGEST:
        raise _unsafe("this address is too long")
    external = not _among(host, rules.own)
    return Link(url, host, external, _short(url.partition("://")[2].rstrip("/")))


def _host(name: str, rules: Rules) -> str:
    number = _number(name)
    if number is not None:
        if not rules.addresses:
            raise _unsafe("an address names its host and does not number it")
        return number
    try:
        host = idna.encode(name.rstrip("."), uts46=True, std3_rules=True).decode().lower()
    except (idna.IDNAError, UnicodeError, IndexError):
        raise _unsafe("this is not the name of a host") from None
    if _number(host) is not None:
        raise _unsafe("this is not the name of a host")  # digits of another script
    if "." not in host and not rules.addresses:
        raise _unsafe("this host is within a network only")
    return host


def _number(name: str) -> str | None:
    """The canonical form of a host that is a number; one that browsers alone would take for a number is refused."""
    if ":" in name:
        try:
            return str(IPv6Address(name))
        except ValueError:
            raise _unsafe("this is not the number of a host") from None
    if not _NUMERIC.fullmatch(name.rstrip(".").rpartition(".")[2]):
        return None
    try:
        return str(IPv4Address(name))
    except ValueError:
        raise _unsafe("this is not the number of a host") from None


def _allowed(host: str, rules: Rules) -> None:
    if rules.allowed and not _among(host, rules.allowed):
        raise _unsafe("links to this host are not taken")


def _among(host: str, names: tuple[str, ...]) -> bool:
    return any(host == name or host.endswith(f".{name}") for name in names)


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _unsafe(why: str) -> Refusal:
    return Refusal("unsafe-link", why)

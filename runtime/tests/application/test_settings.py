"""What deployments decide."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from archwright_runtime.application.settings import read_deployment, read_settings
from archwright_runtime.errors import SettingError
from archwright_runtime.plan import Setting, Type

from .support import plan

_PLAN = plan(
    settings={
        "smtp-host": Setting(type=Type(kind="text"), default="localhost"),
        "first_day": Setting(type=Type(kind="date"), required=True),
        "limit": Setting(type=Type(kind="int", high=10)),
    }
)


def test_settings_are_values() -> None:
    """Given as text, typed as the plan says, with defaults for what is not given."""
    assert read_settings(_PLAN, {"ARCHWRIGHT_SETTING_FIRST_DAY": "2026-01-01"}) == {
        "smtp-host": "localhost",
        "first_day": date(2026, 1, 1),
        "limit": None,
    }


def test_every_wrong_setting_is_named() -> None:
    """Missing, misspelt and of the wrong type: all at once, by the variable's name."""
    with pytest.raises(SettingError) as refused:
        read_settings(_PLAN, {"ARCHWRIGHT_SETTING_LIMIT": "11", "ARCHWRIGHT_SETTING_LIMTI": "1"})

    for name in ("ARCHWRIGHT_SETTING_FIRST_DAY", "ARCHWRIGHT_SETTING_LIMIT ", "ARCHWRIGHT_SETTING_LIMTI"):
        assert name in str(refused.value)


def test_variables_describe_a_deployment() -> None:
    """The command line goes before the environment."""
    deployment = read_deployment(
        {
            "ARCHWRIGHT_PORT": "8080",
            "ARCHWRIGHT_TRANSPORT": "http",
            "ARCHWRIGHT_SECRETS": "/run/secrets",
            "ARCHWRIGHT_TRUSTED_PROXIES": "10.0.0.0/8, ::1",
            "ARCHWRIGHT_LIMIT_CONCURRENT": "5",
            "PATH": "/bin",
        },
        port=9090,
        host=None,
    )

    assert (deployment.port, deployment.host, deployment.transport) == (9090, "127.0.0.1", "http")
    assert deployment.secrets == Path("/run/secrets")
    assert deployment.limits.concurrent == 5
    assert len(deployment.proxies) == 2


def test_browsers_use_https_unless_told_otherwise() -> None:
    """The safe way is the default."""
    assert read_deployment({}).transport == "https"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("TRANSPORT", "HTTPS "),
        ("ORIGIN", "leave.example.org"),
        ("ORIGIN", "https://a.test/path"),
        ("TRUSTED_PROXIES", "everybody"),
        ("METRICS", "on"),
        ("METRICS", "host:99999"),
        ("TRACE_RATIO", "2"),
        ("TRACE_RATIO", "nan"),
        ("LIMIT_SECONDS", "0"),
        ("LIMIT_SECONDS", "١"),
        ("LOG", "yes"),
        ("PROT", "8080"),
    ],
)
def test_a_wrong_variable_refuses_to_start_and_is_named(name: str, value: str) -> None:
    """A wrong or misspelt variable leaves no default silently in force."""
    with pytest.raises(SettingError, match=f"ARCHWRIGHT_{name}"):
        read_deployment({f"ARCHWRIGHT_{name}": value})

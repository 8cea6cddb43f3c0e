"""Secrets: found where they lie, never shown."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest

from archwright_runtime.errors import SettingError
from archwright_runtime.secrets.source import ROOT, Secret, Secrets
from archwright_runtime.secrets.sources.environment import Environment
from archwright_runtime.secrets.sources.files import Files
from archwright_runtime.secrets.sources.generated import Generated

_VALUE = "correct horse battery staple and more"


@pytest.mark.parametrize("show", [repr, str, "{}".format, lambda secret: f"{secret:>50}", lambda secret: f"{[secret]}"])
def test_a_secret_does_not_show_itself(show: object) -> None:
    """Not in any way in which values are written."""
    assert callable(show)
    assert "horse" not in show(Secret(_VALUE))


def test_a_secret_is_not_written_to_disk() -> None:
    """Pickling refuses."""
    with pytest.raises(TypeError):
        pickle.dumps(Secret(_VALUE))


def test_the_environment_is_a_source() -> None:
    """Names are upper case with underscores; other variables are none of ours."""
    secrets = Secrets([Environment({"ARCHWRIGHT_SECRET_MAIL_SMTP_PASSWORD": _VALUE, "HOME": "/", "X": _VALUE})])

    assert secrets.get("mail.smtp-password").reveal() == _VALUE
    with pytest.raises(SettingError):
        secrets.get("home")


def test_a_directory_is_a_source(tmp_path: Path) -> None:
    """One file each, without its last line end."""
    (tmp_path / "mail.smtp-password").write_text(_VALUE + "\n")

    assert Secrets([Files(tmp_path)]).get("mail.smtp-password").reveal() == _VALUE


@pytest.mark.parametrize("name", ["../outside", "/etc/hostname", "..", ".hidden", "a\\b"])
def test_a_name_stays_in_its_directory(tmp_path: Path, name: str) -> None:
    """No name reaches another place."""
    (tmp_path / "outside").write_text(_VALUE)
    (tmp_path / "in").mkdir()

    assert Files(tmp_path / "in").get(name) is None


@pytest.mark.parametrize("content", [b"\xff\xfe", b"x" * 70_000])
def test_a_file_that_is_no_secret_is_refused(tmp_path: Path, content: bytes) -> None:
    """The message names the secret and shows nothing of it."""
    (tmp_path / "a").write_bytes(content)

    with pytest.raises(SettingError, match="`a`"):
        Files(tmp_path).get("a")


def test_every_missing_secret_is_named_with_its_place(tmp_path: Path) -> None:
    """One start tells all that is missing, and where to put it."""
    secrets = Secrets([Files(tmp_path), Environment({"ARCHWRIGHT_SECRET_A": "1"})])

    with pytest.raises(SettingError) as refused:
        secrets.require(["a", "b", "c.d"])

    assert "`a`" not in str(refused.value)
    assert "ARCHWRIGHT_SECRET_B" in str(refused.value)
    assert str(tmp_path / "c.d") in str(refused.value)


def test_an_empty_secret_is_a_missing_one(tmp_path: Path) -> None:
    """An empty variable or file is a mistake, not a password."""
    (tmp_path / "a").write_text("\n")

    for source in (Files(tmp_path), Environment({"ARCHWRIGHT_SECRET_A": ""})):
        with pytest.raises(SettingError):
            Secrets([source]).require(["a"])


def test_keys_differ_by_purpose_and_agree_between_processes() -> None:
    """Each purpose has a key of its own, the same wherever the root secret is the same."""

    def secrets() -> Secrets:
        return Secrets([Environment({"ARCHWRIGHT_SECRET_SERVICE_KEY": _VALUE})])

    assert secrets().key("cursors") == secrets().key("cursors")
    assert secrets().key("cursors") != secrets().key("form-tokens")
    assert len(secrets().key("cursors")) == 32


def test_a_short_root_secret_refuses_to_start() -> None:
    """Its length is told, its value is not."""
    with pytest.raises(SettingError, match="at least 32") as refused:
        Secrets([Environment({"ARCHWRIGHT_SECRET_SERVICE_KEY": "short"})]).key("x")

    assert "short" not in str(refused.value)


def test_made_up_secrets_are_kept_privately(tmp_path: Path) -> None:
    """Made up once, kept for the owner alone, found again."""
    path = tmp_path / "database.sqlite.secrets.json"

    first = Generated(path).get(ROOT)
    again = Generated(path).get(ROOT)

    assert first is not None
    assert again is not None
    assert first.reveal() == again.reveal()
    assert len(first.reveal()) >= 32
    assert path.stat().st_mode & 0o777 == 0o600


def test_made_up_secrets_that_others_read_are_refused(tmp_path: Path) -> None:
    """A file that was opened up is no secret any more."""
    path = tmp_path / "secrets.json"
    path.write_text(json.dumps({ROOT: _VALUE}))
    path.chmod(0o644)

    with pytest.raises(SettingError, match="chmod 600"):
        Generated(path)


@pytest.mark.parametrize("content", ["{", "[]", '{"a": 1}'])
def test_a_damaged_file_of_made_up_secrets_is_refused(tmp_path: Path, content: str) -> None:
    """Better no start than keys that change with each one."""
    path = tmp_path / "secrets.json"
    path.write_text(content)
    path.chmod(0o600)

    with pytest.raises(SettingError):
        Generated(path)

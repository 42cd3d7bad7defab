"""What is secret of what was asked is neither logged nor kept."""

from typing import Annotated

import msgspec
import pytest

from interlace.management.operation import Asked
from interlace.management.operations import ALL_OPERATIONS
from interlace.management.secret_text import (
    HIDDEN,
    SECRET,
    SecretText,
    public_fields,
    secret_names,
    sounds_secret,
)


class _Entered(Asked, frozen=True, kw_only=True):
    name: str
    password: SecretText = ""
    secrets: Annotated[dict[str, str], SECRET] = msgspec.field(default_factory=dict)


def test_secrets_are_hidden_and_blank_ones_shown_as_blank() -> None:
    """The log tells that a password was entered, not which."""
    assert public_fields(_Entered(name="ada", password="hunter2", secrets={"erp": "s3cret"})) == {
        "name": "ada",
        "password": HIDDEN,
        "secrets": HIDDEN,
    }
    assert public_fields(_Entered(name="ada"))["password"] == ""


@pytest.mark.parametrize(
    ("name", "is_secret"),
    [
        ("password", True),
        ("new_password", True),
        ("secrets.erp.key_file", True),
        ("code", True),
        ("erp_key", False),
        ("postcode", False),
        ("name", False),
    ],
)
def test_forms_of_which_nothing_is_known_leave_out_what_sounds_secret(name: str, *, is_secret: bool) -> None:
    """By its name a field is kept or not; a record's key is no secret."""
    assert sounds_secret(name) is is_secret


def test_every_operation_declares_what_sounds_secret() -> None:
    """No operation asks for a password or secret that it doesn't mark as one."""
    told = ("password", "secret", "secrets")
    unmarked = [
        f"{operation.name}: {name}"
        for operation in ALL_OPERATIONS
        for name in operation.asked.__struct_fields__
        if any(part in told for part in name.split("_")) and name not in secret_names(operation.asked)
    ]
    assert unmarked == []
